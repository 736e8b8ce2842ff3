/**
 * The buffers of the flash loader in RAM, which are filled in turns and, where that is asked for, hold what flash holds when they
 * have been programmed. It knows where they are, and no command.
 */
import { sameBytes } from '@sureflash/image';
import { type DebugAccess, wordBytes, writeWord } from '../cortex/debug-access.ts';
import type { Clock } from '../ports/clock.ts';
import type { Chunk } from '../target/target.ts';
import type { BankBytes } from './flash-algorithm.ts';
import type { WorkArea } from './work-area.ts';

/** What the buffers hold, from the first on, before the loader is told to program it. */
interface Carried {
  readonly address: number;
  readonly bytes: Uint8Array;
  sent: number;
}

/** A buffer that holds, inverted, what flash holds from an address on. */
interface ReadBack {
  readonly buffer: number;
  readonly address: number;
  readonly length: number;
}

export class LoaderBuffers {
  readonly #access: DebugAccess;
  readonly #area: WorkArea;
  #carried: Carried | undefined;
  /** The oldest first. */
  #waiting: ReadBack[] = [];
  #collected: Chunk[] = [];
  #fetchMs = 0;
  readonly #clock: Clock;

  constructor(access: DebugAccess, clock: Clock, area: WorkArea) {
    this.#access = access;
    this.#clock = clock;
    this.#area = area;
  }

  /** The loader has emptied them; what it read back is still there. */
  forget(): void {
    this.#carried = undefined;
  }

  /** The RAM holds something else now. */
  lose(): void {
    this.#carried = undefined;
    this.#waiting = [];
  }

  /** The loader has programmed the bytes of this part from `before` up to `done`, and read them back. */
  programmed({ address, bytes }: BankBytes, before: number, done: number): void {
    const { bufferBytes: size } = this.#area;
    for (let at = before; at < done; at += size) {
      const length = Math.min(size, bytes.length - at);
      this.#waiting.push({ buffer: this.#bufferAt(at), address: address + at, length });
    }
  }

  /** What it took to fetch what was read back, since that was taken. */
  get fetchMs(): number {
    return this.#fetchMs;
  }

  /** Fetches what was read back into one buffer, that which has waited longest. @returns false where there is none */
  async collect(): Promise<boolean> {
    const first = this.#waiting.shift();
    if (first) await this.#fetch(first);
    return first !== undefined;
  }

  /** @returns what was fetched since the last call */
  takeCollected(): Chunk[] {
    const collected = this.#collected;
    this.#collected = [];
    this.#fetchMs = 0;
    return collected;
  }

  /** Nobody wants what was read back. */
  dropReadBack(): void {
    this.#waiting = [];
    this.takeCollected();
  }

  /** @returns whether the buffer for the part that begins at `sent` holds what was read back */
  isWaitingAt(sent: number): boolean {
    const buffer = this.#bufferAt(sent);
    return this.#waiting.some((each) => each.buffer === buffer);
  }

  /** Fills the next buffer while nothing is programmed. @returns false where none is free, or nothing is left for it */
  async carry({ address, bytes }: BankBytes): Promise<boolean> {
    const { bufferBytes, bufferCount } = this.#area;
    this.#carried ??= { address, bytes: bytes.slice(), sent: 0 };
    const { sent, bytes: all } = this.#carried;
    if (sent >= Math.min(all.length, bufferCount * bufferBytes)) return false;
    await this.fill(all, sent);
    this.#carried.sent += bufferBytes;
    return true;
  }

  /** @returns how many of these bytes the buffers hold already; `undefined` where they hold something else */
  take({ address, bytes }: BankBytes): number | undefined {
    const carried = this.#carried;
    this.#carried = undefined;
    if (!carried) return 0;
    return carried.address === address && sameBytes(carried.bytes, bytes) ? carried.sent : undefined;
  }

  /**
   * Writes the part of `bytes` that begins at `sent` into its buffer, and behind it how long it is: the loader may take it.
   * @param fetches whether what was read back into that buffer is fetched before, or lost
   * @returns whether anything was fetched
   */
  async fill(bytes: Uint8Array, sent: number, fetches = true): Promise<boolean> {
    const { bufferBytes: size } = this.#area;
    const part = bytes.subarray(sent, sent + size);
    const buffer = this.#bufferAt(sent);
    const waiting = this.#waiting.findIndex((each) => each.buffer === buffer);
    const [before] = waiting < 0 ? [] : this.#waiting.splice(waiting, 1);
    const fetched = fetches && before !== undefined;
    if (fetched) await this.#fetch(before);
    if (part.length < size) {
      await this.#access.writeMemory(buffer, part);
      await writeWord(this.#access, buffer + size, part.length);
      return fetched;
    }
    const filled = new Uint8Array(size + 4);
    filled.set(part);
    filled.set(wordBytes([size]), size);
    await this.#access.writeMemory(buffer, filled);
    return fetched;
  }

  async #fetch({ buffer, address, length }: ReadBack): Promise<void> {
    const started = this.#clock.now();
    const bytes = await this.#access.readMemory(buffer, length);
    this.#fetchMs += this.#clock.now() - started;
    this.#collected.push({ address, bytes: bytes.map((byte) => ~byte) });
  }

  /** @returns the buffer for the part of some bytes that begins at `sent` */
  #bufferAt(sent: number): number {
    const { buffers, bufferBytes, bufferStride, bufferCount } = this.#area;
    return buffers + ((sent / bufferBytes) % bufferCount) * bufferStride;
  }
}

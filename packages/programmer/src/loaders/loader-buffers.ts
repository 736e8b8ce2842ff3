/** The buffers of the flash loader in RAM, which are filled in turns. It knows where they are, and no command. */
import { sameBytes } from '@sureflash/image';
import { type DebugAccess, wordBytes, writeWord } from '../cortex/debug-access.ts';
import type { BankBytes } from './flash-algorithm.ts';
import type { WorkArea } from './work-area.ts';

/** What the buffers hold, from the first on, before the loader is told to program it. */
interface Carried {
  readonly address: number;
  readonly bytes: Uint8Array;
  sent: number;
}

export class LoaderBuffers {
  readonly #access: DebugAccess;
  readonly #area: WorkArea;
  #carried: Carried | undefined;

  constructor(access: DebugAccess, area: WorkArea) {
    this.#access = access;
    this.#area = area;
  }

  /** The loader has emptied them. */
  forget(): void {
    this.#carried = undefined;
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

  /** Writes the part of `bytes` that begins at `sent` into its buffer, and behind it how long it is: the loader may take it. */
  async fill(bytes: Uint8Array, sent: number): Promise<void> {
    const { buffers, bufferBytes: size, bufferStride, bufferCount } = this.#area;
    const part = bytes.subarray(sent, sent + size);
    const buffer = buffers + ((sent / size) % bufferCount) * bufferStride;
    if (part.length < size) {
      await this.#access.writeMemory(buffer, part);
      await writeWord(this.#access, buffer + size, part.length);
      return;
    }
    const filled = new Uint8Array(size + 4);
    filled.set(part);
    filled.set(wordBytes([size]), size);
    await this.#access.writeMemory(buffer, filled);
  }
}

/** A chip behind a DfuSe loader as a `Target`. It knows the device; `MemoryIo` reaches its memory. */
/// <reference lib="esnext.disposable" preserve="true" />
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import type { About } from '../target/about.ts';
import type { Range, Sector } from '../target/geometry.ts';
import type {
  AskedWait,
  Chunk,
  MemoryWriteOptions,
  OperationOptions,
  SectorEraseOptions,
  Target,
} from '../target/target.ts';
import type { DfuRegion } from './memory/geometry.ts';
import { MASS_ERASE_LIMIT_MS, MemoryIo } from './memory/memory-io.ts';
import { isSilentlyProtected } from './memory/silent-protection.ts';
import { commandName } from './protocol/codes.ts';
import { readAtThrough } from './protocol/read-at.ts';
import type { DfuSession } from './protocol/session.ts';

export interface DfuTargetParts {
  readonly port: UsbPort;
  readonly session: DfuSession;
  readonly clock: Clock;
  readonly about: About;
  readonly regions: readonly DfuRegion[];
  readonly transferSize: number;
  /** Every block gets a Set Address of its own. */
  readonly addressEveryBlock?: boolean;
  /** A protected chip would acknowledge everything and do nothing, so protection is looked for first (a quirk row). */
  readonly silentWhenProtected?: boolean;
}

export class DfuTarget implements Target {
  readonly about: About;
  readonly geometry: readonly DfuRegion[];
  /** Whether the chip may be protected without saying so, and has not been looked at yet. */
  #mustCheckProtection: boolean;
  readonly #port: UsbPort;
  readonly #session: DfuSession;
  readonly #memory: MemoryIo;

  constructor(parts: DfuTargetParts) {
    const { about, port, session, clock, regions, transferSize } = parts;
    this.about = about;
    this.geometry = regions;
    this.#mustCheckProtection = parts.silentWhenProtected ?? false;
    this.#port = port;
    this.#session = session;
    this.#memory = new MemoryIo({
      session,
      clock,
      regions,
      chips: about.chips,
      transferSize,
      addressEveryBlock: parts.addressEveryBlock ?? false,
      isRom: about.kind === 'st-rom',
      isTried: about.kind !== 'st-rom' && about.kind !== 'other-rom',
    });
  }

  /** The waits that the device has asked for, by the names of its operations. */
  get waits(): ReadonlyMap<string, AskedWait> {
    return this.#session.pipeline.waits;
  }

  /**
   * Only ROMs and ST's class are asked: other loaders may never answer, and not every platform can take a request back.
   * @returns names of the commands that the loader offers (AN3156 §5.2); empty if it does not tell them
   */
  async readCommands(): Promise<string[]> {
    if (this.about.kind === 'custom') return [];
    await this.#memory.selectFlash();
    return [...(await this.#session.readCommands())].map(commandName);
  }

  async write(address: number, bytes: Uint8Array, options: MemoryWriteOptions = {}): Promise<void> {
    await this.#assureOpen('write');
    await this.#memory.write(address, bytes, options);
  }

  async erase(sectors: readonly Sector[], options: SectorEraseOptions = {}): Promise<void> {
    await this.#assureOpen('erase');
    await this.#memory.erase(sectors, options);
  }

  read(range: Range, options: OperationOptions = {}): AsyncGenerator<Chunk> {
    return this.#memory.read(range, options, async () => {
      if (this.#memory.regionOf(range).kind === 'flash') await this.#assureOpen('read');
    });
  }

  async readOutside(address: number, length: number): Promise<Uint8Array | undefined> {
    await this.#memory.selectFlash();
    const { bytes } = await readAtThrough(this.#session)(address, length);
    return bytes;
  }

  async eraseAll({ signal }: OperationOptions = {}): Promise<void> {
    await this.#assureOpen('mass erase');
    signal?.throwIfAborted();
    await this.#memory.selectFlash();
    await this.#memory.massErase();
    await this.settle();
  }

  async unprotect(): Promise<void> {
    await this.#memory.selectFlash();
    await this.#session.readUnprotect(MASS_ERASE_LIMIT_MS);
  }

  async answers(): Promise<boolean> {
    return await this.#session.answers();
  }

  async leave(address: number): Promise<void> {
    await this.#memory.selectFlash();
    await this.#memory.setAddress(address);
    await this.#session.leave();
  }

  async settle(): Promise<void> {
    await this.#memory.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#port[Symbol.asyncDispose]();
  }

  async #assureOpen(operation: string): Promise<void> {
    if (!this.#mustCheckProtection) return;
    if (await isSilentlyProtected(this)) throw new FlashError('device/read-protected', { operation });
    this.#mustCheckProtection = false;
  }
}

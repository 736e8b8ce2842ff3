/** A chip behind a debug probe as a `Target`: memory is read directly, flash is driven by `FlashAccess`. It knows no protocol. */
/// <reference lib="esnext.disposable" preserve="true" />
import { FlashError, hasCode } from '../errors.ts';
import type { About } from '../target/about.ts';
import { type Range, type Region, regionHolding, type Sector } from '../target/geometry.ts';
import { outsideFacts } from '../target/other-world.ts';
import type {
  Chunk,
  MemoryWriteOptions,
  OperationOptions,
  SectorEraseOptions,
  Slowness,
  Target,
} from '../target/target.ts';
import { drivenRange, namedChunks } from './driven.ts';
import type { FlashAccess } from './flash-access.ts';
import { holdCore, resetTold, setToStart } from './held-core.ts';
import { eraseEverything } from './mass-erase.ts';
import type { OptionRegisters } from './option-registers.ts';
import { endOfPiece, increasing, isByteMemory, readPiece } from './pieces.ts';
import type { ProbeTargetParts } from './target-parts.ts';

export class ProbeTarget implements Target {
  readonly loadsOptions = true;
  readonly about: About;
  readonly geometry: readonly Region[];
  readonly #parts: ProbeTargetParts;
  /** The core stands still, or runs our code, or cannot be held. */
  #isHeld: boolean;
  /** Flash was changed: the program in it may be half of one. */
  #isChanged = false;
  #wasLeft = false;

  constructor(parts: ProbeTargetParts) {
    this.about = parts.about;
    this.geometry = parts.geometry;
    this.#parts = parts;
    this.#isHeld = parts.mode !== 'hot-plug' || !parts.halts;
  }

  async write(
    address: number,
    bytes: Uint8Array,
    { signal, onBytes, readBack }: MemoryWriteOptions = {},
  ): Promise<void> {
    const region = this.#regionHolding({ start: address, end: address + bytes.length });
    if (region.kind === 'option-bytes') {
      signal?.throwIfAborted();
      await this.#optionsOf().write(address, bytes);
      this.#isHeld = true;
      onBytes?.(bytes.length);
      return;
    }
    if (isByteMemory(region)) {
      const { cells } = this.#parts;
      if (!cells) throw this.#notProgrammable('write to');
      await this.#changing('write', signal, async () => {
        await cells.program(region, { address, bytes }, { signal, onDone: onBytes });
      });
      return;
    }
    const flash = this.#flashHolding({ start: address, end: address + bytes.length });
    await this.#changing('write', signal, async () => {
      for (let at = 0; at < bytes.length; ) {
        const part = flash.firstBankOf(address + at, bytes.subarray(at));
        const onDone = increasing((done) => onBytes?.(at + done));
        const algorithm = await flash.algorithm();
        await algorithm.program(part, { signal, onDone, readBack });
        at += part.bytes.length;
      }
    });
  }

  async erase(
    sectors: readonly Sector[],
    { signal, onErased, next: following }: SectorEraseOptions = {},
  ): Promise<void> {
    const [first] = sectors;
    if (!first) return;
    for (const sector of sectors) this.#flashHolding(sector);
    const flash = this.#flashHolding(first);
    const next = following && flash.firstBankOf(following.address, following.bytes);
    await this.#changing('erase', signal, async () => {
      for (const { series, sectors: each } of flash.seriesOf(sectors)) {
        let told = 0;
        const onDone = (done: number): void => {
          for (; told < done; told++) {
            signal?.throwIfAborted();
            const sector = each[told];
            if (sector) onErased?.(sector);
          }
        };
        await (await flash.algorithm()).erase(series, { signal, onDone, next });
      }
    });
  }

  async *read(range: Range, { signal }: OperationOptions = {}): AsyncGenerator<Chunk> {
    const region = this.#regionHolding(range);
    if (region.kind === 'option-bytes') {
      yield { address: range.start, bytes: await this.#optionsOf().read(range) };
      return;
    }
    const { probe, flash } = this.#parts;
    const isProtected = this.about.readings?.readProtected ?? false;
    if (region.kind === 'flash') await flash?.openForRead(range, this.#isHeld);
    for (let address = range.start; address < range.end; ) {
      signal?.throwIfAborted();
      const end = endOfPiece(range, address);
      const shown =
        flash && this.#isHeld ? drivenRange(flash, { start: address, end }, region) : { start: address, end };
      const bytes = await readPiece(probe, shown, { region, isProtected });
      yield { address, bytes };
      address = end;
    }
  }

  async digest(ranges: readonly Range[], { signal }: OperationOptions = {}): Promise<readonly number[] | undefined> {
    const { flash, mode } = this.#parts;
    if (!flash || this.about.readings?.readProtected || ranges.some(({ start }) => start % 4 !== 0)) return undefined;
    // The program of a chip that was attached to while it runs is only stopped for a change.
    if (mode === 'hot-plug' && !this.#isHeld) return undefined;
    for (const range of ranges) this.#regionHolding(range);
    try {
      await flash.openWorlds();
      const algorithm = await flash.algorithm();
      return await algorithm.digest(
        ranges.map((range) => drivenRange(flash, range)),
        { signal },
      );
    } catch (error) {
      await flash.stop();
      if (hasCode(error, 'core/ram-changed')) flash.giveUpRam();
      if (hasCode(error, 'core/fault', 'core/ram-changed')) return undefined;
      throw error;
    }
  }

  async takeReadBack(): Promise<readonly Chunk[]> {
    const { flash } = this.#parts;
    return flash ? namedChunks(await flash.readBack(), this.geometry) : [];
  }

  get remarks(): readonly string[] {
    return [...this.#parts.findings, ...(this.#parts.probe.remarks ?? [])];
  }

  async slowness(): Promise<Slowness | undefined> {
    const { flash } = this.#parts;
    // How flash is written is tried with the core, which is only stopped for a change.
    if (!flash || !this.#isHeld || this.about.readings?.readProtected) return undefined;
    await flash.algorithm();
    return flash.slowness;
  }

  async eraseAll({ signal }: OperationOptions = {}): Promise<void> {
    const regions = this.geometry.filter(({ kind }) => kind === 'flash');
    const { flash, probe, clock } = this.#parts;
    if (regions.length === 0 || !flash) throw this.#notProgrammable('erase');
    await this.#changing('mass erase', signal, async () => {
      await eraseEverything({ access: probe, clock, signal }, flash, regions);
    });
  }

  async unprotect(): Promise<void> {
    if (!this.#parts.options) throw this.#notProgrammable('remove read protection from');
    await this.#optionsOf().open();
    this.#isHeld = true;
  }

  async leave(address: number): Promise<void> {
    const { probe, core, flash } = this.#parts;
    await flash?.stop();
    // Where there are two worlds, secure code starts, and leads to the other one by itself.
    if (flash?.isSecure) {
      await this.reset();
      return;
    }
    await setToStart({ probe, core }, address);
    await core.release();
    this.#wasLeft = true;
  }

  async reset(): Promise<void> {
    const { core, flash } = this.#parts;
    await flash?.stop();
    await core.resetAndRun();
    this.#wasLeft = true;
  }

  async settle(): Promise<void> {
    try {
      await this.#parts.flash?.stop();
    } catch {
      // What cannot be stopped shows in the next operation, with its own error.
    }
  }

  /** A chip that was not changed goes on with its program; one that was stands at its first instruction until it is started. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { core, probe, flash, halts } = this.#parts;
    try {
      await flash?.stop();
      if (halts && this.#isHeld && !this.#isChanged && !this.#wasLeft) await core.resetAndRun();
    } catch {
      // A chip that is gone has nothing to be started.
    } finally {
      await probe[Symbol.asyncDispose]();
    }
  }

  /** Work that changes flash: nothing of it goes on after a failure. */
  async #changing(operation: string, signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
    signal?.throwIfAborted();
    if (this.about.readings?.readProtected)
      throw new FlashError('device/read-protected', { operation, debugger: true });
    const { core, flash } = this.#parts;
    if (!this.#isHeld) await holdCore(this.#parts);
    this.#isHeld = true;
    this.#isChanged = true;
    this.#wasLeft = false;
    try {
      await flash?.openWorlds();
      await work();
      // Code in RAM notices a reset by its own end; registers take what follows it for the next operation.
      if (flash?.slowness && (await core.status()).wasReset) throw new FlashError('core/reset', { operation });
    } catch (error) {
      const told = await resetTold(this.#parts, operation, error);
      await this.settle();
      throw told;
    }
  }

  #regionHolding({ start, end }: Range): Region {
    const region = regionHolding(this.geometry, { start, end });
    if (!region) throw new FlashError('plan/outside', outsideFacts({ start, end }, this.geometry));
    return region;
  }

  #optionsOf(): OptionRegisters {
    if (!this.#parts.options) throw this.#notProgrammable('reach the option bytes of');
    return this.#parts.options;
  }

  #flashHolding(range: Range): FlashAccess {
    const { start, end } = range;
    if (this.#regionHolding(range).kind !== 'flash') throw new FlashError('plan/read-only', { start, end });
    const { flash } = this.#parts;
    if (!flash) throw this.#notProgrammable('write to');
    return flash;
  }

  #notProgrammable(what: string): FlashError<'device/not-programmable'> {
    const detail = `nothing known here can ${what} this chip over SWD`;
    return new FlashError('device/not-programmable', { detail, cannotDetach: true });
  }
}

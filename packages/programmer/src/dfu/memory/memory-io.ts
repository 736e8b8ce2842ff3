/** Reads, writes and erases of a chip's memory through a DfuSe session. It knows regions and blocks, and no device. */
import type { Chip } from '@sureflash/chips';
import { FlashError, hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { describeRegions, type Range, regionHolding, type Sector } from '../../target/geometry.ts';
import type { Chunk, MemoryWriteOptions, OperationOptions, SectorEraseOptions } from '../../target/target.ts';
import { readBlocks } from '../protocol/read-ahead.ts';
import { runInOrder } from '../protocol/run-in-order.ts';
import { type DfuSession, dataBlock, SET_ADDRESS } from '../protocol/session.ts';
import { blocksOf, MOST_BLOCKS, readable, runsOf } from './blocks.ts';
import type { DfuRegion } from './geometry.ts';
import { SHORT_BLOCK, type TrialParts, Trials } from './trials.ts';

/** A run of blocks whose first was read. */
interface BegunRun {
  readonly first: IteratorResult<Chunk, void>;
  readonly rest: AsyncGenerator<Chunk, void>;
}

export interface MemoryIoParts extends TrialParts {
  readonly clock: Clock;
  readonly regions: readonly DfuRegion[];
  /** The chips that the device may be; their erase times decide when a device that stays busy is freed. */
  readonly chips: readonly Chip[];
  /** Every block gets a Set Address of its own. */
  readonly addressEveryBlock: boolean;
}

/** The longest erase of one sector in the tables is 4 s (F4 and H7, 128 KB, x8 programming); older lots take more. */
const ERASE_LIMIT_MS = 10_000;
/** F4 at x8 takes up to 32 s (DS8626 table 40); dfu-util allows 35 s. */
export const MASS_ERASE_LIMIT_MS = 60_000;
const WRITE_LIMIT_MS = 5_000;
/** How long in ms the device may still be busy after a stop with an operation that was asked for before it. */
export const SETTLE_LIMIT_MS = 10_000;
/** Pause in ms between looks at a sector that should become erased. */
const ERASED_LOOK_MS = 100;
/** Blocks that are asked for beyond the one that is awaited: the device need not wait for the host. */
const READ_AHEAD = 2;

/** Every method throws `plan/outside`, `device/read-protected`, `dfu/*`, `usb/*`, or the signal's reason unchanged. */
export class MemoryIo {
  readonly #parts: MemoryIoParts;
  readonly #session: DfuSession;
  readonly #trials: Trials;
  #alternate = -1;

  constructor(parts: MemoryIoParts) {
    this.#parts = parts;
    this.#session = parts.session;
    this.#trials = new Trials(parts);
  }

  /** @throws FlashError `plan/outside` unless one region holds all of the range */
  regionOf({ start, end }: Range): DfuRegion {
    const { regions } = this.#parts;
    const region = regionHolding(regions, { start, end });
    if (!region) throw new FlashError('plan/outside', { start, end, available: describeRegions(regions) });
    return region;
  }

  /** Selects the alternate setting of the region that holds the range, and makes the device ready for a command. */
  async select({ start, end }: Range, signal: AbortSignal | undefined): Promise<DfuRegion> {
    signal?.throwIfAborted();
    const region = this.regionOf({ start, end });
    if (region.alternate === this.#alternate) {
      await this.#session.toReady(SETTLE_LIMIT_MS);
      return region;
    }
    await this.#session.selectAlternate(region.alternate);
    this.#alternate = region.alternate;
    await this.#session.toIdle(SETTLE_LIMIT_MS);
    return region;
  }

  /** Brings the device to dfuIDLE in the setting of its flash. F4 ROMs start in dfuERROR, where they refuse everything. */
  async selectFlash(): Promise<void> {
    const flash = this.#parts.regions.find(({ kind }) => kind === 'flash');
    if (flash) await this.select(flash.sectors[0] ?? flash, undefined);
    await this.#session.toIdle(SETTLE_LIMIT_MS);
  }

  async write(address: number, bytes: Uint8Array, { signal, onBytes }: MemoryWriteOptions): Promise<void> {
    await this.select({ start: address, end: address + bytes.length }, signal);
    for (const { start, end } of this.#runs({ start: 0, end: bytes.length })) {
      const report = (done: number): void => onBytes?.(start + done);
      await this.#writeRun(address + start, bytes.subarray(start, end), { signal, report });
    }
  }

  async erase(sectors: readonly Sector[], { signal, onErased }: SectorEraseOptions): Promise<void> {
    for (const group of this.#byAlternate(sectors)) {
      const [first] = group;
      if (!first) continue;
      await this.select(first, signal);
      await this.#trials.tryBlock(async () => await this.setAddress(first.start));
      await runInOrder(group, {
        start: async (sector) => await this.#eraseOne(sector),
        mayQueue: () => this.#session.pipeline.mayFollow('erase'),
        done: (sector) => onErased?.(sector),
        signal,
      });
    }
  }

  /**
   * Ascending chunks without gaps; the device is at rest when the loop ends, however it ends.
   * @param before is waited for first
   */
  async *read(range: Range, { signal }: OperationOptions, before?: () => Promise<void>): AsyncGenerator<Chunk> {
    await before?.();
    try {
      const region = await this.select(range, signal);
      for (const run of this.#runs(range)) {
        const { first, rest } = await this.#beginRun(readable(run, region), signal);
        try {
          for (let step = first; !step.done; step = await rest.next()) yield partWithin(step.value, run);
        } finally {
          await rest.return(undefined);
        }
      }
    } finally {
      await this.settle();
    }
  }

  async massErase(): Promise<void> {
    await this.#guarded(this.#session.massErase(MASS_ERASE_LIMIT_MS), { operation: 'mass erase' });
  }

  async setAddress(address: number): Promise<void> {
    await this.#guarded(this.#session.setAddress(address), { operation: SET_ADDRESS, address });
  }

  /** Brings the device to rest; never throws. */
  async settle(): Promise<void> {
    try {
      await this.#session.toIdle(SETTLE_LIMIT_MS);
    } catch {
      // The caller needs the earlier failure; a link that cannot come to rest shows at the next call.
    }
  }

  /** @returns the sectors in groups of neighbours in the list that are reached through the same alternate setting */
  #byAlternate(sectors: readonly Sector[]): Sector[][] {
    const groups: { alternate: number; sectors: Sector[] }[] = [];
    for (const sector of sectors) {
      const { alternate } = this.regionOf(sector);
      const last = groups.at(-1);
      if (last?.alternate === alternate) last.sectors.push(sector);
      else groups.push({ alternate, sectors: [sector] });
    }
    return groups.map((group) => group.sectors);
  }

  async #eraseOne(sector: Sector): Promise<void> {
    const typicalMs = this.#typicalEraseMs(sector.end - sector.start);
    const times = { limitMs: ERASE_LIMIT_MS, ...(typicalMs !== undefined && { typicalMs }) };
    const erased = this.#session.erase(sector.start, times);
    const completion = await this.#guarded(erased, { operation: 'erase', address: sector.start });
    if (completion === 'freed') await this.#waitUntilErased(sector);
  }

  async #writeRun(
    address: number,
    bytes: Uint8Array,
    { signal, report }: { signal: AbortSignal | undefined; report: (done: number) => void },
  ): Promise<void> {
    if (bytes.length === 0) return;
    await this.setAddress(address);
    await runInOrder(blocksOf(bytes, this.#parts.transferSize), {
      start: ({ n, at, bytes: block }) => {
        const operation = { name: 'write', address: address + at, limitMs: WRITE_LIMIT_MS };
        const written = this.#session.writeBlock(dataBlock(n), block, operation);
        return this.#guarded(written, { operation: 'write', address: address + at });
      },
      mayQueue: () => this.#session.pipeline.mayFollow('write'),
      done: ({ at, bytes: block }) => report(at + block.length),
      signal,
    });
  }

  /**
   * Reads the first block of a run. Where the ABORT was queued behind the Set Address and the device was still busy, it has
   * refused the ABORT: then the run starts again, once, with an ABORT that waits.
   */
  async #beginRun(run: Range, signal: AbortSignal | undefined): Promise<BegunRun> {
    const { pipeline } = this.#session;
    const isQueued = pipeline.mayFollow(SET_ADDRESS);
    const rest = await this.#askFor(run, signal);
    try {
      return { first: await rest.next(), rest };
    } catch (error) {
      const isRefusal = hasCode(error, 'usb/stall') || hasCode(error, 'dfu/status');
      if (!isRefusal || !isQueued || pipeline.mayFollow(SET_ADDRESS)) throw error;
    }
    return await this.#beginRun(run, signal);
  }

  async #askFor({ start, end }: Range, signal: AbortSignal | undefined): Promise<AsyncGenerator<Chunk, void>> {
    const length = Math.min(this.#parts.transferSize, end - start);
    const pointing = { operation: SET_ADDRESS, address: start };
    await this.#session.toIdle();
    const { ready } = await this.#guarded(this.#session.pointTo(start), pointing);
    return readBlocks({
      range: { start, end },
      length,
      ready: this.#guarded(ready, pointing),
      ahead: this.#session.pipeline.queues ? READ_AHEAD : 0,
      read: (n, address) => this.#guarded(this.#readBlock(n, length, address), { operation: 'read', address }),
      signal,
      isSilent: () => this.#session.isSilent,
    });
  }

  async #readBlock(n: number, length: number, address: number): Promise<Uint8Array> {
    const bytes = await this.#session.readBlock(dataBlock(n), length, { address, checked: this.#parts.isTried });
    if (this.regionOf({ start: address, end: address + length }).kind === 'flash') this.#trials.noteRead();
    return bytes;
  }

  #runs(range: Range): Range[] {
    const { transferSize, addressEveryBlock } = this.#parts;
    return runsOf(range, transferSize, addressEveryBlock ? 1 : MOST_BLOCKS);
  }

  async #guarded<T>(work: Promise<T>, facts: { operation: string; address?: number }): Promise<T> {
    return await this.#trials.guarded(work, facts, async () => await this.#readSome());
  }

  async #readSome(): Promise<void> {
    const flash = this.#parts.regions.find(({ kind }) => kind === 'flash');
    const { start } = flash?.sectors.find(({ readable }) => readable) ?? { start: 0 };
    await this.settle();
    for await (const _ of this.read({ start, end: start + SHORT_BLOCK }, {})) return;
  }

  async #waitUntilErased(sector: Sector): Promise<void> {
    const { clock } = this.#parts;
    const deadline = clock.now() + ERASE_LIMIT_MS;
    for (;;) {
      const found = await this.#firstNotErased(sector);
      if (!found) return;
      if (clock.now() >= deadline) throw new FlashError('verify/not-erased', found);
      await clock.sleep(ERASED_LOOK_MS);
    }
  }

  async #firstNotErased(sector: Sector): Promise<{ address: number; found: number } | undefined> {
    const { erasedValue } = this.regionOf(sector);
    for await (const { address, bytes } of this.read(sector, {})) {
      const at = bytes.findIndex((byte) => byte !== erasedValue);
      if (at >= 0) return { address: address + at, found: bytes[at] ?? 0 };
    }
    return undefined;
  }

  #typicalEraseMs(size: number): number | undefined {
    const times = this.#parts.chips.map((chip) => chip.timing?.erase[size]?.typMs ?? 0);
    const longest = Math.max(0, ...times);
    return longest > 0 ? longest : undefined;
  }
}

/** @returns the part of a chunk that lies in `run` */
function partWithin(chunk: Chunk, run: Range): Chunk {
  const { address, bytes } = chunk;
  if (address >= run.start && address + bytes.length <= run.end) return chunk;
  return { address: run.start, bytes: bytes.slice(run.start - address, run.end - address) };
}

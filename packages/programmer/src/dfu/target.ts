/** A chip behind a DfuSe loader as a `Target`: addresses become blocks, operations become requests. */
import { FlashError, hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { describeRegions, type Range, regionHolding, type Sector } from '../target/geometry.ts';
import type { Chunk, EraseOptions, OperationOptions, Target, WriteOptions } from '../target/target.ts';
import { commandName } from './codes.ts';
import type { Examination } from './examine.ts';
import type { DfuRegion } from './geometry.ts';
import type { Identification } from './identify.ts';
import { readBlocks } from './read-ahead.ts';
import { type AskedWait, type DfuSession, dataBlock, SET_ADDRESS } from './session.ts';
import { isSilentlyProtected } from './silent-protection.ts';
import { takeTurns } from './turns.ts';

export interface DfuTargetParts {
  readonly port: UsbPort;
  readonly session: DfuSession;
  readonly clock: Clock;
  readonly identification: Identification;
  readonly regions: readonly DfuRegion[];
  readonly transferSize: number;
  /** Every block gets a Set Address of its own. */
  readonly addressEveryBlock?: boolean;
  /** What a protected chip would acknowledge and not do is found out first (a quirk row). */
  readonly silentWhenProtected?: boolean;
  /** Where the chip table says otherwise than the device, and was believed. */
  readonly differences?: readonly string[];
  readonly examination?: Examination;
}

/** The longest erase of one sector in the tables is 4 s (F4 and H7, 128 KB, x8 programming); older lots take more. */
const ERASE_LIMIT_MS = 10_000;
/** F4 at x8 takes up to 32 s (DS8626 table 40); dfu-util allows 35 s. */
const MASS_ERASE_LIMIT_MS = 60_000;
const WRITE_LIMIT_MS = 5_000;
/** How long after a stop the device may still be busy with what was asked of it before. */
const SETTLE_LIMIT_MS = 10_000;
/** Pause between looks at a sector that should become erased. */
const ERASED_LOOK_MS = 100;
/** Blocks that are asked for while one is looked at: the device need not wait for us. */
const READ_AHEAD = 2;
/** Data blocks count from 2 and their number has 16 bits. */
const MOST_BLOCKS = 0xfffe;
/** AN3156 §5.1: a read takes 2 bytes at least. */
const SHORTEST_READ = 2;

export class DfuTarget implements Target {
  readonly identification: Identification;
  readonly geometry: readonly DfuRegion[];
  readonly transferSize: number;
  readonly differences: readonly string[];
  /** What reading the device has told about its chip; absent where nobody has asked. */
  readonly examination?: Examination;
  readonly #blocksPerAddress: number;
  #silentWhenProtected: boolean;
  readonly #port: UsbPort;
  readonly #session: DfuSession;
  readonly #clock: Clock;
  #alternate = -1;

  constructor({ port, session, clock, identification, regions, transferSize, ...rest }: DfuTargetParts) {
    const { addressEveryBlock = false, silentWhenProtected = false, differences = [], examination } = rest;
    this.differences = differences;
    if (examination) this.examination = examination;
    this.#blocksPerAddress = addressEveryBlock ? 1 : MOST_BLOCKS;
    this.#silentWhenProtected = silentWhenProtected;
    this.#port = port;
    this.#session = session;
    this.#clock = clock;
    this.identification = identification;
    this.geometry = regions;
    this.transferSize = transferSize;
  }

  get description(): string {
    return this.identification.title;
  }

  /** What the device has asked the host to wait, by the names of its operations. */
  get waits(): ReadonlyMap<string, AskedWait> {
    return this.#session.waits;
  }

  /** Names of the commands that the loader offers (AN3156 §5.2); empty where it does not tell. */
  async readCommands(): Promise<string[]> {
    await this.#session.toIdle(SETTLE_LIMIT_MS);
    return [...(await this.#session.readCommands())].map(commandName);
  }

  async write(address: number, bytes: Uint8Array, { signal, onBytes }: WriteOptions = {}): Promise<void> {
    await this.#assureOpen('write');
    await this.#select({ start: address, end: address + bytes.length }, signal);
    for (const { start, end } of this.#runs({ start: 0, end: bytes.length })) {
      const report = (done: number): void => onBytes?.(start + done);
      await this.#writeRun(address + start, bytes.subarray(start, end), { signal, report });
    }
  }

  async erase(sectors: readonly Sector[], { signal, onErased }: EraseOptions = {}): Promise<void> {
    await this.#assureOpen('erase');
    for (const group of this.#byAlternate(sectors)) {
      await this.#select(group[0] ?? { start: 0, end: 0 }, signal);
      await takeTurns(group, {
        start: async (sector) => await this.#eraseOne(sector),
        mayQueue: () => this.#session.holdsPolls('erase'),
        done: (sector) => onErased?.(sector),
        signal,
      });
    }
  }

  /** Neighbours in the list that are reached through the same alternate setting. */
  #byAlternate(sectors: readonly Sector[]): Sector[][] {
    const groups: { alternate: number; sectors: Sector[] }[] = [];
    for (const sector of sectors) {
      const { alternate } = this.#regionOf(sector);
      const last = groups.at(-1);
      if (last?.alternate === alternate) last.sectors.push(sector);
      else groups.push({ alternate, sectors: [sector] });
    }
    return groups.map((group) => group.sectors);
  }

  async #eraseOne(sector: Sector): Promise<void> {
    const typicalMs = this.#typicalEraseMs(sector.end - sector.start);
    const times = { limitMs: ERASE_LIMIT_MS, ...(typicalMs !== undefined && { typicalMs }) };
    const completion = await this.#guard('erase', sector.start, this.#session.erase(sector.start, times));
    if (completion === 'freed') await this.#waitUntilErased(sector);
  }

  async *read(range: Range, { signal }: OperationOptions = {}): AsyncGenerator<Chunk> {
    if (this.#regionOf(range).kind === 'flash') await this.#assureOpen('read');
    try {
      const region = await this.#select(range, signal);
      for (const run of this.#runs(range)) {
        const short = SHORTEST_READ - (run.end - run.start);
        if (short <= 0) {
          yield* this.#readRun(run, signal);
          continue;
        }
        const wider =
          run.start > region.start ? { ...run, start: run.start - short } : { ...run, end: run.end + short };
        for await (const { address, bytes } of this.#readRun(wider, signal)) {
          yield { address: run.start, bytes: bytes.slice(run.start - address, run.end - address) };
        }
      }
    } finally {
      await this.settle();
    }
  }

  async eraseAll({ signal }: OperationOptions = {}): Promise<void> {
    await this.#assureOpen('mass erase');
    const flash = this.geometry.find((region) => region.kind === 'flash');
    if (flash) await this.#select(flash.sectors[0] ?? flash, signal);
    signal?.throwIfAborted();
    // F4 ROMs start in dfuERROR, where they refuse everything.
    await this.#session.toIdle();
    await this.#guard('mass erase', undefined, this.#session.massErase(MASS_ERASE_LIMIT_MS));
    await this.settle();
  }

  async unprotect(): Promise<void> {
    await this.#session.toIdle();
    await this.#session.readUnprotect(MASS_ERASE_LIMIT_MS);
  }

  async leave(address: number): Promise<void> {
    await this.#session.toIdle();
    await this.#guard(SET_ADDRESS, address, this.#session.setAddress(address));
    await this.#session.leave();
  }

  async settle(): Promise<void> {
    try {
      await this.#session.toIdle(SETTLE_LIMIT_MS);
    } catch {
      // What failed before is what the caller wants to know; a link that cannot come to rest shows at the next call.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#port[Symbol.asyncDispose]();
  }

  async #writeRun(
    address: number,
    bytes: Uint8Array,
    { signal, report }: { signal: AbortSignal | undefined; report: (done: number) => void },
  ): Promise<void> {
    if (bytes.length === 0) return;
    await this.#guard(SET_ADDRESS, address, this.#session.setAddress(address));
    await takeTurns(blocksOf(bytes, this.transferSize), {
      start: async ({ n, at, block }) => {
        const operation = { name: 'write', address: address + at, limitMs: WRITE_LIMIT_MS };
        await this.#guard('write', address + at, this.#session.writeBlock(dataBlock(n), block, operation));
      },
      mayQueue: () => this.#session.holdsPolls('write'),
      done: ({ at, block }) => report(at + block.length),
      signal,
    });
  }

  /**
   * What one Set Address serves. The loader computes addresses from the size of the block, so that a shorter last one
   * needs a base of its own.
   */
  #runs({ start, end }: Range): Range[] {
    const most = this.#blocksPerAddress * this.transferSize;
    const whole = end - ((end - start) % this.transferSize);
    const runs: Range[] = [];
    for (let at = start; at < whole; at += most) runs.push({ start: at, end: Math.min(at + most, whole) });
    if (whole < end) runs.push({ start: whole, end });
    return runs;
  }

  async *#readRun(run: Range, signal: AbortSignal | undefined): AsyncGenerator<Chunk> {
    const isQueued = this.#session.holdsPolls(SET_ADDRESS);
    const blocks = await this.#askFor(run, signal);
    let isBegun = false;
    try {
      const first = await blocks.next();
      isBegun = true;
      if (first.done) return;
      yield first.value;
      yield* blocks;
    } catch (error) {
      // One that was still busy when the ABORT came has refused it, and will not be taken by surprise again.
      const isRefusal = hasCode(error, 'usb/stall') || hasCode(error, 'dfu/status');
      if (isBegun || !isRefusal || !isQueued || this.#session.holdsPolls(SET_ADDRESS)) throw error;
      yield* this.#readRun(run, signal);
    } finally {
      await blocks.return(undefined);
    }
  }

  async #askFor({ start, end }: Range, signal: AbortSignal | undefined): Promise<AsyncGenerator<Chunk>> {
    const length = Math.min(this.transferSize, end - start);
    await this.#session.toIdle();
    const { ready } = await this.#guard(SET_ADDRESS, start, this.#session.pointTo(start));
    return readBlocks({
      range: { start, end },
      length,
      ready: this.#guard(SET_ADDRESS, start, ready),
      ahead: this.#session.queues ? READ_AHEAD : 0,
      read: async (n, address) =>
        await this.#guard('read', address, this.#session.readBlock(dataBlock(n), length, address)),
      signal,
      isSilent: () => this.#session.isSilent,
    });
  }

  #regionOf({ start, end }: Range): DfuRegion {
    const region = regionHolding(this.geometry, { start, end });
    if (!region) throw new FlashError('plan/outside', { start, end, available: describeRegions(this.geometry) });
    return region;
  }

  async #select({ start, end }: Range, signal: AbortSignal | undefined): Promise<DfuRegion> {
    signal?.throwIfAborted();
    const region = this.#regionOf({ start, end });
    if (region.alternate === this.#alternate) {
      await this.#session.toReady(SETTLE_LIMIT_MS);
      return region;
    }
    await this.#session.selectAlternate(region.alternate);
    this.#alternate = region.alternate;
    await this.#session.toIdle(SETTLE_LIMIT_MS);
    return region;
  }

  /** A ROM answers everything with errVENDOR while read protection is on (AN3156 §5). */
  async #guard<T>(operation: string, address: number | undefined, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (this.#isRom && hasCode(error, 'dfu/status') && error.facts.status === 'errVENDOR') {
        const place = address === undefined ? {} : { address };
        throw new FlashError('device/read-protected', { operation, ...place }, error);
      }
      throw error;
    }
  }

  get #isRom(): boolean {
    return this.identification.loader === 'st-rom';
  }

  async #assureOpen(operation: string): Promise<void> {
    if (!this.#silentWhenProtected) return;
    if (await isSilentlyProtected(this)) throw new FlashError('device/read-protected', { operation });
    this.#silentWhenProtected = false;
  }

  async #waitUntilErased(sector: Sector): Promise<void> {
    const deadline = this.#clock.now() + ERASE_LIMIT_MS;
    for (;;) {
      const found = await this.#firstNotErased(sector);
      if (!found) return;
      if (this.#clock.now() >= deadline) throw new FlashError('verify/not-erased', found);
      await this.#clock.sleep(ERASED_LOOK_MS);
    }
  }

  async #firstNotErased(sector: Sector): Promise<{ address: number; found: number } | undefined> {
    const erasedValue = regionHolding(this.geometry, sector)?.erasedValue;
    for await (const { address, bytes } of this.read(sector)) {
      const at = bytes.findIndex((byte) => byte !== erasedValue);
      if (at >= 0) return { address: address + at, found: bytes[at] ?? 0 };
    }
    return undefined;
  }

  #typicalEraseMs(size: number): number | undefined {
    const times = this.identification.chips.map((chip) => chip.timing?.erase[size]?.typMs ?? 0);
    const longest = Math.max(0, ...times);
    return longest > 0 ? longest : undefined;
  }
}

/** Pieces of `size` bytes, numbered from 0; the last may be shorter. */
function blocksOf(bytes: Uint8Array, size: number): { n: number; at: number; block: Uint8Array }[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, n) => ({
    n,
    at: n * size,
    block: bytes.subarray(n * size, (n + 1) * size),
  }));
}

/**
 * The first erase of a loader that nobody knows: a map proves nothing, so the look behind it tells whether that sector was
 * erased, all of it and nothing else. What it takes otherwise is written back.
 */
import { type Segment, sameBytes } from '@sureflash/image';
import { FlashError, hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Range, type Region, regionHolding, type Sector } from '../../target/geometry.ts';
import type { OperationOptions, Target } from '../../target/target.ts';
import { isErased, WHOLE } from '../memory/look.ts';
import { readMemoryBytes, readTwice } from '../memory/read-memory.ts';

/** So much on both sides is read before, and could be written back. */
const LOOKED_AT_BYTES = 16 * 1024;

/** @returns whether a first erase on this target has to be looked at */
export const mustTryErase = ({ about: { kind } }: Target): boolean =>
  kind === 'custom' || kind === 'cubemx-application';

/** Keeps what the erase may take beside its sector, until it is known what it has taken. */
export interface NeighbourGuard {
  /** Before the erase. It resolves when the bytes would survive the end of the process. */
  hold(segments: readonly Segment[]): Promise<void>;
  /** They are in flash. */
  release(): void;
}

interface FirstEraseOptions extends OperationOptions {
  readonly clock?: Clock | undefined;
  readonly guard?: NeighbourGuard | undefined;
}

/**
 * Erases the sector. What else may be wrong with it, the proof finds.
 * @returns the time in ms that the looks have taken
 * @throws FlashError `verify/erased-otherwise`; what the target throws
 */
export async function eraseFirst(
  target: Target,
  sector: Sector,
  { clock, guard, ...options }: FirstEraseOptions = {},
): Promise<number> {
  const now = (): number => clock?.now() ?? 0;
  const region = regionHolding(target.geometry, sector);
  const window = region && windowOf(region, sector);
  const started = now();
  const before = window && (await bytesOf(target, window, options));
  const erasing = now();
  if (window && before && region) await guard?.hold(neighbours(sector, { window, before, region }));
  await target.erase([sector], options);
  const erasedAt = now();
  if (!region || !window || !before) return erasing - started;
  const after = await readMemoryBytes(target, window);
  const taken = takenBytes({ before, after }, region.erasedValue) ?? emptyPages(sector, { window, after, region });
  const erased = { start: window.start + taken.start, end: window.start + taken.end };
  const isWrong =
    taken.end > taken.start &&
    (erased.start < sector.start || erased.end > sector.end || isShort(erased, sector, { window, after, region }));
  // One read that is wrong shall not blame an erase that was right.
  const isSeenTwice = isWrong && sameBytes(await readMemoryBytes(target, window), after);
  if (!isSeenTwice) {
    guard?.release();
    return erasing - started + (now() - erasedAt);
  }
  const restored = await restore(target, { ...erased, window, before, region });
  if (restored) guard?.release();
  // What was blank before belongs to it where it still is.
  const isFromStart = isBlankUpTo(erased, sector, { window, after, region });
  const erasedStart = isFromStart ? Math.min(erased.start, sector.start) : erased.start;
  const facts = { erasedStart, erasedEnd: erased.end, restored };
  throw new FlashError('verify/erased-otherwise', { start: sector.start, end: sector.end, ...facts });
}

/** Neighbours that cannot be read, or not twice alike, tell nothing. */
async function bytesOf(target: Target, window: Range, options: OperationOptions): Promise<Uint8Array | undefined> {
  try {
    return await readTwice(target, window, options);
  } catch (error) {
    if (!hasCode(error, 'usb/stall', 'dfu/status', 'read/short', 'device/unstable-read')) throw error;
    await target.settle();
    return undefined;
  }
}

/** Sectors that meet, around the one that is erased. */
function windowOf({ sectors }: Region, sector: Sector): Range | undefined {
  if (!sector.readable) return undefined;
  const at = sectors.findIndex(({ start }) => start === sector.start);
  let [first, last] = [at, at];
  const isNear = (a: Sector | undefined, b: Sector | undefined): boolean =>
    a?.readable === true && b?.readable === true && a.end === b.start;
  while (
    isNear(sectors[first - 1], sectors[first]) &&
    sector.start - (sectors[first - 1]?.start ?? 0) <= LOOKED_AT_BYTES
  )
    first--;
  while (isNear(sectors[last], sectors[last + 1]) && (sectors[last + 1]?.end ?? 0) - sector.end <= LOOKED_AT_BYTES)
    last++;
  return { start: sectors[first]?.start ?? sector.start, end: sectors[last]?.end ?? sector.end };
}

interface Before {
  readonly window: Range;
  readonly before: Uint8Array;
  readonly region: Region;
}

/** What stands in the other sectors of the window; nothing of one that is erased. */
function neighbours(sector: Sector, { window, before, region }: Before): Segment[] {
  return region.sectors.flatMap((each) => {
    if (each.start === sector.start || each.start < window.start || each.end > window.end) return [];
    const bytes = before.slice(each.start - window.start, each.end - window.start);
    return isErased(bytes, WHOLE, region.erasedValue) ? [] : [{ address: each.start, bytes }];
  });
}

interface BeforeAndAfter {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** From the first byte that was something and is erased now to the last. */
function takenBytes({ before, after }: BeforeAndAfter, erasedValue: number): Range | undefined {
  const isTaken = (i: number): boolean => after[i] === erasedValue && before[i] !== erasedValue;
  let start = 0;
  while (start < before.length && !isTaken(start)) start++;
  let end = before.length;
  while (end > start && !isTaken(end - 1)) end--;
  return start < end ? { start, end } : undefined;
}

/** Pages of flash are multiples of it: content begins elsewhere by chance alone. */
const PAGE_UNIT = 1024;

/**
 * What the erase took where nothing in the window became blank: whole pages at the beginning of the sector, as an earlier run
 * leaves them that was broken off there. Empty where the sector begins otherwise.
 */
function emptyPages(
  sector: Sector,
  { window, after, region }: { window: Range; after: Uint8Array; region: Region },
): Range {
  const start = sector.start - window.start;
  let end = start;
  while (end < after.length && after[end] === region.erasedValue) end++;
  const isWholePages = end < sector.end - window.start && (end - start) % PAGE_UNIT === 0;
  return isWholePages ? { start, end } : { start, end: start };
}

/** The beginning was erased, and what stands behind it was not. */
function isShort(
  erased: Range,
  sector: Sector,
  { window, after, region }: { window: Range; after: Uint8Array; region: Region },
): boolean {
  const rest = after.subarray(erased.end - window.start, sector.end - window.start);
  return rest.length > 0 && !isErased(rest, WHOLE, region.erasedValue);
}

/** From the start of the sector up to what was taken nothing stands. */
function isBlankUpTo(
  { start }: Range,
  sector: Sector,
  { window, after, region }: { window: Range; after: Uint8Array; region: Region },
): boolean {
  const bytes = after.subarray(sector.start - window.start, Math.min(start, sector.end) - window.start);
  return start <= sector.start || isErased(bytes, WHOLE, region.erasedValue);
}

interface Restoring extends Range, Before {}

/** @returns whether everything is there again */
async function restore(target: Target, { start, end, window, before, region }: Restoring): Promise<boolean> {
  const unit = region.writeSize;
  const from = start - (start % unit);
  const to = Math.min(window.end, Math.ceil(end / unit) * unit);
  // More may be gone where the window ends.
  const isAtEdge = from === window.start || to === window.end;
  try {
    await target.write(from, before.slice(from - window.start, to - window.start));
    await target.settle();
    return !isAtEdge && sameBytes(await readMemoryBytes(target, window), before);
  } catch {
    return false;
  }
}

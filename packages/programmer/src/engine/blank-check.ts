/** Looks for bytes that are not erased. Reads only, and judges nothing: whether blank is right is the caller's matter. */
import { FlashError } from '../errors.ts';
import type { Device } from '../target/device.ts';
import { describeRegions, joined, type Range, type Region, type Sector, sectorsTouched } from '../target/geometry.ts';
import { readMemoryBytes } from './memory/read-memory.ts';
import type { RunOptions } from './run/progress.ts';
import { explaining } from './why/explained.ts';

/** A sector that holds something, as far as it lies in the range that was asked for. */
export interface UsedSector {
  readonly region: Region;
  readonly sector: Sector;
  /** The first byte that is not erased. */
  readonly first: { readonly address: number; readonly found: number };
  /** Bytes that are not erased. */
  readonly bytes: number;
}

export interface Blankness {
  /** Bytes that were read. */
  readonly checked: number;
  /** In the order of the ranges; empty when all of it is blank. */
  readonly used: readonly UsedSector[];
}

/**
 * @param ranges one or several; all flash by default
 * @throws FlashError `plan/outside` for a place without memory; what the target throws; `signal.reason`
 */
export async function blankCheck(
  device: Device,
  ranges?: Range | readonly Range[],
  options: RunOptions = {},
): Promise<Blankness> {
  const { geometry } = device.target;
  const asked = ranges === undefined ? flashRanges(geometry) : 'start' in ranges ? [ranges] : ranges;
  const parts = asked.flatMap((range) => partsIn(geometry, range)).flatMap(slicesOf);
  return await explaining(device, {}, async () => {
    const used: UsedSector[] = [];
    for (const { region, range } of parts) {
      const bytes = await readMemoryBytes(device.target, range, options);
      used.push(...usedSectors(region, range, bytes));
    }
    return { checked: parts.reduce((sum, { range }) => sum + range.end - range.start, 0), used };
  });
}

function flashRanges(geometry: readonly Region[]): Range[] {
  const ranges = geometry.filter(({ kind }) => kind === 'flash').flatMap(({ sectors }) => joined(sectors));
  if (ranges.length === 0)
    throw new FlashError('plan/outside', { start: 0, end: 1, available: describeRegions(geometry) });
  return ranges;
}

interface MemoryPart {
  readonly region: Region;
  readonly range: Range;
}

/** The range, cut where a memory ends. @throws FlashError `plan/outside` when a part of it is no memory */
function partsIn(geometry: readonly Region[], range: Range): MemoryPart[] {
  const parts = geometry.flatMap((region) =>
    joined(sectorsTouched(region, range)).map(({ start, end }) => ({
      region,
      range: { start: Math.max(start, range.start), end: Math.min(end, range.end) },
    })),
  );
  const held = parts.reduce((sum, part) => sum + part.range.end - part.range.start, 0);
  if (held === range.end - range.start) return parts;
  throw new FlashError('plan/outside', { ...range, available: describeRegions(geometry) });
}

/** Held at once: all that an STM32 has, and a part of what may be beside one. */
const MOST_AT_ONCE = 4 * 1024 * 1024;

/** Cut between sectors, so that each has at most 4 MB, or one sector. */
function slicesOf({ region, range }: MemoryPart): MemoryPart[] {
  const slices: MemoryPart[] = [];
  let { start } = range;
  for (const sector of sectorsTouched(region, range)) {
    if (Math.min(sector.end, range.end) - start <= MOST_AT_ONCE || sector.start <= start) continue;
    slices.push({ region, range: { start, end: sector.start } });
    start = sector.start;
  }
  return [...slices, { region, range: { start, end: range.end } }];
}

function usedSectors(region: Region, range: Range, bytes: Uint8Array): UsedSector[] {
  return sectorsTouched(region, range).flatMap((sector) => {
    const start = Math.max(sector.start, range.start);
    const own = bytes.subarray(start - range.start, Math.min(sector.end, range.end) - range.start);
    const at = own.findIndex((byte) => byte !== region.erasedValue);
    if (at < 0) return [];
    const count = own.reduce((sum, byte) => sum + (byte === region.erasedValue ? 0 : 1), 0);
    return [{ region, sector, first: { address: start + at, found: own[at] ?? 0 }, bytes: count }];
  });
}

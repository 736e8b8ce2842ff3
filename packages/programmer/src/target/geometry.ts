/** Where a chip's memory is and how it is cut into sectors. Pure data and arithmetic; it knows no protocol. */
import type { Range } from '@sureflash/image';

export type { Range } from '@sureflash/image';

export type RegionKind = 'flash' | 'option-bytes' | 'otp' | 'eeprom' | 'device-feature' | 'other';

/** How bits behave: `plain` may be programmed again to clear more bits, an `ecc` unit only once after each erase. */
export type CellKind = 'plain' | 'ecc';

/** The smallest erasable unit; also where ST says page. */
export interface Sector extends Range {
  /** Counted from the start of its region. */
  readonly index: number;
  readonly readable: boolean;
  readonly erasable: boolean;
  readonly writable: boolean;
}

/** A named memory of a chip. */
export interface Region extends Range {
  readonly name: string;
  readonly kind: RegionKind;
  /** Sorted, without overlap; gaps between them do not exist as memory. */
  readonly sectors: readonly Sector[];
  /** Bytes that are programmed at once: writes begin and end at multiples of it. */
  readonly writeSize: number;
  readonly erasedValue: number;
  readonly cells: CellKind;
  /**
   * The sectors of the whole flash under their plain names, and which of them is the first of this region: where TrustZone
   * divides it. Absent, the region is the whole.
   */
  readonly partOf?: { readonly sectors: readonly Sector[]; readonly first: number };
}

/** The sectors of `region` that `range` touches. */
export function sectorsTouched(region: Region, range: Range): Sector[] {
  return region.sectors.filter((sector) => sector.start < range.end && sector.end > range.start);
}

/** The region in which all of `range` lies, sector after sector without a gap. */
export function regionHolding<R extends Region>(regions: readonly R[], range: Range): R | undefined {
  return regions.find((region) => {
    const sectors = sectorsTouched(region, range);
    const held = sectors.reduce((sum, s) => sum + Math.min(s.end, range.end) - Math.max(s.start, range.start), 0);
    return held === range.end - range.start;
  });
}

/** Ranges in ascending order, with neighbours that meet as one. */
export function joined(ranges: readonly Range[]): Range[] {
  const spans: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = spans.at(-1);
    if (last?.end === start) last.end = end;
    else spans.push({ start, end });
  }
  return spans;
}

/** What there is, for an error that names something else: `Internal Flash 0x08000000 to 0x0803FFFF`. */
export function describeRegions(regions: readonly Region[]): string[] {
  return regions.map(({ name, start, end }) => `${name} ${hex(start)} to ${hex(end - 1)}`);
}

/** Why flash is not where a job has it: its pages are secure, or they are not, or they are and cannot be reached. */
export type OtherWorld = 'secure' | 'non-secure' | 'closed';

/** Clauses. */
export const WORLD_TEXT: Readonly<Record<OtherWorld, string>> = {
  secure: 'the pages are secure, and secure programs have them from 0x0C000000 on',
  'non-secure': 'the pages are not secure, and programs have them from 0x08000000 on',
  closed: 'the pages are secure, and the secure world of this chip is closed to debuggers',
};

/** Of `plan/outside`. */
export interface OutsideFacts extends Range {
  readonly available: readonly string[];
  /** Where TrustZone divides the flash. */
  readonly world?: OtherWorld;
}

/** `0x08000000`: the one way to write an address for people. */
export function hex(value: number, digits = 8): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}

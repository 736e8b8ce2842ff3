/** Compares one sector with its part of the image, chunk by chunk as it is read. It reads nothing itself. */
import { type MemoryImage, type Segment, sameBytes } from '@sureflash/image';
import { type Range, type Region, type Sector, sectorsTouched } from '../../target/geometry.ts';

export interface Look {
  readonly sector: Sector;
  readonly region: Region;
  /** From the first to past the last write unit of the image in this sector. */
  readonly span: Range;
  readonly covered: readonly Segment[];
  /** Something that is not erased must change. */
  different: boolean;
  /** Erased stretches that the image wants filled. */
  readonly missing: Range[];
  /** Some of `missing` was not read as a whole: samples of it were erased. */
  assumed: boolean;
  /** Equal by the CRC that the chip computes, and not read. */
  byCrc: boolean;
  /** The bytes where the sector first differs, before it is changed. */
  before: Segment | undefined;
}

/** Enough to tell later whether a sector has changed. */
export const SAMPLE_BYTES = 64;

/** The sectors of a region that the image touches. */
export function looksInto(region: Region, image: MemoryImage): Look[] {
  const { range } = image;
  if (!range) return [];
  return sectorsTouched(region, range).flatMap((sector) => {
    const covered = image.within(sector);
    const [first] = covered;
    const last = covered.at(-1);
    if (!first || !last) return [];
    const span = { start: wholeUnits(first, region.writeSize).start, end: wholeUnits(last, region.writeSize).end };
    const unseen = { different: false, missing: [], assumed: false, byCrc: false, before: undefined };
    return [{ sector, region, span, covered, ...unseen }];
  });
}

export function compareChunk(look: Look, chunk: Segment, image: MemoryImage): void {
  const start = Math.max(chunk.address, look.span.start);
  const end = Math.min(chunk.address + chunk.bytes.length, look.span.end);
  if (start >= end || look.different) return;
  let same = true;
  let erased = true;
  for (const part of image.within({ start, end })) {
    if (same && !holds(chunk, part)) same = false;
    // A unit is programmed as a whole: its bytes beside the image must be erased too.
    const units = wholeUnits(part, look.region.writeSize);
    if (erased && !isErased(chunk.bytes, offsetsIn(chunk, units), look.region.erasedValue)) erased = false;
    if (!same && !erased) break;
  }
  if (same) return;
  look.before ??= sampleAt(start, chunk);
  // An ECC unit that was begun may look erased and still refuse: only an erase makes it sure.
  if (erased && look.region.cells === 'plain') look.missing.push({ start, end });
  else look.different = true;
}

function sampleAt(start: number, { address, bytes }: Segment): Segment {
  return { address: start, bytes: bytes.slice(start - address, start - address + SAMPLE_BYTES) };
}

function holds(chunk: Segment, { address, bytes }: Segment): boolean {
  const offset = address - chunk.address;
  return sameBytes(chunk.bytes.subarray(offset, offset + bytes.length), bytes);
}

/** Every index. */
export const WHOLE: Range = { start: 0, end: Number.POSITIVE_INFINITY };

/** @returns whether all bytes with an index in `range` are erased; indices beyond the end do not count */
export function isErased(bytes: Uint8Array, range: Range, erasedValue: number): boolean {
  const end = Math.min(range.end, bytes.length);
  for (let i = Math.max(range.start, 0); i < end; i++) if (bytes[i] !== erasedValue) return false;
  return true;
}

const offsetsIn = ({ address }: Segment, { start, end }: Range): Range => ({
  start: start - address,
  end: end - address,
});

function wholeUnits({ address, bytes }: Segment, unit: number): Range {
  return { start: address - (address % unit), end: Math.ceil((address + bytes.length) / unit) * unit };
}

/** The parts of a sector that the image does not cover. */
export function gapsOf({ sector, covered }: Pick<Look, 'sector' | 'covered'>): Range[] {
  const gaps: Range[] = [];
  let at = sector.start;
  for (const { address, bytes } of covered) {
    if (address > at) gaps.push({ start: at, end: address });
    at = address + bytes.length;
  }
  if (at < sector.end) gaps.push({ start: at, end: sector.end });
  return gaps;
}

/** A plan is data: what will be erased, written and compared, computed before anything is touched. Pure. */

import { MemoryImage, type Segment } from '@sureflash/image';
import { FlashError } from '../../errors.ts';
import {
  describeRegions,
  type Range,
  type Region,
  type RegionKind,
  regionHolding,
  type Sector,
  sectorsTouched,
} from '../../target/geometry.ts';
import { outsideFacts } from '../../target/other-world.ts';
import { isErased, WHOLE } from '../memory/look.ts';
import { eraseMs, type Timed, writeMs } from '../run/timing.ts';
import type { Finding } from './survey.ts';

export type Action = 'keep' | 'fill' | 'replace';

export interface SectorPlan {
  readonly sector: Sector;
  readonly action: Action;
  /** Whole write units; stretches that are erased anyway are left out. */
  readonly writes: readonly Segment[];
  /** Bytes beside the image that are erased with it and written back: until then only we have them. */
  readonly beside: readonly Segment[];
  /** Only samples of it were read and taken for all: a proof that fails here says that it was not erased. */
  readonly assumed: boolean;
  /** It holds its part by the CRC that the chip computes: nobody has read it. */
  readonly byCrc?: true;
  /** A few bytes of what will change, as they are before. */
  readonly before?: Segment;
}

export interface Plan {
  readonly sectors: readonly SectorPlan[];
  /** What the flash must hold in the end: the image and what is kept beside it. */
  readonly expected: MemoryImage;
  readonly eraseBytes: number;
  readonly writeBytes: number;
  /** Usual time in ms for erasing and writing, by the chip's datasheet where the chip is known. */
  readonly estimateMs: number;
  /** Usual time in ms that erasing and writing every sector of the image would take beyond that. */
  readonly savedMs: number;
  /** Why the bytes are written more slowly than the chip could take them; absent where they are not. */
  readonly slowBecause?: string;
}

/** An erased stretch of this many bytes is worth a new start of the write behind it, in cells that may be written again. */
const WORTH_SKIPPING = 1024;

/** Kinds of memory that a file may have bytes for. */
const TAKES: readonly RegionKind[] = ['flash', 'other', 'eeprom', 'otp'];

/**
 * Checks that all of an image lies in flash that takes it.
 * @param force also takes sectors that the device marks as read-only
 * @throws FlashError `plan/empty`, `plan/outside`, `plan/read-only`
 */
export function checkFlashPart(image: MemoryImage, regions: readonly Region[], force: boolean): void {
  if (image.segments.length === 0) throw new FlashError('plan/empty', {});
  const available = describeRegions(regions.filter(({ kind }) => TAKES.includes(kind)));
  const flash = regions.filter((region) => region.kind === 'flash' || region.kind === 'other');
  for (const { address, bytes } of image.segments) {
    const range = { start: address, end: address + bytes.length };
    const region = regionHolding(flash, range);
    if (!region) throw new FlashError('plan/outside', { ...outsideFacts(range, regions), available });
    const refused = sectorsTouched(region, range).filter((s) => !s.writable || !s.erasable);
    const last = refused.at(-1);
    if (!force && refused[0] && last)
      throw new FlashError('plan/read-only', { start: refused[0].start, end: last.end });
  }
}

/** @returns everything that must be done to turn what the survey found into the image */
export function planProgram(image: MemoryImage, findings: readonly Finding[], chip: Timed | undefined): Plan {
  const sectors = findings.map((finding) => planSector(image, finding));
  const replaced = sectors.filter(({ action }) => action === 'replace');
  const eraseBytes = replaced.reduce((sum, { sector }) => sum + sector.end - sector.start, 0);
  const writeBytes = sectors.reduce((sum, { writes }) => sum + writes.reduce((n, w) => n + w.bytes.length, 0), 0);
  const beside = findings.flatMap((finding) => finding.beside);
  const estimateMs = estimate({ erased: replaced, writeBytes }, chip);
  const anewMs = estimate({ erased: sectors, writeBytes: image.byteLength }, chip);
  const slowness = writeBytes > 0 ? chip?.slowness : undefined;
  return {
    sectors,
    expected: beside.length === 0 ? image : new MemoryImage([...image.segments, ...beside]),
    eraseBytes,
    writeBytes,
    estimateMs,
    savedMs: Math.max(0, anewMs - estimateMs),
    ...(slowness && { slowBecause: slowness.because }),
  };
}

function estimate(
  { erased, writeBytes }: { readonly erased: readonly SectorPlan[]; readonly writeBytes: number },
  { timing, slowness }: Timed = {},
): number {
  const eraseTimes = erased.map(({ sector }) => eraseMs(sector.end - sector.start, timing));
  const slowMs = slowness ? (writeBytes / slowness.unitBytes) * slowness.unitMs : 0;
  return eraseTimes.reduce((sum, ms) => sum + ms, writeMs(writeBytes, timing) + slowMs);
}

function planSector(image: MemoryImage, finding: Finding): SectorPlan {
  const { sector, region, state, missing, assumed, beside, byCrc, before } = finding;
  const common = { sector, assumed, beside: [], ...(before && { before }), ...(byCrc && { byCrc }) };
  if (state === 'same') return { ...common, action: 'keep', writes: [] };
  if (state === 'fill') {
    return { ...common, action: 'fill', writes: missing.flatMap((range) => writesFor(image, range, region)) };
  }
  const content = beside.length === 0 ? image : new MemoryImage([...image.within(sector), ...beside]);
  const kept = beside.filter(({ bytes }) => !isErased(bytes, WHOLE, region.erasedValue));
  return { ...common, beside: kept, action: 'replace', writes: writesFor(content, sector, region) };
}

/** Whole write units of `content` inside `range`, without long erased stretches. */
function writesFor(content: MemoryImage, range: Range, { writeSize, erasedValue, cells }: Region): Segment[] {
  const parts = content.within(range);
  const spans = unitSpans(parts, writeSize);
  return spans.flatMap((span) =>
    withoutErased(
      { address: span.start, bytes: content.read(span, erasedValue) },
      // An ECC unit that is programmed with ones looks erased and takes nothing any more.
      { unit: writeSize, erasedValue, least: cells === 'ecc' ? writeSize : WORTH_SKIPPING },
    ),
  );
}

/** The parts widened to write units; parts that meet then become one. */
function unitSpans(parts: readonly Segment[], unit: number): Range[] {
  const spans: { start: number; end: number }[] = [];
  for (const { address, bytes } of parts) {
    const start = address - (address % unit);
    const end = Math.ceil((address + bytes.length) / unit) * unit;
    const last = spans.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans;
}

interface Skipping {
  readonly unit: number;
  readonly erasedValue: number;
  /** Bytes that an erased run inside must have to be left out. */
  readonly least: number;
}

function withoutErased({ address, bytes }: Segment, { unit, erasedValue, least }: Skipping): Segment[] {
  const pieces: Segment[] = [];
  let start = 0;
  const push = (end: number): void => {
    if (end > start) pieces.push({ address: address + start, bytes: bytes.subarray(start, end) });
  };
  for (const run of erasedRuns(bytes, unit, erasedValue)) {
    const inside = run.start > start && run.end < bytes.length;
    if (inside && run.end - run.start < least) continue;
    push(run.start);
    start = run.end;
  }
  push(bytes.length);
  return pieces;
}

/** Runs of whole units that are erased. The platform looks for the first byte of each: firmware has few of them. */
function erasedRuns(bytes: Uint8Array, unit: number, erasedValue: number): Range[] {
  const runs: Range[] = [];
  let at = 0;
  for (let hit = bytes.indexOf(erasedValue); hit >= 0; hit = bytes.indexOf(erasedValue, at)) {
    const start = Math.ceil(hit / unit) * unit;
    let end = start;
    while (end < bytes.length && isErased(bytes, { start: end, end: end + unit }, erasedValue)) end += unit;
    if (end > start) runs.push({ start, end });
    at = end > start || start > hit ? end : start + unit;
  }
  return runs;
}

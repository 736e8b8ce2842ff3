/** What the flash holds, held against what it shall hold. Reads only, and no more than the answer needs. */
import type { MemoryImage, Segment } from '@sureflash/image';
import { FlashError } from '../errors.ts';
import { type Range, type Region, type Sector, sectorsTouched } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import type { OnProgress } from './progress.ts';
import { readChunks } from './read.ts';

/**
 * `same`: holds its part of the image. `fill`: what is missing is still erased and may be programmed as it is.
 * `replace`: must be erased first.
 */
export type Finding = {
  readonly sector: Sector;
  readonly region: Region;
  readonly state: 'same' | 'fill' | 'replace';
  /** Erased stretches that the image wants filled; only for `fill`. */
  readonly missing: readonly Range[];
  /** What the sector holds outside the image; only for `replace`, and only where it was asked for. */
  readonly rest: readonly Segment[];
};

export interface SurveyOptions {
  /** Read what a sector holds beside the image, so that it can be written back after the erase. */
  readonly keepRest: boolean;
  /** Every sector is to be replaced, whatever it holds: the image itself is not looked for. */
  readonly replaceAll: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** Reading on is cheaper than a new start when no more than this is left of a sector that is already decided. */
const READ_ON_BYTES = 8192;

/**
 * Every sector that the image touches, in ascending order.
 * @throws FlashError `plan/outside` unless all of the image lies inside the regions, and once; what the target throws;
 * `signal.reason`. The link is at rest then.
 */
export async function survey(
  target: Target,
  image: MemoryImage,
  regions: readonly Region[],
  options: SurveyOptions,
): Promise<Finding[]> {
  try {
    return await lookAtAll(target, image, regions, options);
  } catch (error) {
    await target.settle();
    throw error;
  }
}

async function lookAtAll(
  target: Target,
  image: MemoryImage,
  regions: readonly Region[],
  options: SurveyOptions,
): Promise<Finding[]> {
  const looks = regions.flatMap((region) => looksInto(region, image)).sort((a, b) => a.sector.start - b.sector.start);
  checkCovered(image, looks, regions);
  if (options.replaceAll) {
    for (const look of looks) look.different = true;
    return await concludeAll(target, looks, options);
  }
  const bytes = looks.reduce((sum, { span }) => sum + span.end - span.start, 0);
  options.onProgress?.({ type: 'phase', phase: 'survey', bytes });
  await compareAll(target, { image, looks, bytes }, options);
  const findings = await concludeAll(target, looks, options);
  options.onProgress?.({ type: 'phase-end', phase: 'survey' });
  return findings;
}

async function concludeAll(target: Target, looks: readonly Look[], options: SurveyOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const look of looks) findings.push(await conclude(target, look, options));
  return findings;
}

/** One sector while it is being looked at. */
interface Look {
  readonly sector: Sector;
  readonly region: Region;
  /** From the first to past the last write unit of the image in this sector. */
  readonly span: Range;
  readonly covered: readonly Segment[];
  different: boolean;
  readonly missing: Range[];
}

function looksInto(region: Region, image: MemoryImage): Look[] {
  const { range } = image;
  if (!range) return [];
  return sectorsTouched(region, range).flatMap((sector) => {
    const covered = image.within(sector);
    const [first] = covered;
    const last = covered.at(-1);
    if (!first || !last) return [];
    const span = {
      start: wholeUnits(first, region.writeSize).start,
      end: wholeUnits(last, region.writeSize).end,
    };
    return [{ sector, region, span, covered, different: false, missing: [] }];
  });
}

/** A byte of the image that no look covers would count as proven without having been read. */
function checkCovered(image: MemoryImage, looks: readonly Look[], regions: readonly Region[]): void {
  const covered = looks.flatMap((look) => look.covered).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const { range } = image;
  if (!range || covered === image.byteLength) return;
  throw new FlashError('plan/outside', { ...range, available: regions.map(({ name }) => name) });
}

interface Job {
  readonly image: MemoryImage;
  readonly looks: readonly Look[];
  readonly bytes: number;
}

async function compareAll(
  target: Target,
  { image, looks, bytes }: Job,
  { signal, onProgress }: SurveyOptions,
): Promise<void> {
  let passed = 0;
  let at = 0;
  while (at < looks.length) {
    const until = endOfRun(looks, at);
    const start = looks[at]?.span.start ?? 0;
    const end = looks[until - 1]?.span.end ?? 0;
    for await (const chunk of readChunks(target, { start, end }, { ...(signal && { signal }) })) {
      const chunkEnd = chunk.address + chunk.bytes.length;
      for (; at < until; at++) {
        const look = looks[at];
        if (!look) break;
        compareChunk(look, chunk, image);
        if (look.span.end > chunkEnd) break;
        onProgress?.({
          type: 'sector',
          phase: 'survey',
          sector: look.sector,
          state: look.different || look.missing.length > 0 ? 'different' : 'same',
        });
      }
      const look = looks[at];
      const decided =
        look?.different === true && look.span.start < chunkEnd && look.span.end - chunkEnd > READ_ON_BYTES;
      const skipped = decided ? look.span.end - chunkEnd : 0;
      passed = Math.min(bytes, passed + chunk.bytes.length + skipped);
      onProgress?.({ type: 'step', phase: 'survey', done: passed, fraction: passed / bytes, address: chunk.address });
      if (decided) {
        onProgress?.({ type: 'sector', phase: 'survey', sector: look.sector, state: 'different' });
        at++;
        break;
      }
    }
  }
}

/** Spans that lie one behind the other are read in one go. @returns the index past the last of them */
function endOfRun(looks: readonly Look[], from: number): number {
  let to = from + 1;
  while (to < looks.length && looks[to]?.span.start === looks[to - 1]?.span.end) to++;
  return to;
}

function compareChunk(look: Look, chunk: Segment, image: MemoryImage): void {
  const start = Math.max(chunk.address, look.span.start);
  const end = Math.min(chunk.address + chunk.bytes.length, look.span.end);
  if (start >= end || look.different) return;
  let same = true;
  let erased = true;
  for (const part of image.within({ start, end })) {
    if (same && !holds(chunk, part)) same = false;
    // A unit is programmed as a whole: its bytes beside the image must be erased too.
    if (erased && !isErased(chunk, wholeUnits(part, look.region.writeSize), look.region.erasedValue)) erased = false;
    if (!same && !erased) break;
  }
  if (same) return;
  // An ECC unit that was begun may look erased and still refuse: only an erase makes it sure.
  if (erased && look.region.cells === 'plain') look.missing.push({ start, end });
  else look.different = true;
}

function holds(chunk: Segment, { address, bytes }: Segment): boolean {
  const offset = address - chunk.address;
  for (let i = 0; i < bytes.length; i++) if (chunk.bytes[offset + i] !== bytes[i]) return false;
  return true;
}

/** Whether the part of `range` that lies in `chunk` is erased. */
function isErased(chunk: Segment, range: Range, erasedValue: number): boolean {
  const start = Math.max(range.start - chunk.address, 0);
  const end = Math.min(range.end - chunk.address, chunk.bytes.length);
  for (let i = start; i < end; i++) if (chunk.bytes[i] !== erasedValue) return false;
  return true;
}

function wholeUnits({ address, bytes }: Segment, unit: number): Range {
  return { start: address - (address % unit), end: Math.ceil((address + bytes.length) / unit) * unit };
}

async function conclude(target: Target, look: Look, { keepRest, signal }: SurveyOptions): Promise<Finding> {
  const { sector, region, missing, different } = look;
  if (!different) return { sector, region, state: missing.length === 0 ? 'same' : 'fill', missing, rest: [] };
  const rest: Segment[] = [];
  if (keepRest) {
    for (const gap of gapsOf(look)) {
      for await (const { address, bytes } of readChunks(target, gap, { ...(signal && { signal }) }))
        rest.push({ address, bytes });
    }
  }
  return { sector, region, state: 'replace', missing: [], rest };
}

/** The parts of a sector that the image does not cover. */
function gapsOf({ sector, covered }: Look): Range[] {
  const gaps: Range[] = [];
  let at = sector.start;
  for (const { address, bytes } of covered) {
    if (address > at) gaps.push({ start: at, end: address });
    at = address + bytes.length;
  }
  if (at < sector.end) gaps.push({ start: at, end: sector.end });
  return gaps;
}

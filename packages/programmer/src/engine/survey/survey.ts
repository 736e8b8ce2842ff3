/** Compares what the flash holds with what it shall hold. Reads only, and no more than the answer needs. */
import type { MemoryImage, Segment } from '@sureflash/image';
import { FlashError } from '../../errors.ts';
import type { Range, Region, Sector } from '../../target/geometry.ts';
import { outsideFacts } from '../../target/other-world.ts';
import type { OperationOptions, Target } from '../../target/target.ts';
import { compareByDigest } from '../memory/digests.ts';
import { compareChunk, gapsOf, isErased, type Look, looksInto, SAMPLE_BYTES, WHOLE } from '../memory/look.ts';
import { readChunks, readMemoryBytes, readTwice } from '../memory/read-memory.ts';
import type { OnProgress } from '../run/progress.ts';

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
  /** Only samples of the missing stretches were read: the proof will tell whether all of them were erased. */
  readonly assumed: boolean;
  /** It holds its part by the CRC that the chip computes: nobody has read it. */
  readonly byCrc?: true;
  /** The bytes that the sector holds beside the image; only for `replace`, and only where they are to be kept. */
  readonly beside: readonly Segment[];
  /** A few bytes of what will change, as they are now. */
  readonly before?: Segment;
};

export interface SurveyOptions {
  /** Read the bytes of a sector beside the image, so that they can be written back after the erase. */
  readonly keepBeside: boolean;
  /** Every sector is to be replaced, whatever it holds: the image itself is not looked for. */
  readonly replaceAll: boolean;
  /** Read every byte, also of large sectors whose samples are erased. */
  readonly thorough?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** From this size on a sector is looked at alone, so that its reading can stop when the answer is known. */
const LARGE_SECTOR = 16 * 1024;
/** As much of a large sector is read before anything else is decided. */
const FIRST_LOOK_BYTES = 4096;
/** Places in a large sector that must be erased for the rest of it to be taken as erased. */
const SAMPLES = 4;
/** Sectors of which a sample is kept where all are replaced unseen. */
const UNSEEN_SAMPLES = 4;

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
  const looks = regions.flatMap((region) => looksInto(region, image)).sort((a, b) => a.sector.start - b.sector.start);
  checkCovered(image, looks, regions);
  try {
    if (options.replaceAll) await replaceAll(target, looks, options);
    else await compareAll(target, { image, looks }, options);
    const findings: Finding[] = [];
    for (const look of looks) findings.push(await concludeLook(target, look, options));
    return findings;
  } catch (error) {
    await target.settle();
    throw error;
  }
}

/** Findings without a look, for a device that gives nothing back: every sector of the image is to be replaced. */
export function unreadFindings(image: MemoryImage, regions: readonly Region[]): Finding[] {
  const looks = regions.flatMap((region) => looksInto(region, image)).sort((a, b) => a.sector.start - b.sector.start);
  checkCovered(image, looks, regions);
  return looks.map(({ sector, region }) => ({
    sector,
    region,
    state: 'replace',
    missing: [],
    assumed: false,
    beside: [],
  }));
}

/** A byte of the image that no look covers would count as proven without having been read. */
function checkCovered(image: MemoryImage, looks: readonly Look[], regions: readonly Region[]): void {
  const covered = looks.flatMap((look) => look.covered).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const { range } = image;
  if (!range || covered === image.byteLength) return;
  throw new FlashError('plan/outside', outsideFacts(range, regions));
}

async function replaceAll(target: Target, looks: readonly Look[], { signal }: SurveyOptions): Promise<void> {
  for (const look of looks) look.different = true;
  for (const look of looks.slice(0, UNSEEN_SAMPLES)) {
    const { start } = look.span;
    const end = Math.min(start + SAMPLE_BYTES, look.sector.end);
    look.before = { address: start, bytes: await readMemoryBytes(target, { start, end }, { signal }) };
  }
}

interface Comparing {
  readonly image: MemoryImage;
  readonly looks: readonly Look[];
}

async function compareAll(target: Target, { image, looks }: Comparing, options: SurveyOptions): Promise<void> {
  const { onProgress, thorough = false } = options;
  const bytes = looks.reduce((sum, { span }) => sum + span.end - span.start, 0);
  onProgress?.({ type: 'phase', phase: 'survey', bytes });
  const reader = new Reader(target, image, { bytes, options });
  const settled = await compareByDigest(target, image, looks, options);
  for (const look of settled) reader.skip(look, look.span);
  for (const extent of extentsOf(looks.filter((look) => !settled.has(look)))) {
    const [only] = extent;
    if (only && extent.length === 1 && isLarge(only)) await compareLarge(reader, only, thorough);
    else await reader.compare(extent, spanOf(extent));
  }
  onProgress?.({ type: 'phase-end', phase: 'survey' });
}

/** The first bytes decide how to go on: leave it, take it as erased after some samples, or read it all. */
async function compareLarge(reader: Reader, look: Look, thorough: boolean): Promise<void> {
  const { start, end } = look.span;
  const firstEnd = Math.min(end, start + FIRST_LOOK_BYTES);
  await reader.compare([look], { start, end: firstEnd });
  if (look.different) return;
  const rest = { start: firstEnd, end };
  const blankSoFar =
    look.missing.length > 0 && look.missing.every((gap, i, all) => gap.start === (all[i - 1]?.end ?? start));
  if (thorough || !blankSoFar || !(await reader.samplesErased(look, rest))) {
    await reader.compare([look], rest);
    return;
  }
  look.missing.push(rest);
  look.assumed = true;
  reader.skip(look, rest);
}

/** Reads on behalf of the looks, and tells how far it has come. */
class Reader {
  readonly #target: Target;
  readonly #image: MemoryImage;
  readonly #bytes: number;
  readonly #read: OperationOptions;
  readonly #onProgress: OnProgress | undefined;
  #passed = 0;

  constructor(target: Target, image: MemoryImage, { bytes, options }: { bytes: number; options: SurveyOptions }) {
    this.#target = target;
    this.#image = image;
    this.#bytes = bytes;
    this.#read = { signal: options.signal };
    this.#onProgress = options.onProgress;
  }

  /** With one look it stops when that is known to differ; the rest of it counts as passed then. */
  async compare(looks: readonly Look[], range: Range): Promise<void> {
    let at = 0;
    for await (const chunk of readChunks(this.#target, range, this.#read)) {
      const end = chunk.address + chunk.bytes.length;
      this.#pass(chunk.bytes.length, chunk.address);
      for (; at < looks.length; at++) {
        const look = looks[at];
        if (!look) break;
        compareChunk(look, chunk, this.#image);
        if (look.span.end > end) break;
        this.#tell(look);
      }
      const [only] = looks;
      if (only?.different && looks.length === 1 && end < only.span.end) {
        this.skip(only, { start: end, end: only.span.end });
        return;
      }
    }
  }

  async samplesErased({ region }: Look, range: Range): Promise<boolean> {
    const step = Math.floor((range.end - range.start - SAMPLE_BYTES) / (SAMPLES - 1));
    if (step < SAMPLE_BYTES) return false;
    for (let i = 0; i < SAMPLES; i++) {
      const start = range.start + i * step - ((i * step) % region.writeSize);
      const sample = { start, end: start + SAMPLE_BYTES };
      const bytes = await readMemoryBytes(this.#target, sample, this.#read);
      if (!isErased(bytes, WHOLE, region.erasedValue)) return false;
    }
    return true;
  }

  /** What need not be read counts as passed. */
  skip(look: Look, { start, end }: Range): void {
    this.#pass(end - start, start);
    this.#tell(look);
  }

  #pass(bytes: number, address: number): void {
    this.#passed = Math.min(this.#bytes, this.#passed + bytes);
    const fraction = this.#bytes === 0 ? 1 : this.#passed / this.#bytes;
    this.#onProgress?.({ type: 'step', phase: 'survey', done: this.#passed, fraction, address });
  }

  #tell({ sector, different, missing }: Look): void {
    const state = different || missing.length > 0 ? 'different' : 'same';
    this.#onProgress?.({ type: 'sector', phase: 'survey', sector, state });
  }
}

/** Small sectors that lie one behind the other are read in one go; large ones alone. */
function extentsOf(looks: readonly Look[]): Look[][] {
  const extents: Look[][] = [];
  for (const look of looks) {
    const last = extents.at(-1);
    const before = last?.at(-1);
    if (last && before && !isLarge(look) && !isLarge(before) && before.span.end === look.span.start) last.push(look);
    else extents.push([look]);
  }
  return extents;
}

function spanOf(extent: readonly Look[]): Range {
  return { start: extent[0]?.span.start ?? 0, end: extent.at(-1)?.span.end ?? 0 };
}

const isLarge = ({ span }: Look): boolean => span.end - span.start >= LARGE_SECTOR;

async function concludeLook(target: Target, look: Look, { keepBeside, signal }: SurveyOptions): Promise<Finding> {
  const { sector, region, missing, assumed, different, byCrc, before } = look;
  const common = { sector, region, ...(before && { before }), ...(byCrc && { byCrc }) };
  if (!different) {
    return { ...common, state: missing.length === 0 ? 'same' : 'fill', missing, assumed, beside: [] };
  }
  const beside: Segment[] = [];
  for (const gap of keepBeside ? gapsOf(look) : []) {
    // The proof compares the flash with what is read here: a wrong byte would be written back and proven.
    beside.push({ address: gap.start, bytes: await readTwice(target, gap, { signal }) });
  }
  return { ...common, state: 'replace', missing: [], assumed: false, beside };
}

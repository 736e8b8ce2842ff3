/** A job that failed: the error, and what the evidence makes of it. */
import type { Chip } from '@sureflash/chips';
import {
  type Diagnosis,
  diagnose,
  type Loader,
  type Observation,
  observeBlocks,
  observeProtection,
  observeRun,
  observeWaits,
  observeWork,
  type RunRecord,
  seen,
  updated,
} from '../diagnosis/index.ts';
import { FlashError } from '../errors.ts';
import type { Range } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { sameBytes } from './bytes.ts';
import type { Execution } from './execute.ts';
import type { Plan } from './plan.ts';
import { readAll } from './read.ts';
import { leastMs } from './timing.ts';
import { type Comparison, type Excerpt, mismatchOf } from './verify.ts';

/** A proof that failed, with what it means. */
export class JobFailed extends Error {
  readonly error: FlashError;
  readonly diagnosis?: Diagnosis;
  /** Around the first difference. */
  readonly excerpt?: Excerpt;

  constructor(error: FlashError, { diagnosis, excerpt }: { diagnosis: Diagnosis | undefined; excerpt?: Excerpt }) {
    super(error.message, { cause: error });
    this.name = 'JobFailed';
    this.error = error;
    if (diagnosis) this.diagnosis = diagnosis;
    if (excerpt) this.excerpt = excerpt;
  }
}

export interface FailedRun {
  readonly plan: Plan;
  readonly done: Execution;
  readonly comparison: Comparison;
  /** Time in ms for erasing and writing. */
  readonly tookMs: number;
}

/** What is known beside the run. */
export interface Background {
  readonly evidence: readonly Observation[];
  readonly chip?: Chip;
  readonly blockSize?: number;
  /** What the loader has told the host to wait so far. */
  readonly waits?: Loader['waits'];
}

/** Looks once more at what differs, and explains. */
export async function explainFailure(target: Target, background: Background, run: FailedRun): Promise<JobFailed> {
  const { excerpt } = run.comparison;
  return await explainMismatch(target, background, { record: recordOf(target, background, run), excerpt });
}

/** The same for a comparison alone, where nothing was written. */
export async function explainComparison(
  target: Target,
  background: Background,
  { comparison, expected }: { readonly comparison: Comparison; readonly expected: RunRecord['expected'] },
): Promise<JobFailed> {
  const record = { expected, regions: target.geometry, differences: comparison, sectors: [] };
  const { excerpt } = comparison;
  return await explainMismatch(target, background, { record: { ...record, ...knownOf(background) }, excerpt });
}

async function explainMismatch(
  target: Target,
  { evidence, chip, waits }: Background,
  { record, excerpt }: { readonly record: RunRecord; readonly excerpt: Excerpt | undefined },
): Promise<JobFailed> {
  const error = mismatchOf(record.differences);
  if (!error) throw new RangeError('there is no difference to explain');
  const read = async (range: Range): Promise<Uint8Array> => await readAll(target, range);
  const flash = target.geometry.find(({ kind }) => kind === 'flash');
  // Sectors of other memories have indices of their own.
  const concerned = record.differences.sectors
    .filter(({ start, end }) => flash && start >= flash.start && end <= flash.end)
    .map(({ index }) => index);
  const later = [
    ...observeWaits(waits?.()),
    ...(await observeRun(read, record)),
    ...(await observeProtection(read, { regions: target.geometry, concerned, ...(chip && { chip }) }).catch(() => [])),
  ];
  return new JobFailed(error, { diagnosis: diagnose(updated(evidence, later), chip), ...(excerpt && { excerpt }) });
}

/** A run this much quicker than the least time of the flash was none, whatever is read back. */
const IMPOSSIBLE_SHARE = 0.5;

/**
 * Looks for what speaks against a run that seems to have succeeded: a loader that counts blocks in its own size reads
 * what it wrote at wrong addresses, and one that answers from a buffer is quicker than flash.
 * @returns `undefined` where there is nothing to say against it
 */
export async function findSuspicion(
  target: Target,
  background: Background,
  run: FailedRun,
): Promise<JobFailed | undefined> {
  const { chip, blockSize } = background;
  const record = recordOf(target, background, run);
  const { work } = record;
  const holds = seen('holds-file', { bytes: run.comparison.compared });
  const conclude = (error: FlashError, later: readonly Observation[]): JobFailed =>
    new JobFailed(error, {
      diagnosis: diagnose(updated(background.evidence, [...later, ...observeWork(record)]), chip),
    });
  if (work && chip?.timing && work.tookMs < work.leastMs * IMPOSSIBLE_SHARE) {
    const { tookMs, leastMs: least, bytesWritten } = work;
    return conclude(new FlashError('verify/too-quick', { tookMs, leastMs: least, bytesWritten }), [holds]);
  }
  const place = run.plan.sectors.flatMap(({ writes }) => writes).find((w) => w.bytes.length >= 2 * (blockSize ?? 0));
  if (blockSize === undefined || !place) return undefined;
  const read = async (range: Range): Promise<Uint8Array> => await readAll(target, range);
  const region = { start: place.address, end: place.address + place.bytes.length };
  const blocks = await observeBlocks(read, place.address, { region, blockSize });
  if (blocks.length === 0) return undefined;
  const expected = place.bytes.subarray(blockSize, 2 * blockSize);
  const start = place.address + blockSize;
  const own = await read({ start, end: start + blockSize });
  if (sameBytes(own.slice(), expected.slice())) return undefined;
  const at = expected.findIndex((byte, i) => byte !== own[i]);
  const differing = expected.reduce((sum, byte, i) => sum + (byte === own[i] ? 0 : 1), 0);
  const facts = {
    address: start + at,
    expected: expected[at] ?? 0,
    found: own[at] ?? 0,
    differing,
    compared: blockSize,
  };
  return conclude(new FlashError('verify/mismatch', facts), [...blocks, seen('mismatch', facts)]);
}

/** A run as evidence wants it. */
export function recordOf(
  target: Target,
  background: Background,
  { plan, done, comparison, tookMs }: FailedRun,
): RunRecord {
  const erase = plan.sectors.filter(({ action }) => action === 'replace').map(({ sector }) => sector);
  const least = leastMs({ erase, writeBytes: done.bytesWritten }, background.chip);
  return {
    expected: plan.expected,
    regions: target.geometry.filter(({ kind }) => kind === 'flash'),
    differences: comparison,
    sectors: plan.sectors,
    work: { sectorsErased: done.sectorsErased, bytesWritten: done.bytesWritten, tookMs, leastMs: least },
    ...knownOf(background),
  };
}

function knownOf({ chip, blockSize }: Background): Pick<RunRecord, 'chip' | 'blockSize'> {
  return { ...(chip && { chip }), ...(blockSize !== undefined && { blockSize }) };
}

/** A proof that failed: the error, and what the evidence makes of it. */
import type { Segment } from '@sureflash/image';
import { FlashError } from '../errors.ts';
import type { Sector } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { type Diagnosis, diagnose, type Evidence } from './diagnosis.ts';
import type { Execution } from './execute.ts';
import type { Plan } from './plan.ts';
import { readAll } from './read.ts';
import { leastMs } from './timing.ts';
import type { Comparison } from './verify.ts';

/** A proof that failed, with what it means. */
export class JobFailed extends Error {
  readonly error: FlashError<'verify/mismatch'>;
  readonly diagnosis?: Diagnosis;

  constructor(comparison: Comparison, diagnosis: Diagnosis | undefined) {
    const error = mismatchError(comparison);
    super(error.message, { cause: error });
    this.name = 'JobFailed';
    this.error = error;
    if (diagnosis) this.diagnosis = diagnosis;
  }
}

function mismatchError({ first, differing, compared }: Comparison): FlashError<'verify/mismatch'> {
  const { address, expected, found } = first[0] ?? { address: 0, expected: 0, found: 0 };
  return new FlashError('verify/mismatch', { address, expected, found, differing, compared });
}

export interface FailedRun {
  readonly plan: Plan;
  readonly done: Execution;
  readonly comparison: Comparison;
  /** Time in ms for erasing and writing. */
  readonly tookMs: number;
}

/** Looks once more at some sectors that differ, and explains. */
export async function explainFailure(target: Target, evidence: Evidence, failed: FailedRun): Promise<JobFailed> {
  const { plan, done, comparison, tookMs } = failed;
  const erase = plan.sectors.filter(({ action }) => action === 'replace').map(({ sector }) => sector);
  const run = {
    comparison,
    writtenBytes: done.bytesWritten,
    sectorsErased: done.sectorsErased,
    tookMs,
    leastMs: leastMs({ erase, writeBytes: done.bytesWritten }, evidence.chip),
    // The proof has failed, whatever else this look may run into.
    unchanged: await stillAsBefore(target, plan, comparison.sectors).catch(() => false),
  };
  return new JobFailed(comparison, diagnose({ ...evidence, run }));
}

const MOST_SAMPLES = 8;

async function stillAsBefore(target: Target, plan: Plan, differing: readonly Sector[]): Promise<boolean> {
  const starts = new Set(differing.map(({ start }) => start));
  const samples = plan.sectors.flatMap(({ sector, before }) => (before && starts.has(sector.start) ? [before] : []));
  for (const sample of samples.slice(0, MOST_SAMPLES)) if (!(await holds(target, sample))) return false;
  return samples.length > 0;
}

async function holds(target: Target, { address, bytes }: Segment): Promise<boolean> {
  const found = await readAll(target, { start: address, end: address + bytes.length });
  return found.every((byte, i) => byte === bytes[i]);
}

/** The whole job: look, plan, carry out, prove, leave; and say why where the proof fails. */
import { type Chip, dfuChipsOfFamily, familyFromVectors } from '@sureflash/chips';
import type { MemoryImage } from '@sureflash/image';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Region } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { type Diagnosis, diagnose } from './diagnosis.ts';
import { type Doubt, findDoubts } from './doubts.ts';
import { type Execution, execute } from './execute.ts';
import { checkFits, type Plan, planProgram } from './plan.ts';
import type { OnProgress } from './progress.ts';
import { readAll } from './read.ts';
import { survey } from './survey.ts';
import { leastMs } from './timing.ts';
import { type Comparison, verifyImage } from './verify.ts';

export interface Subject {
  readonly target: Target;
  readonly image: MemoryImage;
  readonly clock: Clock;
  /** Whether ST's ROM bootloader answers, as far as its descriptors tell. */
  readonly isRom: boolean;
  /** The chip, when it is certain. */
  readonly chip?: Chip;
}

export interface JobOptions {
  /** Bytes of a sector that the image does not cover: read before the erase and written back, or given up. */
  readonly keepRest?: boolean;
  /** Erase and write every sector of the image, also where the flash already holds it. */
  readonly replaceAll?: boolean;
  /** Go on where reads already speak against the device, and into sectors that it marks as read-only. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface Preparation {
  readonly plan: Plan;
  readonly doubts: readonly Doubt[];
  /** What the doubts amount to; absent where there is nothing to worry about. */
  readonly diagnosis?: Diagnosis;
  /** Milliseconds that looking took. */
  readonly tookMs: number;
}

export interface Report extends Execution {
  readonly outcome: 'programmed' | 'unchanged';
  readonly verifiedBytes: number;
  readonly verifyMs: number;
}

/** What a failed job carries beside its error. */
export interface Failure {
  readonly error: FlashError;
  readonly diagnosis?: Diagnosis;
}

/**
 * Reads what is needed and plans; nothing is changed. With doubts that make success impossible the plan is still made,
 * and `refusal` tells that it should not be carried out unless forced.
 * @throws FlashError `plan/*`, and what the target throws
 */
export async function prepare(subject: Subject, options: JobOptions = {}): Promise<Preparation> {
  const { target, image, clock } = subject;
  const { force = false, keepRest = true, replaceAll = false, signal, onProgress } = options;
  const started = clock.now();
  // What reads say against a device outweighs that its map has no room for the image.
  const doubts = await doubtsAbout(subject, signal);
  const diagnosis = doubts.length > 0 ? diagnose(evidence(subject, doubts)) : undefined;
  const explained = { doubts, ...(diagnosis && { diagnosis }) };
  // Reads that cannot be believed decide nothing: every sector is replaced, and nothing of it is kept.
  const blind = doubts.some(({ fatal }) => fatal);
  if (blind && !force)
    return { plan: planProgram(image, [], subject.chip), ...explained, tookMs: clock.now() - started };
  checkFits(image, target.geometry, force);
  const findings = await survey(target, image, target.geometry, {
    keepRest: keepRest && !blind,
    replaceAll: replaceAll || blind,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  return { plan: planProgram(image, findings, subject.chip), ...explained, tookMs: clock.now() - started };
}

/** The error with which a job ends before anything is written, where doubts forbid to go on. */
export function refusal({ doubts, diagnosis }: Preparation): FlashError<'plan/doubtful'> | undefined {
  if (!doubts.some(({ fatal }) => fatal)) return undefined;
  return new FlashError('plan/doubtful', { cause: diagnosis?.cause ?? doubts[0]?.kind ?? 'unknown' });
}

/**
 * Erases, writes, and reads everything back. Returns only when the flash holds the image.
 * @throws JobFailed when the flash does not hold it; FlashError `plan/doubtful` when `refusal` says so and `force` does
 * not; what the target throws; `signal.reason`
 */
export async function carryOut(subject: Subject, preparation: Preparation, options: JobOptions = {}): Promise<Report> {
  const { target, clock, chip } = subject;
  const { plan } = preparation;
  const { signal, onProgress, force = false } = options;
  const refused = refusal(preparation);
  // Without `force` the plan was made without a look at the flash: there is nothing in it to carry out.
  if (refused && (!force || plan.sectors.length === 0)) throw refused;
  const shared = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const before = await firstBytes(subject, plan, signal);
  const started = clock.now();
  const done = await execute(plan, target, { clock, ...(chip && { chip }), ...shared });
  const tookMs = clock.now() - started;
  const nothingToDo = plan.sectors.every(({ action }) => action === 'keep');
  // The survey of an unchanged flash has read and compared every byte already: that was the proof.
  if (nothingToDo) return { ...done, outcome: 'unchanged', verifiedBytes: plan.expected.byteLength, verifyMs: 0 };
  const verifyStarted = clock.now();
  const comparison = await verifyImage(target, plan.expected, target.geometry, shared);
  if (comparison.differing === 0) {
    return {
      ...done,
      outcome: 'programmed',
      verifiedBytes: comparison.compared,
      verifyMs: clock.now() - verifyStarted,
    };
  }
  // The proof has failed, whatever else this look may run into.
  const after = await firstBytes(subject, plan, signal).catch(() => []);
  throw jobFailed(subject, preparation, { done, comparison, tookMs, unchanged: sameContent(before, after) });
}

/** A proof that failed, with what it means. */
export class JobFailed extends Error implements Failure {
  readonly error: FlashError<'verify/mismatch'>;
  readonly diagnosis?: Diagnosis;

  constructor(error: FlashError<'verify/mismatch'>, diagnosis: Diagnosis | undefined) {
    super(error.message, { cause: error });
    this.name = 'JobFailed';
    this.error = error;
    if (diagnosis) this.diagnosis = diagnosis;
  }
}

/** The error of a comparison that found differences. */
export function mismatchError({ first, differing, compared }: Comparison): FlashError<'verify/mismatch'> {
  const { address, expected, found } = first[0] ?? { address: 0, expected: 0, found: 0 };
  return new FlashError('verify/mismatch', { address, expected, found, differing, compared });
}

interface Outcome {
  readonly done: Execution;
  readonly comparison: Comparison;
  readonly tookMs: number;
  readonly unchanged: boolean;
}

function jobFailed(
  subject: Subject,
  { plan, doubts }: Preparation,
  { done, comparison, tookMs, unchanged }: Outcome,
): JobFailed {
  const erase = plan.sectors.filter(({ action }) => action === 'replace').map(({ sector }) => sector);
  const chip = likelyChip(subject);
  const run = {
    comparison,
    writtenBytes: done.bytesWritten,
    sectorsErased: done.sectorsErased,
    tookMs,
    leastMs: leastMs({ erase, writeBytes: done.bytesWritten }, chip),
    unchanged,
  };
  return new JobFailed(mismatchError(comparison), diagnose({ ...evidence(subject, doubts), run }));
}

function evidence(subject: Subject, doubts: readonly Doubt[]): Parameters<typeof diagnose>[0] {
  const chip = likelyChip(subject);
  return { isRom: subject.isRom, device: subject.target.description, ...(chip && { chip }), doubts };
}

/** The chip when it is certain, else the one that the image's vector table was built for. */
function likelyChip({ chip, image }: Subject): Chip | undefined {
  if (chip) return chip;
  const start = image.range?.start ?? 0;
  const family = familyFromVectors(image.read({ start, end: start + 1024 }));
  const chips = family ? dfuChipsOfFamily(family) : [];
  return chips.length === 1 ? chips[0] : undefined;
}

/** ST's ROM bootloaders have earned their trust, and the final proof is theirs too; everybody else is looked at first. */
async function doubtsAbout(subject: Subject, signal: AbortSignal | undefined): Promise<Doubt[]> {
  if (subject.isRom) return [];
  const region = flashRegion(subject);
  if (!region) return [];
  const chip = likelyChip(subject);
  return await findDoubts(subject.target, region, { ...(chip && { chip }), ...(signal && { signal }) });
}

function flashRegion({ target, image }: Subject): Region | undefined {
  const start = image.range?.start ?? 0;
  return (
    target.geometry.find((r) => r.kind === 'flash' && start >= r.start && start < r.end) ??
    target.geometry.find((r) => r.kind === 'flash')
  );
}

const SAMPLE_BYTES = 256;
const SAMPLES = 4;

/** The first bytes of some sectors that will change: what they hold before and after is evidence. */
async function firstBytes(
  { target, isRom }: Subject,
  plan: Plan,
  signal: AbortSignal | undefined,
): Promise<Uint8Array[]> {
  if (isRom) return [];
  const changing = plan.sectors.filter(({ action }) => action !== 'keep').slice(0, SAMPLES);
  const samples: Uint8Array[] = [];
  for (const { sector } of changing) {
    const end = Math.min(sector.end, sector.start + SAMPLE_BYTES);
    samples.push(await readAll(target, { start: sector.start, end }, { ...(signal && { signal }) }));
  }
  return samples;
}

function sameContent(before: readonly Uint8Array[], after: readonly Uint8Array[]): boolean {
  return (
    before.length > 0 &&
    before.length === after.length &&
    before.every((bytes, i) => bytes.every((byte, at) => byte === after[i]?.[at]))
  );
}

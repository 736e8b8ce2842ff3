/** The whole job: look, plan, carry out, prove, leave; and say why where the proof fails. */
import { type Chip, dfuChipsOfFamily, familyFromVectors } from '@sureflash/chips';
import type { MemoryImage } from '@sureflash/image';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Region } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { type Diagnosis, diagnose, type Evidence } from './diagnosis.ts';
import { type Doubt, findDoubts } from './doubts.ts';
import { type Execution, execute } from './execute.ts';
import { explainFailure, type FailedRun, JobFailed } from './failure.ts';
import { checkFits, type Plan, planProgram } from './plan.ts';
import type { OnProgress } from './progress.ts';
import { survey } from './survey.ts';
import type { Timed } from './timing.ts';
import { verifyImage } from './verify.ts';

export interface Subject {
  readonly target: Target;
  readonly image: MemoryImage;
  readonly clock: Clock;
  /** Whether ST's ROM bootloader answers, as far as its descriptors tell. */
  readonly isRom: boolean;
  /** The chip, when it is certain. */
  readonly chip?: Chip;
  /** A chip that it may be: its times serve for estimates. */
  readonly likely?: Timed;
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
}

export interface Report extends Execution {
  readonly outcome: 'programmed' | 'unchanged';
  readonly verifiedBytes: number;
  readonly verifyMs: number;
}

/**
 * Reads what is needed and plans; nothing is changed. With doubts that make success impossible the plan is still made,
 * and `refusal` tells that it should not be carried out unless forced.
 * @throws FlashError `plan/*`, and what the target throws
 */
export async function prepare(subject: Subject, options: JobOptions = {}): Promise<Preparation> {
  const { target, image } = subject;
  const { force = false, signal } = options;
  // What reads say against a device outweighs that its map has no room for the image.
  const doubts = await doubtsAbout(subject, signal);
  const diagnosis = doubts.length > 0 ? diagnose(evidence(subject, doubts)) : undefined;
  const explained = { doubts, ...(diagnosis && { diagnosis }) };
  // Reads that cannot be believed decide nothing: every sector is replaced, and nothing of it is kept.
  const blind = doubts.some(({ fatal }) => fatal);
  if (blind && !force) return { plan: planProgram(image, [], undefined), ...explained };
  checkFits(image, target.geometry, force);
  const plan = await planAnew(subject, blind ? { ...options, keepRest: false, replaceAll: true } : options);
  return { plan, ...explained };
}

async function planAnew(
  { target, image, chip, likely }: Subject,
  { keepRest = true, replaceAll = false, thorough = false, signal, onProgress }: JobOptions & { thorough?: boolean },
): Promise<Plan> {
  const findings = await survey(target, image, target.geometry, {
    keepRest,
    replaceAll,
    thorough,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  return planProgram(image, findings, chip ?? likely);
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
  const { plan } = preparation;
  const refused = refusal(preparation);
  // Without `force` the plan was made without a look at the flash: there is nothing in it to carry out.
  if (refused && (!options.force || plan.sectors.length === 0)) throw refused;
  const attempt = await writeAndVerify(subject, plan, options);
  const { comparison, done, verifyMs } = attempt;
  if (comparison.differing === 0) return reportOf(plan, attempt);
  const assumed = new Set(plan.sectors.filter((sector) => sector.assumed).map(({ sector }) => sector.start));
  // A difference anywhere else is a failure: the second attempt would not look again at what was kept beside the image.
  if (!comparison.sectors.every(({ start }) => assumed.has(start))) {
    throw await explainFailure(subject.target, evidence(subject, preparation.doubts), attempt);
  }
  // A large sector was taken as erased after some samples, and was not: look at all of it, and do what is missing.
  const thorough = await planAnew(subject, { ...options, thorough: true });
  const second = await writeAndVerify(subject, thorough, options);
  if (second.comparison.differing > 0) {
    throw await explainFailure(subject.target, evidence(subject, preparation.doubts), second);
  }
  const report = reportOf(thorough, second);
  return { ...report, outcome: 'programmed', ...sumOf(done, second.done), verifyMs: verifyMs + second.verifyMs };
}

interface Attempt extends FailedRun {
  readonly verifyMs: number;
}

async function writeAndVerify(subject: Subject, plan: Plan, { signal, onProgress }: JobOptions): Promise<Attempt> {
  const { target, clock, likely, chip: timed = likely } = subject;
  const shared = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const started = clock.now();
  const done = await execute(plan, target, { clock, ...(timed && { chip: timed }), ...shared });
  const written = clock.now();
  const nothingToDo = plan.sectors.every(({ action }) => action === 'keep');
  // The survey of an unchanged flash has read and compared every byte already: that was the proof.
  const comparison = nothingToDo
    ? { compared: plan.expected.byteLength, differing: 0, first: [], sectors: [] }
    : await verifyImage(target, plan.expected, target.geometry, shared);
  return { plan, done, comparison, tookMs: written - started, verifyMs: clock.now() - written };
}

function reportOf(plan: Plan, { done, comparison, verifyMs }: Attempt): Report {
  const unchanged = plan.sectors.every(({ action }) => action === 'keep');
  return { ...done, outcome: unchanged ? 'unchanged' : 'programmed', verifiedBytes: comparison.compared, verifyMs };
}

function sumOf(a: Execution, b: Execution): Execution {
  return {
    sectorsErased: a.sectorsErased + b.sectorsErased,
    bytesWritten: a.bytesWritten + b.bytesWritten,
    eraseMs: a.eraseMs + b.eraseMs,
    writeMs: a.writeMs + b.writeMs,
  };
}

/**
 * Compares the flash with the image; changes nothing.
 * @returns the number of bytes compared
 * @throws JobFailed when they differ; FlashError `plan/*`; what the target throws; `signal.reason`
 */
export async function verify(subject: Subject, { signal, onProgress }: JobOptions = {}): Promise<number> {
  const { target, image } = subject;
  checkFits(image, target.geometry, true);
  const shared = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const comparison = await verifyImage(target, image, target.geometry, shared);
  if (comparison.differing === 0) return comparison.compared;
  const doubts = await doubtsAbout(subject, signal).catch(() => []);
  throw new JobFailed(comparison, doubts.length > 0 ? diagnose(evidence(subject, doubts)) : undefined);
}

function evidence(subject: Subject, doubts: readonly Doubt[]): Evidence {
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

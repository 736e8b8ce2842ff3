/** The whole job: look, plan, carry out, prove, leave; and say why where the proof fails. */
import { type Diagnosis, diagnose, examine, isDoubt, isFatal, type Observation } from '../diagnosis/index.ts';
import { FlashError, isFlashError } from '../errors.ts';
import { type Range, regionHolding, type Sector } from '../target/geometry.ts';
import { type Attempt, type AttemptOptions, writeAndVerify } from './attempt.ts';
import type { Execution } from './execute.ts';
import { type Background, explainComparison, explainFailure, findSuspicion, JobFailed } from './failure.ts';
import { gapsOf } from './look.ts';
import { type Plan, planProgram } from './plan.ts';
import { examinedOf, flashRegion, likelyChip, loaderOf, type Subject, whoAnswers } from './subject.ts';
import { survey } from './survey.ts';
import {
  checkTaken,
  differencesInFlash,
  divideImage,
  planUnerased,
  type UnerasedReport,
  type UnerasedWrite,
  writeUnerased,
} from './unerased.ts';
import { verifyImage } from './verify.ts';

export interface JobOptions extends AttemptOptions {
  /** Bytes of a sector that the image does not cover: read before the erase and written back, or given up. */
  readonly keepRest?: boolean;
  /** Erase and write every sector of the image, also where the flash already holds it. */
  readonly replaceAll?: boolean;
  /** Go on where reads already speak against the device, and into sectors that it marks as read-only. */
  readonly force?: boolean;
  /** Write OTP too, which nothing undoes. */
  readonly oneTime?: boolean;
}

export interface Preparation {
  /** Of the flash; it has no sectors where the image has nothing for it. */
  readonly plan: Plan;
  /** Of the memories that are written without an erase: EEPROM, OTP. */
  readonly unerased: readonly UnerasedWrite[];
  /** What reads have told about the device. */
  readonly evidence: readonly Observation[];
  /** What it amounts to; absent where there is nothing to worry about. */
  readonly diagnosis?: Diagnosis;
}

/** Its figures are those of the flash. */
export interface Report extends Execution {
  /** Of all memories. */
  readonly outcome: 'programmed' | 'unchanged';
  readonly verifiedBytes: number;
  readonly verifyMs: number;
  /** The same of EEPROM and OTP, where the image has something for them. */
  readonly unerased?: UnerasedReport;
}

/**
 * Reads what is needed and plans; nothing is changed. With doubts that make success impossible the plan is still made,
 * and `refusal` tells that it should not be carried out unless forced.
 * @throws FlashError `plan/*`, and what the target throws; JobFailed where it was forced and reads fail as they did before
 */
export async function prepare(subject: Subject, options: JobOptions = {}): Promise<Preparation> {
  const { target, image } = subject;
  const { force = false, oneTime = false, signal } = options;
  // What reads say against a device outweighs that its map has no room for the image.
  const evidence = [...(await lookAt(subject, signal)), ...(subject.known ?? [])];
  const diagnosis = evidence.some(isDoubt) ? diagnose(evidence, likelyChip(subject)) : undefined;
  const explained = { evidence, ...(diagnosis && { diagnosis }) };
  // Reads that cannot be believed decide nothing: every sector is replaced, and nothing of it is kept.
  const blind = evidence.some(isFatal);
  const flash = flashPartOf(subject);
  if (blind && !force) return { plan: planProgram(flash.image, [], undefined), unerased: [], ...explained };
  checkTaken(image, target.geometry, force);
  try {
    const unerased = await planUnerased(target, divideImage(image, target.geometry).unerased, { oneTime });
    const plan = await planAnew(flash, blind ? { ...options, keepRest: false, replaceAll: true } : options);
    return { plan, unerased, ...explained };
  } catch (error) {
    // It was forced against what reads show, and fails for the same reason.
    throw blind && isFlashError(error) ? new JobFailed(error, { diagnosis }) : error;
  }
}

function flashPartOf(subject: Subject): Subject {
  return { ...subject, image: divideImage(subject.image, subject.target.geometry).flash };
}

async function planAnew(
  { target, image, chip, likely }: Subject,
  { keepRest = true, replaceAll = false, thorough = false, signal, onProgress }: JobOptions & { thorough?: boolean },
): Promise<Plan> {
  if (image.segments.length === 0) return planProgram(image, [], undefined);
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
export function refusal({ evidence, diagnosis }: Preparation): FlashError<'plan/doubtful'> | undefined {
  const fatal = evidence.find(isFatal);
  if (!fatal) return undefined;
  return new FlashError('plan/doubtful', { cause: diagnosis?.cause ?? fatal.kind });
}

/**
 * Erases, writes, and reads everything back. Returns only when the memories of the device hold the image.
 * @throws JobFailed when one does not hold its part; FlashError `plan/doubtful` when `refusal` says so and `force` does
 * not; what the target throws; `signal.reason`
 */
export async function carryOut(subject: Subject, preparation: Preparation, options: JobOptions = {}): Promise<Report> {
  const { plan, unerased } = preparation;
  const refused = refusal(preparation);
  // Without `force` the plan was made without a look at the device: there is nothing in it to carry out.
  if (refused && (!options.force || plan.sectors.length + unerased.length === 0)) throw refused;
  const report = await programFlash(flashPartOf(subject), preparation, options);
  if (unerased.length === 0) return report;
  // What nothing undoes comes last: a flash that does not take its part leaves OTP as it was.
  const others = await writeUnerased(subject.target, unerased, options);
  return { ...report, outcome: others.bytesWritten > 0 ? 'programmed' : report.outcome, unerased: others };
}

async function programFlash(subject: Subject, preparation: Preparation, options: JobOptions): Promise<Report> {
  const { plan, evidence } = preparation;
  const background = backgroundOf(subject, evidence);
  const attempt = await writeAndVerify(subject, plan, options);
  const { comparison, done, verifyMs } = attempt;
  if (comparison.differing === 0) return await concluded(subject, background, attempt);
  const assumed = new Set(plan.sectors.filter((sector) => sector.assumed).map(({ sector }) => sector.start));
  // A difference anywhere else is a failure: the second attempt would not look again at what was kept beside the image.
  if (!comparison.sectors.every(({ start }) => assumed.has(start))) {
    throw await explainFailure(subject.target, background, attempt);
  }
  // A large sector was taken as erased after some samples, and was not: look at all of it, and do what is missing.
  const thorough = await planAnew(subject, { ...options, thorough: true });
  // Had a block gone to a wrong place in these sectors, it would now count as what they held beside the image.
  if (!comparison.sectors.every((sector) => isReplacedWhole(subject, thorough, sector))) {
    throw await explainFailure(subject.target, background, attempt);
  }
  const second = await writeAndVerify(subject, thorough, options);
  if (second.comparison.differing > 0) throw await explainFailure(subject.target, background, second);
  const report = await concluded(subject, background, second);
  return { ...report, outcome: 'programmed', ...sumOf(done, second.done), verifyMs: verifyMs + second.verifyMs };
}

/** Whether the plan replaces this sector, and there is nothing in it beside the image. */
function isReplacedWhole({ target, image }: Subject, plan: Plan, sector: Sector): boolean {
  const again = plan.sectors.find((each) => each.sector.start === sector.start);
  const erasedValue = regionHolding(target.geometry, sector)?.erasedValue ?? 0xff;
  const gaps = gapsOf({ sector, covered: image.within(sector) });
  const isBlank = (gap: Range): boolean => plan.expected.read(gap, erasedValue).every((byte) => byte === erasedValue);
  return again?.action === 'replace' && gaps.every(isBlank);
}

/** Whoever is no ROM bootloader is looked at once more before it is believed. @throws JobFailed */
async function concluded(subject: Subject, background: Background, attempt: Attempt): Promise<Report> {
  const { kind } = loaderOf(subject);
  const trusted = kind === 'rom' || kind === 'foreign-rom' || attempt.done.bytesWritten === 0;
  const suspicion = trusted ? undefined : await findSuspicion(subject.target, background, attempt);
  if (suspicion) throw suspicion;
  return reportOf(attempt.plan, attempt);
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
 * Compares the image with what the memories hold that take its parts: flash, EEPROM, OTP. Changes nothing.
 * @returns the number of bytes compared
 * @throws JobFailed when they differ; FlashError `plan/*`; what the target throws; `signal.reason`
 */
export async function verify(subject: Subject, { signal, onProgress }: JobOptions = {}): Promise<number> {
  const { target, image } = subject;
  checkTaken(image, target.geometry, true);
  const shared = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const comparison = await verifyImage(target, image, target.geometry, shared);
  if (comparison.differing === 0) return comparison.compared;
  const evidence = await lookAt(subject, signal).catch(() => []);
  const found = differencesInFlash(image, comparison, target.geometry);
  throw await explainComparison(target, backgroundOf(subject, evidence), found);
}

function backgroundOf(subject: Subject, evidence: readonly Observation[]): Background {
  const chip = likelyChip(subject);
  const { blockSize, waits } = loaderOf(subject);
  return {
    ...(waits && { waits }),
    evidence: evidence.length > 0 ? evidence : [whoAnswers(subject)],
    ...(chip && { chip }),
    ...(blockSize !== undefined && { blockSize }),
  };
}

/** ST's ROM bootloaders have earned their trust, and the final proof is theirs too; everybody else is looked at first. */
async function lookAt(subject: Subject, signal: AbortSignal | undefined): Promise<Observation[]> {
  const region = flashRegion(subject);
  if (subject.isRom || !region) return [whoAnswers(subject)];
  return await examine(examinedOf(subject, region, signal));
}

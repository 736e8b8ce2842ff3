/** The whole job: prepare, refuse or carry out, prove, leave; and say why where the proof fails. */
import type { MemoryImage } from '@sureflash/image';
import { isFatal } from '../diagnosis/observation.ts';
import type { Device } from '../target/device.ts';
import { type Range, regionHolding, type Sector } from '../target/geometry.ts';
import { type Attempt, writeAndVerify } from './attempt.ts';
import { type Bystanders, lookAgain, readBystanders, type SeenElsewhere } from './bystanders.ts';
import { type ByteMemoryReport, writeByteMemory } from './byte-memory.ts';
import { eraseAndWrite, type WorkDone } from './change/erase-and-write.ts';
import { Safekeeping, withSegments } from './change/kept-bytes.ts';
import { findStart } from './leave.ts';
import { gapsOf } from './memory/look.ts';
import { type JobOptions, type Preparation, type Programmable, planAnew, prepare, refusal } from './prepare.ts';
import { leaveAndCheck } from './proof/leave-and-check.ts';
import { leastMs, type Timed } from './run/timing.ts';
import { tellSupply, timedAt } from './supply.ts';
import type { Plan, SectorPlan } from './survey/plan.ts';
import { explaining } from './why/explained.ts';
import {
  type Background,
  backgroundOf,
  explainBroken,
  explainElsewhere,
  explainFailure,
  findHaste,
  findSuspicion,
} from './why/failure.ts';
import { transcribed } from './why/transcript.ts';
import { longestStretch, scratchSectors, type TrialOptions, type TrialPlace } from './why/trial.ts';

/** A job that was carried out and proven. Its figures are those of the flash. */
export interface Report extends WorkDone {
  /** Of all memories. */
  /** `unproven`: erased and written, on a device that gives nothing back. */
  readonly outcome: 'programmed' | 'unchanged' | 'unproven';
  readonly verifiedBytes: number;
  readonly verifyMs: number;
  /**
   * Not every byte was read: the chip's own CRCs are those of the image. Where something was written, only because that was
   * asked for; where flash already held the image, through every debug probe.
   */
  readonly provenByCrc?: true;
  /** The least time in ms that the flash needs for the work, by the datasheet; absent where the chip is not known. */
  readonly leastMs?: number;
  /** The same of EEPROM and OTP, where the image has something for them. */
  readonly byteMemory?: ByteMemoryReport;
  /** Where the program was started. */
  readonly startedAt?: number;
  /** Bytes that were read again after the device had left its bootloader and come back. */
  readonly checkedAgainBytes?: number;
}

/**
 * Programs and proves: checks the file, looks at the device, surveys its flash, erases and writes what differs, reads
 * everything back. Returns only when the memories of the device hold the image.
 * @throws FlashError, with a diagnosis where the evidence allows one: `preflight/danger` and `plan/*` before anything is
 * written, `verify/*` when a memory does not hold its part, and what the target throws; `signal.reason` unchanged
 */
export async function program(device: Device, programmable: Programmable, options: JobOptions = {}): Promise<Report> {
  return await carryOut(device, await prepare(device, programmable, options), options);
}

/**
 * The second half of `program`, for a preparation that was made with the same options.
 * @throws as `program`
 */
export async function carryOut(device: Device, preparation: Preparation, options: JobOptions = {}): Promise<Report> {
  const { plan, byteMemory, evidence } = preparation;
  const image = preparation.divided.flash;
  const watched = transcribed(device, preparation.transcript);
  const refused = refusal(preparation);
  // Without `force` the plan was made without a look at the device: there is nothing in it to carry out.
  if (refused && (!options.force || plan.sectors.length + byteMemory.length === 0)) throw refused;
  return await explaining(device, { image, evidence }, async () => {
    const starts = options.leave || options.leaveAndCheck;
    const startAt = starts ? (image.range?.start ?? (await findStart(watched))) : undefined;
    const report = await programAll(watched, preparation, options);
    if (startAt === undefined) return report;
    const { leaveAndCheck: awaitReturn, leave, signal, onProgress } = options;
    if (!awaitReturn || report.outcome === 'unproven') {
      await device.target.leave(startAt);
      return { ...report, startedAt: startAt };
    }
    const again = await leaveAndCheck(device, { image, startAt, awaitReturn, signal, onProgress });
    if (leave) await again.device.target.leave(startAt);
    return { ...report, checkedAgainBytes: again.bytes, ...(leave && { startedAt: startAt }) };
  });
}

async function programAll(device: Device, preparation: Preparation, options: JobOptions): Promise<Report> {
  await tellSupply(device, preparation.supply, options);
  const report = await programFlash(device, preparation, options);
  if (preparation.byteMemory.length === 0) return report;
  // What nothing undoes comes last: a flash that does not take its part leaves OTP as it was.
  const others = await writeByteMemory(device.target, preparation.byteMemory, options);
  return { ...report, outcome: others.bytesWritten > 0 ? 'programmed' : report.outcome, byteMemory: others };
}

async function programFlash(device: Device, preparation: Preparation, options: JobOptions): Promise<Report> {
  const { plan, evidence, divided, earlier, supply } = preparation;
  if (preparation.unproven) return await writeUnproven(device, preparation, options);
  const transcript = options.simulates === false ? undefined : preparation.transcript;
  const background = { ...backgroundOf(device, divided.flash, evidence, transcript), signal: options.signal };
  const image = withSegments(divided.flash, earlier?.restored);
  const safekeeping = new Safekeeping(earlier && options.keptBytes, earlier?.left);
  const chip = timedAt(device, supply);
  const looksAtErase = !evidence.some(isFatal);
  const bystanders = looksAtErase
    ? await readBystanders(device, plan, { evidence, signal: options.signal })
    : undefined;
  const trial = options.trials && jobTrialPlace(device, plan, { trials: options.trials, safekeeping });
  const job = { plan, image, safekeeping, chip, looksAtErase, bystanders };
  const report = await attemptTwice({ ...background, trial }, job, options).catch(async (error: unknown) => {
    // Of the sectors of the job little is lost yet.
    throw await explainBroken({ ...background, trial: trial?.options.scratch && trial }, error);
  });
  await safekeeping.end();
  return report;
}

/** The sectors that the job replaces, unless others are named. @throws FlashError `plan/outside`, `plan/read-only` */
function jobTrialPlace(
  device: Device,
  { sectors: planned }: Plan,
  { trials: options, safekeeping }: { readonly trials: TrialOptions; readonly safekeeping: Safekeeping },
): TrialPlace {
  const { scratch } = options;
  // What was only filled was blank before; where samples alone told that, something may stand in it that nobody has read.
  const isLost = ({ action, assumed, beside }: SectorPlan): boolean =>
    action !== 'keep' && !assumed && (safekeeping.isStored || beside.length === 0);
  const lost = planned.filter(isLost);
  const sectors = scratch ? scratchSectors(device, scratch) : longestStretch(lost.map(({ sector }) => sector));
  const keep = async (): Promise<void> =>
    await safekeeping.alsoHold(planned.filter(({ sector }) => sectors.some(({ start }) => start === sector.start)));
  return { sectors, options, keep };
}

interface FlashJob extends Planned {
  readonly safekeeping: Safekeeping;
  /** Its times are those at the supply of this job. */
  readonly chip: Timed | undefined;
  /** Reads that cannot be believed tell nothing of the first erase. */
  readonly looksAtErase: boolean;
  /** As they were before; absent where they are not looked at. */
  readonly bystanders: Bystanders | undefined;
}

/** Once more where samples alone had told that a sector was erased. */
async function attemptTwice(before: Background, job: FlashJob, options: JobOptions): Promise<Report> {
  const { device } = before;
  const { plan, image, safekeeping, chip, looksAtErase } = job;
  const running = { ...options, safekeeping, chip };
  const attempt = await writeAndVerify(device, plan, { ...running, looksAtErase });
  const { proof, done, verifyMs } = attempt;
  const background = await lookedElsewhere(before, job, attempt);
  if (proof.differing === 0) return await concluded(background, attempt);
  const assumed = new Set(plan.sectors.filter((sector) => sector.assumed).map(({ sector }) => sector.start));
  // A difference anywhere else is a failure: the second attempt would not look again at the bytes kept beside the image.
  if (!proof.sectors.every(({ start }) => assumed.has(start))) throw await explainFailure(background, attempt);
  // A large sector was taken as erased after some samples, and was not: look at all of it, and do what is missing.
  const thorough = await planAnew(device, image, { ...options, chip, thorough: true });
  // Had a block gone to a wrong place in these sectors, its bytes would now count as kept beside the image.
  if (!proof.sectors.every((sector) => isReplacedWhole(device, { image, plan: thorough }, sector))) {
    throw await explainFailure(background, attempt);
  }
  const second = await writeAndVerify(device, thorough, running);
  const after = await lookedElsewhere(before, job, second);
  if (second.proof.differing > 0) throw await explainFailure(after, second);
  const report = await concluded(after, second);
  return { ...report, outcome: 'programmed', ...sumOf(done, second.done), verifyMs: verifyMs + second.verifyMs };
}

/**
 * @returns what is known after the run: with what the places outside its sectors tell
 * @throws FlashError `verify/changed-elsewhere` where the run seems to have succeeded, and they have changed
 */
async function lookedElsewhere(background: Background, { bystanders }: FlashJob, run: Attempt): Promise<Background> {
  if (!bystanders) return background;
  const { device, evidence, signal } = background;
  const hasFailed = run.proof.differing > 0;
  const looking = lookAgain(device, bystanders, { expected: run.plan.expected, ...(!hasFailed && { signal }) });
  // The proof has failed, whatever another look may run into.
  const { observations, facts } = hasFailed ? await looking.catch(() => NOTHING_SEEN) : await looking;
  const told = { ...background, evidence: [...evidence, ...observations] };
  // The image is in its place: no trial overwrites it.
  if (facts && !hasFailed) throw await explainElsewhere({ ...told, trial: undefined }, run, facts);
  return told;
}

const NOTHING_SEEN: SeenElsewhere = { observations: [] };

async function writeUnproven(
  device: Device,
  { plan, supply }: Preparation,
  { signal, onProgress }: JobOptions,
): Promise<Report> {
  const { target, clock } = device;
  const chip = timedAt(device, supply);
  const done = await eraseAndWrite(plan, target, { clock, chip, signal, onProgress });
  await target.settle();
  return { ...done, outcome: 'unproven', verifiedBytes: 0, verifyMs: 0 };
}

interface Planned {
  readonly image: MemoryImage;
  readonly plan: Plan;
}

/** Whether the plan replaces this sector, and there is nothing in it beside the image. */
function isReplacedWhole({ target }: Device, { image, plan }: Planned, sector: Sector): boolean {
  const again = plan.sectors.find((each) => each.sector.start === sector.start);
  const erasedValue = regionHolding(target.geometry, sector)?.erasedValue ?? 0xff;
  const gaps = gapsOf({ sector, covered: image.within(sector) });
  const isBlank = (gap: Range): boolean => plan.expected.read(gap, erasedValue).every((byte) => byte === erasedValue);
  return again?.action === 'replace' && gaps.every(isBlank);
}

/**
 * Nobody's flash is believed that was quicker than its cells can be; what says that it is a ROM may say so falsely. A loader
 * that is not in ROM is looked at once more.
 * @throws FlashError `verify/*`
 */
async function concluded(background: Background, attempt: Attempt): Promise<Report> {
  const { kind } = background.device.about;
  // A debug probe has written the cells itself.
  if (attempt.done.bytesWritten > 0 && kind !== 'debug-port') {
    const isRom = kind === 'st-rom' || kind === 'other-rom';
    const suspicion = isRom ? findHaste(background, attempt) : await findSuspicion(background, attempt);
    if (suspicion) throw suspicion;
  }
  return reportOf(background, attempt);
}

function reportOf({ chip }: Background, { plan, done, proof, verifyMs, provenByCrc }: Attempt): Report {
  const unchanged = plan.sectors.every(({ action }) => action === 'keep');
  const erase = plan.sectors.filter(({ action }) => action === 'replace').map(({ sector }) => sector);
  return {
    ...done,
    outcome: unchanged ? 'unchanged' : 'programmed',
    verifiedBytes: proof.compared,
    verifyMs,
    ...(provenByCrc && { provenByCrc }),
    ...(chip?.timing && { leastMs: leastMs({ erase, writeBytes: done.bytesWritten }, chip) }),
  };
}

function sumOf(a: WorkDone, b: WorkDone): WorkDone {
  return {
    sectorsErased: a.sectorsErased + b.sectorsErased,
    bytesWritten: a.bytesWritten + b.bytesWritten,
    eraseMs: a.eraseMs + b.eraseMs,
    writeMs: a.writeMs + b.writeMs,
  };
}

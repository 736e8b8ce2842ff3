/** Before anything is changed: checks the file, looks at the device, surveys its flash, and plans. Reads only. */
import type { MemoryImage } from '@sureflash/image';
import {
  givesNothing,
  isDoubt,
  isFatal,
  isPartlyRead,
  isUnreadable,
  type Observation,
  seen,
} from '../diagnosis/observation.ts';
import { type Diagnosis, diagnose } from '../diagnosis/rank.ts';
import { FlashError, isFlashError } from '../errors.ts';
import { observeKind } from '../evidence/loader.ts';
import { checkFirmware, type FirmwareFile } from '../preflight/check.ts';
import type { Concern } from '../preflight/concern.ts';
import { chipOf } from '../target/about.ts';
import type { Device } from '../target/device.ts';
import type { AttemptOptions } from './attempt.ts';
import { type ByteMemoryWrite, checkImageFits, type DividedImage, divideImage, planByteMemory } from './byte-memory.ts';
import { type EarlierBytes, judgeEarlier, withSegments } from './change/kept-bytes.ts';
import type { AwaitReturn } from './proof/leave-and-check.ts';
import type { Timed } from './run/timing.ts';
import { planSupply, type SupplyOptions, type SupplyPlan, timedAt } from './supply.ts';
import { expectedChip, firstLook } from './survey/known.ts';
import { type Plan, planProgram } from './survey/plan.ts';
import { assureUnprotected } from './survey/protection.ts';
import { survey, unreadFindings } from './survey/survey.ts';
import { diagnoseRun } from './why/diagnose-run.ts';
import { explaining, type SeenBefore } from './why/explained.ts';
import { explainBroken } from './why/failure.ts';
import { mayBeSimulated } from './why/simulated.ts';
import { Transcript, transcribed } from './why/transcript.ts';
import type { TrialOptions } from './why/trial.ts';

/** What can be programmed: an image, or a parsed firmware file, of which more can be checked. */
export type Programmable = MemoryImage | FirmwareFile;

export interface JobOptions extends AttemptOptions, SupplyOptions {
  /** Read the bytes of a sector beside the image before the erase, and write them back; otherwise they are given up. */
  readonly keepBeside?: boolean | undefined;
  /** Erase and write every sector of the image, also where the flash already holds it. */
  readonly replaceAll?: boolean | undefined;
  /** Go on where the file or reads already speak against it, and into sectors that the device marks as read-only. */
  readonly force?: boolean | undefined;
  /**
   * Program a device that gives nothing back, without a proof: every sector of the image is replaced, and what stands in them
   * beside the image is lost. A device that can be read is proven all the same.
   */
  readonly unproven?: boolean | undefined;
  /** Write OTP too, which nothing can undo. */
  readonly oneTime?: boolean | undefined;
  /**
   * Look for the simplest loader that gives all that was read, where the proof fails; it takes up to 2 s. Default true.
   */
  readonly simulates?: boolean | undefined;
  /** Trials that tell apart what would explain a failed proof; without it none are made. */
  readonly trials?: TrialOptions | undefined;
  /** Start the program when the job is done. */
  readonly leave?: boolean | undefined;
  /**
   * Start the program, get the device back in its bootloader, and read the image again. It is called when the device has left
   * the bus; the device that it gives is not closed. With `leave` the program is started once more at the end.
   */
  readonly leaveAndCheck?: AwaitReturn | undefined;
}

/** Everything that a job will do, as data: it can be shown before it is carried out. */
export interface Preparation {
  /** The image, divided by the kind of memory that takes its parts. */
  readonly divided: DividedImage;
  /** Of the flash; it has no sectors where the image has nothing for it, and where `refusal` says that nothing is to be done. */
  readonly plan: Plan;
  /** Of the memories that are written without an erase: EEPROM, OTP. */
  readonly byteMemory: readonly ByteMemoryWrite[];
  /** What the ROM is told of the supply before anything is erased or written. */
  readonly supply: SupplyPlan;
  /** What earlier runs have left in `keptBytes`; what is restored is a part of `plan`. Absent where it is not asked for. */
  readonly earlier?: EarlierBytes;
  /** What the firmware file itself says against programming it into this chip. */
  readonly concerns: readonly Concern[];
  /** What the file and reads have told, in the order in which they were looked at. */
  readonly evidence: readonly Observation[];
  /** What the evidence amounts to; absent where nothing speaks against the job. */
  readonly diagnosis?: Diagnosis;
  /** The device gives nothing back, and the job was asked for without a proof. */
  readonly unproven?: true;
  /** What was asked of the device so far, and what it gave; absent where no simulation could explain it. */
  readonly transcript?: Transcript;
}

export const isFirmwareFile = (each: Programmable): each is FirmwareFile => 'image' in each;
export const imageOf = (each: Programmable): MemoryImage => (isFirmwareFile(each) ? each.image : each);

/** @returns the bytes that a device must hold to hold the program: filling between sections is none of them */
export function neededOf(each: Programmable): MemoryImage {
  return isFirmwareFile(each) && each.padding ? each.image.without(each.padding) : imageOf(each);
}

/**
 * Reads what is needed and plans; nothing is changed. A plan with sectors is made only where the job may be carried out:
 * ask `refusal`, or let `carryOut` refuse.
 * @throws FlashError `plan/*`, and what the target throws, with a diagnosis where the evidence allows one
 */
export async function prepare(
  device: Device,
  programmable: Programmable,
  options: JobOptions = {},
): Promise<Preparation> {
  const firmware = isFirmwareFile(programmable) ? programmable : { image: programmable };
  const concerns = checkOnDevice(device, firmware);
  return await prepareChecked(device, { image: firmware.image, concerns }, options);
}

interface CheckedImage {
  readonly image: MemoryImage;
  readonly concerns: readonly Concern[];
}

/** As `prepare`, for bytes whose checks are done, or that are no program at all. */
export async function prepareChecked(device: Device, checked: CheckedImage, options: JobOptions): Promise<Preparation> {
  const transcript = options.simulates !== false && mayBeSimulated(device.about) ? new Transcript() : undefined;
  const watched = transcribed(device, transcript);
  const chip = expectedChip(device.about, checked.image);
  const run = { device: watched, chip, transcript, signal: options.signal };
  const preparation = await prepareWatched(watched, checked, options).catch(async (error: unknown) => {
    throw await explainBroken({ ...run, evidence: [] }, error);
  });
  const { diagnosis, evidence } = preparation;
  // Reads that differ may come from a bad link, or from a loader whose answers depend on what was read before.
  const isOpen = diagnosis && evidence.some(({ kind }) => kind === 'reads-unstable');
  const told = isOpen ? await diagnoseRun(run, evidence, undefined) : diagnosis;
  return { ...preparation, ...(told && { diagnosis: told }), ...(transcript && { transcript }) };
}

async function prepareWatched(
  device: Device,
  { image, concerns }: CheckedImage,
  options: JobOptions,
): Promise<Omit<Preparation, 'transcript'>> {
  const { target, about } = device;
  const { force = false, oneTime, signal } = options;
  const divided = divideImage(image, target.geometry);
  const fileEvidence = concerns.map(evidenceOf);
  const chip = expectedChip(about, image);
  const supply = planSupply(device, options.supply);
  const nothing = { divided, plan: planProgram(divided.flash, [], undefined), byteMemory: [], supply, concerns };
  if (concerns.some(isDanger) && !force) {
    return { ...nothing, ...diagnosisOf(fileEvidence, diagnose(fileEvidence, chip)) };
  }
  const seenBefore: SeenBefore = { image, evidence: [observeKind(about), ...fileEvidence] };
  return await explaining(device, seenBefore, async () => {
    // Reads that speak against a device outweigh that its map has no room for the image.
    const evidence = [...(await firstLook(device, image, { signal })), ...fileEvidence];
    seenBefore.evidence = evidence;
    const judged = diagnosisOf(evidence, evidence.some(isDoubt) ? diagnose(evidence, chip) : undefined);
    // Reads that cannot be believed decide nothing: every sector is replaced, and nothing of it is kept.
    const blind = evidence.some(isFatal);
    // A loader that guards a part of its flash says so in its map, if it has a good one.
    if (blind && evidence.some(isPartlyRead)) checkImageFits(divided, target.geometry, force);
    if (blind && options.unproven && evidence.filter(isFatal).every(isUnreadable)) {
      checkImageFits(divided, target.geometry, force);
      if (divided.byteMemory.length > 0) throw new FlashError('device/unreadable', {});
      const plan = planUnread(device, divided.flash, timedAt(device, supply));
      return { ...nothing, plan, ...judged, unproven: true };
    }
    if (blind && (!force || evidence.some(givesNothing))) return { ...nothing, ...judged };
    checkImageFits(divided, target.geometry, force);
    try {
      const byteMemory = await planByteMemory(target, divided.byteMemory, { oneTime });
      const chip = timedAt(device, supply);
      const planning = { ...options, ...(blind && UNSEEN), chip };
      const earlier = await findEarlier(device, divided.flash, planning);
      const plan = await planAnew(device, withSegments(divided.flash, earlier?.restored), planning);
      const changed = plan.sectors.filter(({ action }) => action !== 'keep').map(({ sector }) => sector);
      if (!force) await assureUnprotected(device, changed, evidence);
      const changes = byteMemory.length > 0 || plan.sectors.some(({ action }) => action !== 'keep');
      const told: SupplyPlan = changes ? supply : { basis: 'no-change' };
      return { divided, plan, byteMemory, supply: told, concerns, ...(earlier && { earlier }), ...judged };
    } catch (error) {
      // It was forced against what reads show, and fails for the same reason.
      throw blind && isFlashError(error) ? error.with(judged) : error;
    }
  });
}

/** Every sector of the image is replaced, and none is read. */
function planUnread({ target }: Device, image: MemoryImage, chip: Timed | undefined): Plan {
  return planProgram(image, unreadFindings(image, target.geometry), chip);
}

/** Where nothing of a sector is to be kept, what an earlier run has left stays where it is. */
async function findEarlier(
  { target }: Device,
  image: MemoryImage,
  { keptBytes, keepBeside = true, signal }: JobOptions,
): Promise<EarlierBytes | undefined> {
  const held = keepBeside && image.segments.length > 0 ? await keptBytes?.held() : undefined;
  return held && (await judgeEarlier(target, held, { image, signal }));
}

const UNSEEN = { keepBeside: false, replaceAll: true } as const;

function diagnosisOf(
  evidence: readonly Observation[],
  diagnosis: Diagnosis | undefined,
): Pick<Preparation, 'evidence' | 'diagnosis'> {
  return { evidence, ...(diagnosis && { diagnosis }) };
}

/** @returns what speaks against a file on this device, whose own map knows better than the table where its memories are */
export function checkOnDevice({ about, target }: Device, firmware: FirmwareFile): Concern[] {
  const { flash } = divideImage(firmware.image, target.geometry);
  const concerns = checkFirmware({ ...firmware, image: flash }, { chip: chipOf(about), candidates: about.chips });
  return concerns.filter(({ kind }) => kind !== 'outside-flash');
}

/** @returns a concern in the form in which a diagnosis takes it */
export function evidenceOf({ kind, seen: text }: Concern): Observation {
  return seen('file-concern', { concern: kind, text });
}

const isDanger = ({ severity }: Concern): boolean => severity === 'danger';

interface AnewOptions extends Pick<JobOptions, 'keepBeside' | 'replaceAll' | 'signal' | 'onProgress'> {
  readonly thorough?: boolean;
  /** Its times are estimated with. */
  readonly chip: Timed | undefined;
}

/** @returns the plan for the flash as it is now */
export async function planAnew(
  { target }: Device,
  image: MemoryImage,
  { keepBeside = true, replaceAll = false, chip, thorough, signal, onProgress }: AnewOptions,
): Promise<Plan> {
  if (image.segments.length === 0) return planProgram(image, [], undefined);
  const options = { keepBeside, replaceAll, thorough, signal, onProgress };
  const findings = await survey(target, image, target.geometry, options);
  const slowness = await target.slowness?.();
  return planProgram(image, findings, slowness ? { ...chip, slowness } : chip);
}

/**
 * @returns the error with which a job ends before anything is written, where the file or the device forbids to go on:
 * `preflight/danger`, `device/unreadable` or `plan/doubtful`, with the diagnosis
 */
export function refusal({ concerns, evidence, diagnosis, unproven }: Preparation): FlashError | undefined {
  const dangers = concerns.filter(isDanger);
  if (dangers.length > 0) return new FlashError('preflight/danger', { concerns: dangers }, undefined, { diagnosis });
  const fatal = evidence.find(isFatal);
  if (!fatal || unproven) return undefined;
  if (givesNothing(fatal)) return new FlashError('device/unreadable', {}, undefined, { diagnosis });
  return new FlashError('plan/doubtful', { cause: diagnosis?.cause ?? fatal.kind }, undefined, { diagnosis });
}

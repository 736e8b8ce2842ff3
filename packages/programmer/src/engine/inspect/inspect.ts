/** Everything that can be learned of a device without changing it, and on request by an experiment in one sector. */
import type { Chip } from '@sureflash/chips';
import { type MemoryImage, rangeOf } from '@sureflash/image';
import { isDoubt, isFatal, type Observation, seen, updated } from '../../diagnosis/observation.ts';
import type { Diagnosis } from '../../diagnosis/rank.ts';
import { isFlashError } from '../../errors.ts';
import { observeError } from '../../evidence/error.ts';
import { gatherAllEvidence } from '../../evidence/gather.ts';
import { observeKind } from '../../evidence/loader.ts';
import { observeRun } from '../../evidence/run.ts';
import type { Device } from '../../target/device.ts';
import type { Range, Region } from '../../target/geometry.ts';
import { checkImageFits, differencesInFlash, divideImage } from '../byte-memory.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';
import { checkOnDevice, evidenceOf, imageOf, isFirmwareFile, type Programmable, prepareChecked } from '../prepare.ts';
import { proveImage } from '../proof/proof.ts';
import type { RunOptions } from '../run/progress.ts';
import { chipOfProgram, evidenceInput, expectedChip, flashRegion, NO_IMAGE, VECTORS_BYTES } from '../survey/known.ts';
import { diagnoseRun } from '../why/diagnose-run.ts';
import { explaining, type SeenBefore } from '../why/explained.ts';
import { mayBeSimulated } from '../why/simulated.ts';
import { Transcript, transcribed } from '../why/transcript.ts';
import { scratchSectors, type TrialOptions } from '../why/trial.ts';
import { tryScratch } from './scratch.ts';

export interface InspectOptions extends RunOptions {
  /** A sector that nobody needs, by an address in it: a test pattern is written there, and the sector is left erased. */
  readonly scratch?: number | undefined;
  /** Trials in its `scratch` that tell apart what would explain what the test pattern has shown; without it none are made. */
  readonly trials?: (TrialOptions & { readonly scratch: Range }) | undefined;
}

export interface Inspection {
  readonly evidence: readonly Observation[];
  /** What the evidence amounts to; absent where it explains nothing. */
  readonly diagnosis?: Diagnosis;
}

/**
 * Gathers everything that reads tell: the loader, its map, whether its reads can be believed, its option bytes, and whether
 * it holds the image, where there is one. Nothing in the device is changed, but for the scratch sector.
 * @throws what the target throws when the device is gone or does not answer, with a diagnosis; a refusal is evidence
 */
export async function inspect(
  device: Device,
  programmable: Programmable = NO_IMAGE,
  options: InspectOptions = {},
): Promise<Inspection> {
  const image = imageOf(programmable);
  const concerns = isFirmwareFile(programmable) ? checkOnDevice(device, programmable) : [];
  const known = concerns.map(evidenceOf);
  const seenBefore: SeenBefore = { image, evidence: known };
  const transcript = mayBeSimulated(device.about) ? new Transcript() : undefined;
  const watched = transcribed(device, transcript);
  return await explaining(device, seenBefore, async () => {
    const region = flashRegion(device.target, image);
    const chip = expectedChip(device.about, image) ?? (region && (await chipOfFlash(watched, region)));
    const looked = [...(await look(watched, { image, region, chip }, options)), ...known];
    seenBefore.evidence = looked;
    const { scratch, trials, signal } = options;
    const trial = trials && { sectors: scratchSectors(device, trials.scratch), options: trials };
    const tried = scratch === undefined ? [] : await tryScratch(watched, { address: scratch, chip, signal });
    const evidence = updated(looked, tried);
    const isWrong = evidence.some(isDoubt) || tried.some(({ kind }) => kind === 'mismatch');
    const run = { device: watched, chip, trial, signal, ...(isWrong && { transcript }) };
    const diagnosis = await diagnoseRun(run, evidence, region);
    return { evidence, ...(diagnosis && { diagnosis }) };
  });
}

interface LookedAt {
  readonly image: MemoryImage;
  readonly region: Region | undefined;
  readonly chip: Chip | undefined;
}

async function look(
  device: Device,
  { image, region, chip }: LookedAt,
  options: RunOptions,
): Promise<readonly Observation[]> {
  if (!region) return [observeKind(device.about), seen('no-map', {})];
  const wanted = image.segments.map(rangeOf);
  let found: readonly Observation[] = [observeKind(device.about)];
  try {
    found = await gatherAllEvidence(evidenceInput(device, { region, chip, wanted, signal: options.signal }));
    // Reads that cannot be believed say nothing about the content of the flash.
    const content = found.some(isFatal) ? [] : await inspectContent(device, image, options);
    const planned = found.some(isFatal) ? [] : await inspectPlan(device, image, options);
    return updated(found, [...content, ...planned]);
  } catch (error) {
    const told = isFlashError(error) ? observeError(error) : [];
    if (told.length === 0) throw error;
    return [...found, ...told];
  }
}

/** Every check that a job with this image goes through before it changes anything. */
async function inspectPlan(device: Device, image: MemoryImage, { signal }: RunOptions): Promise<Observation[]> {
  if (image.segments.length === 0) return [];
  try {
    await prepareChecked(device, { image, concerns: [] }, { signal, simulates: false });
    return [];
  } catch (error) {
    if (!isFlashError(error)) throw error;
    if (!error.code.startsWith('plan/') && error.code !== 'device/no-map') return [];
    const protection = error.code === 'plan/protected' ? (error.diagnosis?.observations ?? []) : [];
    return [...observeError(error), ...protection.filter(({ kind }) => kind.startsWith('option-'))];
  }
}

async function inspectContent(
  { target, about }: Device,
  image: MemoryImage,
  { signal, onProgress }: RunOptions,
): Promise<Observation[]> {
  if (image.segments.length === 0) return [];
  const divided = divideImage(image, target.geometry);
  try {
    checkImageFits(divided, target.geometry, true);
  } catch (error) {
    if (isFlashError(error)) return observeError(error);
    throw error;
  }
  const proof = await proveImage(target, image, target.geometry, { signal, onProgress });
  if (proof.differing === 0) return [seen('holds-file', { bytes: proof.compared })];
  const { expected, proof: differences } = differencesInFlash(divided, proof);
  const read = async (range: Range): Promise<Uint8Array> => await readMemoryBytes(target, range);
  const regions = target.geometry.filter(({ kind }) => kind === 'flash');
  return await observeRun(read, { expected, regions, differences, sectors: [], blockSize: about.blockSize });
}

/** @returns the chip that the program in the flash was built for. @throws what the target throws, but for refused reads */
async function chipOfFlash({ target }: Device, { start, end }: Region): Promise<Chip | undefined> {
  if (end - start < VECTORS_BYTES) return undefined;
  try {
    return chipOfProgram(await readMemoryBytes(target, { start, end: start + VECTORS_BYTES }));
  } catch (error) {
    if (isFlashError(error)) return undefined;
    throw error;
  }
}

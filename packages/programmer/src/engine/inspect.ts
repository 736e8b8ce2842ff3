/** What can be learned about a device without changing it, and what an error amounts to. */
import { dfuChipsOfFamily, familyFromVectors } from '@sureflash/chips';
import {
  type Diagnosis,
  diagnose,
  examineThoroughly,
  isFatal,
  type Observation,
  observeError,
  observeRun,
  seen,
  updated,
} from '../diagnosis/index.ts';
import { isFlashError } from '../errors.ts';
import type { Range } from '../target/geometry.ts';
import type { OnProgress } from './progress.ts';
import { readAll } from './read.ts';
import { examinedOf, flashRegion, likelyChip, loaderOf, type Subject, VECTORS_BYTES, whoAnswers } from './subject.ts';
import { checkTaken, differencesInFlash } from './unerased.ts';
import { verifyImage } from './verify.ts';

export interface InspectOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/**
 * Everything that reads tell: who answers, its map, whether its reads can be believed, its option bytes, and whether it
 * holds the image, where there is one. Nothing in the device is changed.
 * @throws what the target throws when the device is gone or does not answer; a refusal is evidence
 */
export async function inspect(subject: Subject, options: InspectOptions = {}): Promise<Observation[]> {
  const region = flashRegion(subject);
  const known = subject.known ?? [];
  if (!region) return [whoAnswers(subject), ...known];
  try {
    const found = await examineThoroughly(examinedOf(subject, region, options.signal));
    // What such a device gives for its content says nothing about its content.
    const content = found.some(isFatal) ? [] : await inspectContent(subject, options);
    return [...updated(found, content), ...known];
  } catch (error) {
    const told = isFlashError(error) ? observeError(error) : [];
    if (told.length === 0) throw error;
    return [whoAnswers(subject), ...known, ...told];
  }
}

async function inspectContent(subject: Subject, { signal, onProgress }: InspectOptions): Promise<Observation[]> {
  const { target, image } = subject;
  if (image.segments.length === 0) return [];
  try {
    checkTaken(image, target.geometry, true);
  } catch (error) {
    if (isFlashError(error)) return observeError(error);
    throw error;
  }
  const shared = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const comparison = await verifyImage(target, image, target.geometry, shared);
  if (comparison.differing === 0) return [seen('holds-file', { bytes: comparison.compared })];
  const { expected, comparison: differences } = differencesInFlash(image, comparison, target.geometry);
  const read = async (range: Range): Promise<Uint8Array> => await readAll(target, range);
  const { blockSize } = loaderOf(subject);
  const flash = target.geometry.filter(({ kind }) => kind === 'flash');
  const block = blockSize === undefined ? {} : { blockSize };
  return await observeRun(read, { expected, regions: flash, differences, sectors: [], ...block });
}

/**
 * The subject with the chip that its running program was built for, where nothing else tells the chip. Reads only.
 * @throws what the target throws, but for refused reads
 */
export async function withChipOfProgram(subject: Subject): Promise<Subject> {
  const region = flashRegion(subject);
  if (likelyChip(subject) || !region || region.end - region.start < VECTORS_BYTES) return subject;
  try {
    const head = await readAll(subject.target, { start: region.start, end: region.start + VECTORS_BYTES });
    const family = familyFromVectors(head);
    const [chip, ...others] = family ? dfuChipsOfFamily(family) : [];
    return chip && others.length === 0 ? { ...subject, chip } : subject;
  } catch (error) {
    if (isFlashError(error)) return subject;
    throw error;
  }
}

/**
 * What an error amounts to with which a job has ended, together with what was known before. It asks nothing of the device.
 * @returns `undefined` for an error that says all there is to say
 */
export function explainError(
  subject: Subject,
  error: unknown,
  evidence: readonly Observation[] = [],
): Diagnosis | undefined {
  if (!isFlashError(error)) return undefined;
  const told = observeError(error);
  if (told.length === 0) return undefined;
  const before = evidence.length > 0 ? evidence : [whoAnswers(subject), ...(subject.known ?? [])];
  return diagnose([...before, ...told], likelyChip(subject));
}

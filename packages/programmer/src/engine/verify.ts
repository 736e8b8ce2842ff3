/** Compares the memories of a device with an image, and changes nothing. */
import { compareImages, type ImageComparison, type MemoryImage } from '@sureflash/image';
import type { Device } from '../target/device.ts';
import { checkImageFits, differencesInFlash, divideImage } from './byte-memory.ts';
import { neededOf, type Programmable } from './prepare.ts';
import { proveImage } from './proof/proof.ts';
import { read } from './read.ts';
import type { RunOptions } from './run/progress.ts';
import { firstLook } from './survey/known.ts';
import { explainingByLook } from './why/explained-by-look.ts';
import { backgroundOf, explainComparison } from './why/failure.ts';
import type { Transcript } from './why/transcript.ts';

/**
 * Proves that flash, EEPROM and OTP hold their parts of the image.
 * @returns the number of bytes compared
 * @throws FlashError `verify/mismatch` with a diagnosis when they differ, `plan/*`; what the target throws; `signal.reason`
 */
export async function verify(device: Device, programmable: Programmable, options: RunOptions = {}): Promise<number> {
  const image = neededOf(programmable);
  const divided = divideImage(image, device.target.geometry);
  const { signal } = options;
  const compareAll = async (watched: Device, transcript: Transcript | undefined): Promise<number> => {
    const { target } = watched;
    checkImageFits(divided, target.geometry, true);
    const proof = await proveImage(target, image, target.geometry, options);
    if (proof.differing === 0) return proof.compared;
    const evidence = await firstLook(watched, image, options).catch(() => []);
    const background = { ...backgroundOf(watched, image, evidence, transcript), signal };
    throw await explainComparison(background, differencesInFlash(divided, proof));
  };
  return await explainingByLook(device, compareAll, { signal });
}

export interface Compared extends ImageComparison {
  /** What the device holds at the places that the image covers. */
  readonly found: MemoryImage;
}

/**
 * Reads the places that the image covers and lists how they differ from it; a difference is not an error.
 * @throws what the target throws; `signal.reason`
 */
export async function compare(device: Device, programmable: Programmable, options: RunOptions = {}): Promise<Compared> {
  const image = neededOf(programmable);
  const ranges = image.segments.map(({ address, bytes }) => ({ start: address, end: address + bytes.length }));
  const found = await read(device, ranges, options);
  return { ...compareImages(image, found), found };
}

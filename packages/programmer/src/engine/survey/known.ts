/** What is known of a device and an image together: the chip, the flash that matters, what a first look tells. */
import { type Chip, dfuChipsOfFamily, familyFromVectors } from '@sureflash/chips';
import { MemoryImage, rangeOf } from '@sureflash/image';
import type { Observation } from '../../diagnosis/observation.ts';
import { type EvidenceInput, gatherEvidence } from '../../evidence/gather.ts';
import { observeKind } from '../../evidence/loader.ts';
import { type About, chipOf } from '../../target/about.ts';
import type { Device } from '../../target/device.ts';
import type { Range, Region } from '../../target/geometry.ts';
import type { OperationOptions, Target } from '../../target/target.ts';
import { readMemoryBytes } from '../memory/read-memory.ts';

/** For operations without a file. */
export const NO_IMAGE = new MemoryImage([]);

/** The bytes at the start of a program in which its vector table may tell the family. */
export const VECTORS_BYTES = 1024;

/** @returns the only chip with a USB bootloader for which this program can have been built, if there is one */
export function chipOfProgram(head: Uint8Array): Chip | undefined {
  const family = familyFromVectors(head);
  const chips = family ? dfuChipsOfFamily(family) : [];
  return chips.length === 1 ? chips[0] : undefined;
}

/** @returns the chip when it is certain, else the one that the image's vector table was built for */
export function expectedChip(about: About, image: MemoryImage): Chip | undefined {
  const start = image.range?.start ?? 0;
  return chipOf(about) ?? chipOfProgram(image.read({ start, end: start + VECTORS_BYTES }));
}

/** @returns the flash that the image is for, else the first one */
export function flashRegion({ geometry }: Target, image: MemoryImage): Region | undefined {
  const start = image.range?.start ?? 0;
  const flash = geometry.filter(({ kind }) => kind === 'flash');
  return flash.find((region) => start >= region.start && start < region.end) ?? flash[0];
}

export interface KnownOptions extends OperationOptions {
  readonly region: Region;
  readonly chip: Chip | undefined;
  /** What is to be written or read there. */
  readonly wanted: readonly Range[];
}

export function evidenceInput({ target }: Device, { region, chip, wanted, signal }: KnownOptions): EvidenceInput {
  return { target, region, chip, wanted, read: async (range) => await readMemoryBytes(target, range, { signal }) };
}

/**
 * A first look at whoever answers. ST's ROM bootloaders have earned their trust, and the final proof is theirs too; a debug
 * probe reads the memory itself: they are not asked.
 */
export async function firstLook(
  device: Device,
  image: MemoryImage,
  { signal }: OperationOptions,
): Promise<Observation[]> {
  const region = flashRegion(device.target, image);
  const { kind } = device.about;
  if (kind === 'st-rom' || kind === 'debug-port' || !region) return [observeKind(device.about)];
  const chip = expectedChip(device.about, image);
  return await gatherEvidence(evidenceInput(device, { region, chip, wanted: image.segments.map(rangeOf), signal }));
}

/** What a job is about: a target, an image, and what is known of both. */
import { type Chip, dfuChipsOfFamily, familyFromVectors } from '@sureflash/chips';
import type { MemoryImage } from '@sureflash/image';
import { type Examined, type Loader, type Observation, seen } from '../diagnosis/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { Region } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { readAll } from './read.ts';
import type { Timed } from './timing.ts';

export interface Subject {
  readonly target: Target;
  readonly image: MemoryImage;
  readonly clock: Clock;
  /** Whether ST's ROM bootloader answers, as far as its descriptors tell. */
  readonly isRom: boolean;
  /** What the protocol tells about the loader; without it less can be explained. */
  readonly loader?: Loader;
  /** What is known from elsewhere: of the file, of the host. */
  readonly known?: readonly Observation[];
  /** The chip, when it is certain. */
  readonly chip?: Chip;
  /** A chip that it may be: its times serve for estimates. */
  readonly likely?: Timed;
}

/** The bytes at the start of a program in which its vector table may tell the family. */
export const VECTORS_BYTES = 1024;

/** The chip when it is certain, else the one that the image's vector table was built for. */
export function likelyChip({ chip, image }: Subject): Chip | undefined {
  if (chip) return chip;
  const start = image.range?.start ?? 0;
  const family = familyFromVectors(image.read({ start, end: start + VECTORS_BYTES }));
  const chips = family ? dfuChipsOfFamily(family) : [];
  return chips.length === 1 ? chips[0] : undefined;
}

export function loaderOf({ loader, isRom, target }: Subject): Loader {
  return loader ?? { kind: isRom ? 'rom' : 'other', title: target.description };
}

export function whoAnswers(subject: Subject): Observation {
  const { kind, title } = loaderOf(subject);
  return seen('loader', { loader: kind, title });
}

/** What an examination of the device needs. */
export function examinedOf(subject: Subject, region: Region, signal: AbortSignal | undefined): Examined {
  const { target } = subject;
  const chip = likelyChip(subject);
  return {
    loader: loaderOf(subject),
    regions: target.geometry,
    region,
    read: async (range) => await readAll(target, range, signal ? { signal } : {}),
    ...(chip && { chip }),
  };
}

/** The flash that the image is for, else the first. */
export function flashRegion({ target, image }: Subject): Region | undefined {
  const start = image.range?.start ?? 0;
  return (
    target.geometry.find((r) => r.kind === 'flash' && start >= r.start && start < r.end) ??
    target.geometry.find((r) => r.kind === 'flash')
  );
}

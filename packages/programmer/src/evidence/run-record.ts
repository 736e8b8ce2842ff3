/** What a run tells a diagnosis: what was expected, what was done, what the proof found. */
import type { Chip } from '@sureflash/chips';
import type { MemoryImage, Segment } from '@sureflash/image';
import type { Region, Sector } from '../target/geometry.ts';

/** What the proof found. */
export interface Differences {
  readonly first: readonly { readonly address: number; readonly expected: number; readonly found: number }[];
  readonly differing: number;
  readonly compared: number;
  /** Ascending. */
  readonly sectors: readonly Sector[];
}

/** One sector of the plan that was carried out. */
export interface SectorRecord {
  readonly sector: Sector;
  readonly action: 'keep' | 'fill' | 'replace';
  /** A few bytes as they were before. */
  readonly before?: Segment;
}

export interface WorkRecord {
  readonly sectorsErased: number;
  readonly bytesWritten: number;
  /** Time for erasing and writing. */
  readonly tookMs: number;
  /** What the flash needs for it at least. */
  readonly leastMs: number;
}

export interface RunRecord {
  /** What the flash should hold. */
  readonly expected: MemoryImage;
  readonly regions: readonly Region[];
  readonly differences: Differences;
  /** Empty where nothing was written: a comparison alone. */
  readonly sectors: readonly SectorRecord[];
  readonly work?: WorkRecord | undefined;
  readonly blockSize?: number | undefined;
  readonly chip?: Chip | undefined;
}

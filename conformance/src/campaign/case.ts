/** What one case of the campaign is, and images that are made of a few pieces. */
import { MemoryImage, type Segment } from '@sureflash/image';
import type { JobOptions } from '@sureflash/programmer';
import type { CauseId } from '@sureflash/programmer/diagnosis';
import { noise } from '../rig.ts';

export interface Case {
  /** Name of a virtual board. */
  readonly scenario: string;
  /** What tells its flash, or its loader, from those of the others. */
  readonly flash: string;
  /** What flash holds before, beyond the image on both sides. */
  readonly old: readonly Segment[];
  readonly image: MemoryImage;
  readonly job: JobOptions;
  /** How a run without a fault has to end: in a success where absent, without a proof, or with this code. */
  readonly ends?: 'unproven' | { readonly code: string };
  /** The causes that the board itself shows, whatever else goes wrong. */
  readonly shows?: readonly CauseId[];
}

export const KB = 1024;

export interface Piece {
  readonly at: number;
  readonly bytes: number;
  /** What stands there and behind it; erased flash where absent. */
  readonly oldBytes?: number;
  /** So much of the beginning is in flash already. */
  readonly same?: number;
}

/** @returns what flash holds before, and the image, at `base` and behind it */
export function caseOf(base: number, pieces: readonly Piece[]): Pick<Case, 'old' | 'image'> {
  const old: Segment[] = [];
  const image = pieces.map(({ at, bytes, oldBytes = 0, same = 0 }, i) => {
    const before = noise(oldBytes, 10 + i);
    const wanted = noise(bytes, 20 + i);
    wanted.set(before.subarray(0, same));
    if (oldBytes > 0) old.push({ address: base + at, bytes: before });
    return { address: base + at, bytes: wanted };
  });
  return { old, image: new MemoryImage(image) };
}

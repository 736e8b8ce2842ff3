/** Places and lengths in whole units of flash: cells take no part of one. */
import type { Range } from '../../target/geometry.ts';
import type { Shape } from './record.ts';

/** Distances and lengths of a trial are multiples of it, where cells need no more. */
const LEAST_UNIT = 8;

/** What a trial writes in, in bytes: 32 at once on an H7, 16 on a U5 (the chip table has the sources). */
export const trialUnitOf = ({ writeSize }: Pick<Shape, 'writeSize'>): number => Math.max(LEAST_UNIT, writeSize);

/** The same in whole units: it begins at the next, and is as long or a little longer. */
export function inUnits({ start, end }: Range, unit: number): Range {
  const from = Math.ceil(start / unit) * unit;
  return { start: from, end: from + Math.ceil((end - start) / unit) * unit };
}

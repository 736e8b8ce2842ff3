/** Which reads beside the image are worth their time before the first erase, and in which order the proof should read. */
import type { Range } from '../target/geometry.ts';
import type { Shape } from './record.ts';

/** Bytes of each look: enough to know a content again. */
const LOOK_BYTES = 128;
/** All looks together. */
const MOST_LOOK_BYTES = 2048;
const SMALLEST_POWER = 0x1000;

export interface LookOptions {
  /** A place outside the flash that is never blank and may be read: option bytes, a unique identifier. */
  readonly outside?: Range;
}

/**
 * Looks to be made once before the first erase and once after the last write: an erase that takes more than its sector,
 * an address that wraps, or a neighbour that is hit shows in them. What the image covers is left out: it is read anyway.
 * @returns at most 2 KB in all, in ascending order, the one outside first
 */
export function looksWorthMaking(shape: Shape, image: readonly Range[], { outside }: LookOptions = {}): Range[] {
  const { start, end } = shape;
  const wanted = [start, end - LOOK_BYTES];
  for (const range of image) wanted.push(range.end, range.start - LOOK_BYTES);
  const powers: number[] = [];
  for (let power = SMALLEST_POWER; power < end - start; power *= 2) powers.push(start + power);
  // The next power above the image first: there addresses wrap that have lost a bit.
  const top = Math.max(start, ...image.map((range) => range.end));
  powers.sort((a, b) => Number(a < top) - Number(b < top) || a - b);
  const ranges = outside ? [{ start: outside.start, end: Math.min(outside.end, outside.start + LOOK_BYTES) }] : [];
  let bytes = ranges.reduce((sum, range) => sum + range.end - range.start, 0);
  const taken: Range[] = [];
  for (const at of [...wanted, ...powers]) {
    const look = { start: at - (at % shape.writeSize), end: Math.min(end, at - (at % shape.writeSize) + LOOK_BYTES) };
    if (
      look.start < start ||
      look.start >= end ||
      [...image, ...taken].some((range) => range.start < look.end && range.end > look.start)
    )
      continue;
    if (bytes + look.end - look.start > MOST_LOOK_BYTES) break;
    taken.push(look);
    bytes += look.end - look.start;
  }
  return [...ranges, ...taken.sort((a, b) => a.start - b.start)];
}

/**
 * The pieces in which the proof reads `span`, so that a loader that answers from a copy of the stream is seen: the upper
 * half comes first. It costs one more start of a read.
 */
export function proofOrder(span: Range, blockSize: number): Range[] {
  const blocks = Math.floor((span.end - span.start) / blockSize);
  if (blocks < 4) return [span];
  const middle = span.start + Math.ceil(blocks / 2) * blockSize;
  return [
    { start: middle, end: span.end },
    { start: span.start, end: middle },
  ];
}

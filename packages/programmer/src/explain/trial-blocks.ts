/** Stretches of a trial, block by block as a host sends and asks for them. */
import type { Range } from '../target/geometry.ts';
import { type Asked, eraseOf } from './asked.ts';
import { beginBlank, madeUpBytes } from './jobs.ts';
import type { ReadRequest } from './record.ts';

/** Blocks from the start of a piece; a short last one has an address of its own. */
function readBlocksOf(start: number, end: number, blockSize: number): Omit<ReadRequest, 'kind'>[] {
  const blocks: Omit<ReadRequest, 'kind'>[] = [];
  const whole = end - ((end - start) % blockSize);
  for (let at = start; at < whole; at += blockSize)
    blocks.push({ base: start, number: (at - start) / blockSize, address: at, length: blockSize });
  if (whole < end) blocks.push({ base: whole, number: 0, address: whole, length: end - whole });
  return blocks;
}

export const readsOf = (start: number, end: number, blockSize: number): ReadRequest[] =>
  readBlocksOf(start, end, blockSize).map((block) => ({ kind: 'read', ...block }));

export function writesOf({ start, end }: Range, blockSize: number, seed: number): Asked[] {
  return readBlocksOf(start, end, blockSize).map(({ length, ...block }, i) => {
    return { kind: 'write', ...block, bytes: beginBlank(madeUpBytes(seed * 97 + i + 1, length), i) };
  });
}

/** All of it lies in sectors that follow one another. */
export function isAllIn({ start, end }: Range, sectors: readonly Range[]): boolean {
  const own = sectors.filter((each) => each.start < end && each.end > start);
  const bytes = own.reduce((sum, each) => sum + Math.min(end, each.end) - Math.max(start, each.start), 0);
  return bytes === end - start;
}

/** Erases all that a place touches, writes it and reads it. */
export function writtenAnew(
  place: Range,
  sectors: readonly Range[],
  { blockSize, seed }: { readonly blockSize: number; readonly seed: number },
): Asked[] {
  const { start, end } = place;
  return [
    ...sectors.filter((each) => each.start < end && each.end > start).map(eraseOf),
    ...writesOf(place, blockSize, seed),
    ...readsOf(start, end, blockSize),
  ];
}

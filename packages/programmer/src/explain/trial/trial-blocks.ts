/** Stretches of a trial, block by block as a host sends and asks for them. */
import type { Range } from '../../target/geometry.ts';
import type { Model } from '../grammar/primitive.ts';
import { type Asked, eraseOf } from '../recording/asked.ts';
import type { ReadRequest } from '../recording/record.ts';
import { BLANK_BEGINNINGS, BLOCKS_PER_BEGINNING, beginBlank, madeUpBytes } from '../verdict/jobs.ts';

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

/** Shorter pieces have nothing but their bytes. */
const LEAST_BEGUN = 96;
/** Where pieces of one block go on with the beginnings: those of several have had the first ones. */
const BEGUN_BY_LONG = 2;

interface Beginnings {
  /** How many pieces of one block, or of several, were written before: each begins with another number of blank bytes. */
  readonly nth?: number;
  /** These numbers, in turn. */
  readonly beginnings?: readonly number[];
}

export function writesOf(
  { start, end }: Range,
  blockSize: number,
  seed: number,
  { nth, beginnings }: Beginnings = {},
): Asked[] {
  const blocks = readBlocksOf(start, end, blockSize);
  const single = nth !== undefined && blocks.length === 1 && end - start >= LEAST_BEGUN ? nth : undefined;
  return blocks.map(({ length, ...block }, i) => {
    const place =
      single === undefined
        ? (nth ?? 0) * BLOCKS_PER_BEGINNING + i
        : (BEGUN_BY_LONG + (single >> 1)) * BLOCKS_PER_BEGINNING + 1 + (single % 2);
    return { kind: 'write', ...block, bytes: beginBlank(madeUpBytes(seed * 97 + i + 1, length), place, beginnings) };
  });
}

/**
 * Where models say with how many blank bytes a block begins that they lose: so many, and one fewer, tell that there is no
 * other number. Then the usual ones: of more blank bytes nobody knows in cells with ECC whether they were written.
 */
export function beginningsFor(models: readonly Model[]): readonly number[] {
  const said = models
    .flat()
    .flatMap(({ condition }) => (condition?.kind === 'begins-with' ? condition.values.slice(0, 1) : []));
  return [...new Set([...said.flatMap((n) => [n - 1, n]).filter((n) => n > 0), ...BLANK_BEGINNINGS])];
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

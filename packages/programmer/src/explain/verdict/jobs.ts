/** Made-up jobs that break the coincidences of a run: models that answer them alike are one model to a user. */

import type { Range } from '../../target/geometry.ts';
import { FIRST_BYTES } from '../grammar/condition.ts';
import type { Span } from '../memory/cells.ts';
import { readAt } from '../recording/asked.ts';
import type { Change, ReadRequest, Shape } from '../recording/record.ts';
import { type Ground, type Step, stepsOf } from '../recording/steps.ts';

export interface Job {
  readonly steps: readonly Step[];
  readonly seed: number;
}

/** A piece to be programmed: offset and length; its first bytes are all this value, and the next is not. */
type JobPiece = readonly [start: number, length: number, begins?: { readonly bytes: number; readonly value: number }];

/** Bytes by chance, the same for the same seed. */
export function madeUpBytes(seed: number, length: number): Uint8Array {
  let state = (seed * 2654435761) >>> 0 || 1;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 8;
  }
  return bytes;
}

/** Bytes that some blocks begin with as though they were blank, or zero: a loader may look at one, or at several. */
export const BLANK_BEGINNINGS: readonly number[] = [1, 8, 2, 4];

/** Two of so many blocks begin in one way, one with ones and one with zeros. */
export const BLOCKS_PER_BEGINNING = 4;

/** `i`: place of a block in a piece, or further on where its piece is to begin in another way. */
export function beginBlank(bytes: Uint8Array, i: number, beginnings = BLANK_BEGINNINGS): Uint8Array {
  const length = beginnings[Math.floor(i / BLOCKS_PER_BEGINNING) % beginnings.length] ?? 0;
  if (i % BLOCKS_PER_BEGINNING === 1) bytes.fill(0xff, 0, length);
  if (i % BLOCKS_PER_BEGINNING === 2) bytes.fill(0, 0, length);
  return bytes;
}

/** Noise by place, made once; that of another seed is the same further on. */
let noise: Uint8Array = new Uint8Array(0);

function noiseUpTo(length: number): Uint8Array {
  if (noise.length >= length) return noise;
  noise = new Uint8Array(length);
  for (let a = 0; a < length; a++) noise[a] = noiseAt(a);
  return noise;
}

const noiseAt = (a: number): number => (Math.imul(a >> 2, 2654435761) >>> ((a & 3) * 8)) & 0xff;
const NOISE_STEP = 4 * 7919;
/** Every fifth stretch of so many bytes is blank. */
const STRETCH = 1024;
const isBlankStretch = (a: number): boolean => Math.floor(a / STRETCH) % 5 === 3;
/** The others have blank ends, each of another length or none, and in each job another: large sectors have few ends. */
const blankEnd = (a: number, seed: number): number =>
  Math.floor(2 ** (((Math.floor(a / STRETCH) + 2 * seed) % 11) - 1));

/** Content of flash before a job: noise with erased stretches, by place alone, so that any part can be made. */
function fillOld(seed: number, { erasedValue, size }: Ground): (span: Span) => void {
  const all = noiseUpTo(size + seed * NOISE_STEP);
  return ({ start, end, value, unknown }) => {
    unknown.fill(0);
    const [low, high] = [Math.max(0, start), Math.min(size, end)];
    if (low < high) value.set(all.subarray(low + seed * NOISE_STEP, high + seed * NOISE_STEP), low - start);
    const outside = (from: number, to: number): void => fillNoise(value, { from, to, start, seed });
    outside(start, Math.min(end, low));
    outside(Math.max(start, low, high), end);
    for (let a = Math.floor(start / STRETCH) * STRETCH; a < end; a += STRETCH) {
      const blank = (from: number, to: number): void => {
        if (from < end && to > start) value.fill(erasedValue, Math.max(0, from - start), Math.min(end, to) - start);
      };
      if (isBlankStretch(a)) blank(a, a + STRETCH);
      blank(a + STRETCH - blankEnd(a, seed), a + STRETCH);
      blank(a, a + blankEnd(a + 3 * STRETCH, seed));
    }
  };
}

function fillNoise(
  value: Uint8Array,
  {
    from,
    to,
    start,
    seed,
  }: { readonly from: number; readonly to: number; readonly start: number; readonly seed: number },
): void {
  for (let a = from; a < to; a++) value[a - start] = noiseAt(a + seed * NOISE_STEP);
}

/** Content by chance for any part of a flash. */
export function madeUpContent(ground: Ground, seed: number): (span: Span) => void {
  return fillOld(seed, ground);
}

/** Longest piece of a job, in blocks: what is simulated for each model has to end soon. */
const MOST_JOB_BLOCKS = 48;

/** Each a multiple of another power of two: a limit that counts multiples is told from one of half or twice as many. */
const ROUND_LENGTHS = [8, 16, 32, 64, 128, 256, 512].map((unit) => 3 * unit);

/** Room for the longest beginning and bytes behind it. */
const BEGUN_LENGTH = 96;
const BEGUN_EVERY = 128;

/** Blocks that begin with each number of blank bytes, and of zeros. */
const begun = (start: number): JobPiece[] =>
  FIRST_BYTES.flatMap((bytes) => [0xff, 0].map((value) => ({ bytes, value }))).map(
    (begins, i): JobPiece => [start + i * BEGUN_EVERY, BEGUN_LENGTH, begins],
  );

/**
 * Six jobs: longer than the run and in two pieces; from an odd page; small pieces; wholly above the run's addresses;
 * as the run but once more, in falling order; and beside round addresses. `begins`: one more, of blocks that begin as though
 * they were blank, for models that look at that.
 */
export function madeUpJobs(shape: Shape, ground: Ground, steps: readonly Step[], begins = false): Job[] {
  const { size, blockSize } = ground;
  const writes = steps.filter(({ kind }) => kind === 'write');
  // A verification only reads.
  const used = writes.length > 0 ? writes : steps;
  const low = Math.max(0, Math.min(...used.map(({ address }) => address), size));
  const high = Math.min(size, Math.max(...used.map(({ address, length }) => address + length), low));
  const long = Math.min((high - low) * 1.3 + 3 * blockSize, MOST_JOB_BLOCKS * blockSize, size * 0.45);
  const half = Math.floor(long / 2 / blockSize) * blockSize + 300;
  const above = Math.min(size - 9 * blockSize, Math.max(2 ** Math.ceil(Math.log2(high + 1)), high + blockSize));
  const start = Math.min(low, size - 2 * half - 6 * blockSize);
  const plans: JobPiece[][] = [
    [
      [Math.max(0, start), half],
      [Math.max(0, start) + half + 2 * blockSize + 8 - (half % 8), half],
    ],
    [[3 * blockSize, 5 * blockSize + 100]],
    [
      [8 * blockSize, 2 * blockSize],
      [11 * blockSize, 64],
      [14 * blockSize, 24],
      ...ROUND_LENGTHS.map((length, i): JobPiece => [(17 + i) * blockSize, length]),
    ],
    [[Math.max(0, above), 4 * blockSize + 40]],
    [
      [Math.max(0, above - blockSize), 900],
      [blockSize, 3 * blockSize + 200],
    ],
    // Its blocks lie across every round address.
    [[Math.max(0, start) + 72, half]],
    ...(begins ? [begun(Math.max(0, start))] : []),
  ];
  return plans.map((pieces, seed) => ({
    steps: stepsOf(operationsOf(pieces, shape, { blockSize, seed: seed + 1 }), shape, blockSize),
    seed: seed + 1,
  }));
}

function operationsOf(
  pieces: readonly JobPiece[],
  shape: Shape,
  { blockSize, seed }: { blockSize: number; seed: number },
): (Change | ReadRequest)[] {
  const places = pieces.map(([start, length, begins]) => ({
    start: shape.start + start,
    end: Math.min(shape.end, shape.start + start + length),
    begins,
  }));
  // Flash of a few blocks ends before some of them.
  const ranges = places.filter(({ start, end }) => start < end);
  const reads = ranges.flatMap(({ start, end }) =>
    blocks(start, end, blockSize).map((block): ReadRequest => ({ kind: 'read', ...block })),
  );
  const looks = [...lookAddresses(shape, ranges)].map((address): ReadRequest => readAt(address, 128));
  const beside = reads
    .filter((_, i) => i % 4 === 1)
    .map(({ address }) => readAt(Math.min(address + 8, shape.end - 256), 256));
  const sectors = shape.sectors.filter((sector) =>
    ranges.some(({ start, end }) => start < sector.end && end > sector.start),
  );
  const erases = sectors.map(({ start, end }): Change => ({ kind: 'erase', address: start, length: end - start }));
  const writes = ranges.flatMap(({ start, end, begins }, i) => {
    // A host fills the last unit of its cells.
    const filled = Math.min(shape.end, start + Math.ceil((end - start) / shape.writeSize) * shape.writeSize);
    const bytes = madeUpBytes(seed * 16 + i, filled - start);
    beginSectorsBlank(bytes, start, { sectors, seed });
    if (begins) bytes.fill(begins.value, 0, begins.bytes).fill(0x5a, begins.bytes, begins.bytes + 1);
    return blocks(start, filled, blockSize).map(
      ({ length, ...block }, n): Change => ({
        kind: 'write',
        ...block,
        bytes: beginBlank(bytes.subarray(block.address - start, block.address - start + length), n),
      }),
    );
  });
  return [
    ...reads.filter((_, i) => i % 2 === 0),
    ...looks,
    ...erases,
    ...writes,
    ...reads,
    ...beside.reverse(),
    ...looks,
  ];
}

/** The most first: where a block is dropped, what comes after it in its sector is blank. */
const BLANK_SECTOR_BEGINNINGS = [8, 4, 2, 1, 0] as const;

/** Where a sector begins within a piece, none or some of its bytes are blank and the next is not: a loader may look at so many of them. */
function beginSectorsBlank(
  bytes: Uint8Array,
  start: number,
  { sectors, seed }: { readonly sectors: readonly Range[]; readonly seed: number },
): void {
  const inside = sectors.map((sector) => sector.start - start).filter((at) => at > 0 && at < bytes.length);
  for (const [n, at] of inside.entries()) {
    const length = BLANK_SECTOR_BEGINNINGS[(n + seed) % BLANK_SECTOR_BEGINNINGS.length] ?? 0;
    bytes.fill(0xff, at, at + length);
    if (at + length < bytes.length) bytes[at + length] = (bytes[at + length] ?? 0) & 0x7f;
  }
}

/** Blocks of one run, and the short last one with an address of its own. */
function blocks(
  start: number,
  end: number,
  size: number,
): { base: number; number: number; address: number; length: number }[] {
  const all: { base: number; number: number; address: number; length: number }[] = [];
  let at = start;
  for (let number = 0; at + size <= end; number++, at += size)
    all.push({ base: start, number, address: at, length: size });
  if (at < end) all.push({ base: at, number: 0, address: at, length: end - at });
  return all;
}

/** Lines below this one stay near. */
const FIRST_MIRROR = 0x4000;

function lookAddresses({ start, end }: Shape, ranges: readonly { start: number; end: number }[]): Set<number> {
  const all = new Set([start, end - 128]);
  for (let power = 0x400; power < end - start; power *= 2) all.add(start + power);
  for (const range of ranges) {
    all.add(Math.max(start, range.start - 128));
    all.add(Math.min(end - 128, range.end + 8));
    // What goes elsewhere by an address line is told there from what is lost.
    for (let power = FIRST_MIRROR; power < end - start; power *= 2) {
      const mirror = start + ((range.start - start) ^ power);
      if (mirror + 128 <= end) all.add(mirror);
    }
  }
  return all;
}

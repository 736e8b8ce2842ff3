/** Makes up trials in erased sectors that break the coincidences of a job. It carries nothing out. */
import type { Range } from '../target/geometry.ts';
import { madeUpBytes } from './jobs.ts';
import { machineOf, modelRunsOf } from './machine.ts';
import type { Model } from './primitive.ts';
import type { Change, LoaderRestart, ReadRequest, Recording, Shape } from './record.ts';
import { groundOf, stepsOf } from './steps.ts';

/** What a trial is made of. */
export type Asked = Change | ReadRequest;
/** What can be simulated. */
export type AskedOrRestart = Asked | LoaderRestart;

/** More sectors are not needed, and each erase takes its time. */
const MOST_TRIAL_SECTORS = 11;
const LARGE_TRIAL_SECTOR = 0x4000;
/** A length that is a multiple of no more than 8. */
export const TAIL = 40;

/**
 * A trial that breaks the coincidences of a job: it begins at the highest place and at odd pages, has short blocks in the
 * middle, runs of several lengths, erases after writes, and reads in another order and at odd addresses.
 */
export function scratchTrial(scratch: Range, recording: Recording, variant: number, models: readonly Model[]): Asked[] {
  const { shape, blockSize } = recording;
  const segments = segmentsOf(scratch, shape, variant);
  const asked: Asked[] = [];
  const written: Range[] = [];
  for (const [n, { sectors, start, end }] of segments.entries()) {
    for (const sector of n % 2 === 0 ? sectors.toReversed() : sectors)
      asked.push({ kind: 'erase', address: sector.start, length: sector.end - sector.start });
    const pieces = piecesIn(start + (n % 2) * TAIL, end, blockSize, variant + n);
    for (const piece of n % 2 === 0 ? pieces : pieces.toReversed()) {
      asked.push(...writesOf(piece, blockSize, variant * 64 + written.length));
      written.push(piece);
    }
  }
  const small = segments
    .flatMap(({ sectors }) => sectors)
    .find((sector) => sector.end - sector.start <= LARGE_TRIAL_SECTOR);
  if (small) {
    const again = { start: small.start, end: small.start + Math.min(256, blockSize) };
    asked.push({ kind: 'erase', address: small.start, length: small.end - small.start });
    asked.push(...writesOf(again, blockSize, variant * 64 + 63));
  }
  const looks = segments.flatMap(({ start, end }) => [readAt(end - 128, 128), readAt(start, 128)]);
  looks.push(...looksOf(recording), ...landingLooks(models, asked, recording));
  const reads = written.flatMap(({ start, end }) => readsOf(start, end, blockSize));
  const beside = written.map(({ start, end }) => readAt(start + 13, Math.min(300, end - start - 13)));
  return [...looks, ...asked, ...reads, ...looks, ...beside.toReversed()];
}

/** Places that are looked at because a model says that something lands there. */
const MOST_LANDING_LOOKS = 16;
const LANDING_BYTES = 128;

/** Where the models say that erases and blocks of a trial take effect, if that is not where they were asked for. */
function landingLooks(models: readonly Model[], asked: readonly Asked[], recording: Recording): ReadRequest[] {
  const { shape, blockSize, known } = recording;
  const ground = groundOf(shape, blockSize, recording.operations, known);
  const steps = stepsOf(asked, shape, blockSize).filter(({ kind, number }) => kind === 'erase' || number === 0);
  const places = new Set<number>();
  for (const model of models) {
    const { chains } = machineOf(model, ground);
    for (const step of steps) {
      const [, to] = modelRunsOf(chains[step.kind], step, ground) ?? [];
      if (to !== undefined && to !== step.address && to >= 0 && to + LANDING_BYTES <= ground.size) places.add(to);
    }
  }
  return [...places].slice(0, MOST_LANDING_LOOKS).map((offset) => readAt(shape.start + offset, LANDING_BYTES));
}

const MOST_LOOKS = 24;
const SHORT_READ_BYTES = 256;

/** The short reads that were made before anything changed: they are worth a second look. */
export function looksOf({ operations }: Recording): ReadRequest[] {
  const firstChange = operations.findIndex(({ kind }) => kind !== 'read');
  return operations
    .slice(0, Math.max(0, firstChange))
    .flatMap((operation) =>
      operation.kind === 'read' && operation.bytes.length <= SHORT_READ_BYTES
        ? [readAt(operation.address, operation.bytes.length)]
        : [],
    )
    .slice(0, MOST_LOOKS);
}

interface TrialSegment extends Range {
  readonly sectors: readonly Range[];
}

/** The highest sectors of the place first, then some from an odd one in the middle, then the first. */
function segmentsOf(scratch: Range, shape: Shape, variant: number): TrialSegment[] {
  const inside = shape.sectors.filter(({ start, end }) => start >= scratch.start && end <= scratch.end);
  const least = inside.filter(({ start, end }) => end - start <= 4 * LARGE_TRIAL_SECTOR);
  // An erase of a large sector takes its time.
  const all = least.length > 0 ? least : inside.slice(0, 1);
  const isSmall = (all[0]?.end ?? 0) - (all[0]?.start ?? 0) < LARGE_TRIAL_SECTOR;
  const n = all.length;
  const middle = 2 * Math.floor((n * (3 + variant)) / 16) + 1;
  const cuts = isSmall
    ? [
        [n - 4 - variant, n - variant],
        [middle, middle + 4],
        [1, 2],
        [0, 1],
      ]
    : [n - 1, 1, 3, 0, 2].map((i) => [i, i + 1]);
  const taken = new Set<number>();
  return cuts.flatMap(([from = 0, to = 0]) => {
    const indices = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).filter(
      (i) => i >= 0 && i < n && !taken.has(i) && taken.size < MOST_TRIAL_SECTORS,
    );
    for (const i of indices) taken.add(i);
    const sectors = indices.flatMap((i) => all[i] ?? []);
    const [first] = sectors;
    const last = sectors.at(-1);
    return first && last && last.end - first.start === sectors.reduce((sum, { start, end }) => sum + end - start, 0)
      ? [{ sectors, start: first.start, end: last.end }]
      : [];
  });
}

/** Distances, and lengths of which each is a multiple of another power of two. */
const CLUSTER = [
  [0, 16],
  [24, 32],
  [72, 48],
  [136, 64],
  [264, 96],
  [520, 192],
  [1032, 128],
  [2056, 256],
] as const;

export function piecesIn(start: number, end: number, blockSize: number, variant: number): Range[] {
  const lengths = [
    [3 * blockSize + TAIL, 600, 24, 2 * blockSize],
    [24, 2 * blockSize + 72, 600, blockSize],
    [600, blockSize, 3 * blockSize + 8, 24],
  ][variant % 3];
  const pieces: Range[] = [];
  let at = start;
  for (const length of lengths ?? []) {
    if (at + length > end) continue;
    pieces.push({ start: at, end: at + length });
    at = Math.ceil((at + length + 256) / 1024) * 1024 + (length === 24 ? 8 : 0);
  }
  // Some close together: a unit that is larger than it should be takes one with the other.
  const cluster = at - start >= 1024 ? at - 512 : at;
  for (const [by, length] of CLUSTER) {
    const piece = { start: cluster + by, end: cluster + by + length };
    if (piece.end <= end && !pieces.some((other) => other.start < piece.end && other.end > piece.start))
      pieces.push(piece);
  }
  return pieces;
}

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
    const bytes = madeUpBytes(seed * 97 + i + 1, length);
    // Some blocks begin as though they were blank, or zero.
    if (i % 4 === 1) bytes.fill(0xff, 0, 8);
    if (i % 4 === 2) bytes.fill(0, 0, 8);
    return { kind: 'write', ...block, bytes };
  });
}

export const readAt = (address: number, length: number): ReadRequest => ({
  kind: 'read',
  base: address,
  number: 0,
  address,
  length,
});

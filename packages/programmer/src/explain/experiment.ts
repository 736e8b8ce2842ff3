/** Finds what would tell rivals apart: a read that should have been made before, or a scratch write that can be made now. */

import type { Range } from '../target/geometry.ts';
import { check } from './check.ts';
import { madeUpBytes, madeUpContent } from './jobs.ts';
import { looksWorthMaking } from './looks.ts';
import { machineOf } from './machine.ts';
import { predictSteps } from './predict.ts';
import type { Model } from './primitive.ts';
import type { SearchProblem } from './problem.ts';
import type { Change, ReadRequest, Recording, Shape } from './record.ts';
import { type Step, stepsOf } from './steps.ts';

/** What tells rivals apart. */
export type Separation =
  /** The same run with this read before its first change. */
  | { readonly kind: 'read-before'; readonly read: Range }
  /** These operations, after all that was done. */
  | { readonly kind: 'scratch'; readonly operations: readonly (Change | ReadRequest)[] };

export interface SeparateOptions {
  /** Sectors that may be erased and written for a trial. */
  readonly scratch?: Range;
  /** Another trial for each number. */
  readonly variant?: number;
}

type Asked = Change | ReadRequest;

/**
 * Looks for what tells `models` apart: a read that should have been made before, or, where `scratch` may be changed, a
 * trial there. With `scratch` a trial comes back in any case: what a model predicts of it confirms or refutes the model.
 */
export function separate(
  problem: SearchProblem,
  recording: Recording,
  models: readonly Model[],
  { scratch, variant = 0 }: SeparateOptions = {},
): Separation | undefined {
  const [first, ...others] = models;
  if (!first) return undefined;
  const { shape, blockSize } = recording;
  const asked: Asked[] = recording.operations.map((operation) =>
    operation.kind === 'read' ? { ...operation, length: operation.bytes.length } : operation,
  );
  const told = (operations: readonly Asked[]): number => {
    const steps = stepsOf(operations.map(withoutBytes), shape, blockSize);
    return others.filter(
      (other) => contradicts(problem, steps, first, other) || contradicts(problem, steps, other, first),
    ).length;
  };
  if (scratch) {
    const trials = [0, 1, 2].map((n) => scratchTrial(scratch, recording, variant + n)).filter((all) => all.length > 0);
    const rated = trials.map((operations) => ({ operations, told: told([...asked, ...operations]) }));
    const best = rated.reduce<(typeof rated)[number] | undefined>(
      (most, each) => (!most || each.told > most.told ? each : most),
      undefined,
    );
    return best && { kind: 'scratch', operations: best.operations };
  }
  if (others.length === 0) return undefined;
  for (const read of looksWorthMaking(shape, [])) {
    const request = readAt(read.start, read.end - read.start);
    if (told([request, ...asked]) === others.length) return { kind: 'read-before', read };
  }
  return undefined;
}

const withoutBytes = (operation: Asked): Asked =>
  operation.kind === 'read'
    ? {
        kind: 'read',
        base: operation.base,
        number: operation.number,
        address: operation.address,
        length: operation.length,
      }
    : operation;

/** Whether a loader like `truth` would show something that `other` cannot explain. */
function contradicts({ prices, ground }: SearchProblem, steps: readonly Step[], truth: Model, other: Model): boolean {
  const answers = predictSteps(truth, ground, steps, madeUpContent(ground, 1));
  let next = 0;
  const answered = steps.map((step): Step => {
    if (step.kind !== 'read') return step;
    const answer = answers[next++];
    return { ...step, bytes: answer?.value ?? step.bytes };
  });
  return check(machineOf(other, ground), answered, prices, { limit: 0 }) === undefined;
}

/** More sectors are not needed, and each erase takes its time. */
const MOST_TRIAL_SECTORS = 11;
const LARGE_TRIAL_SECTOR = 0x4000;
/** A length that is a multiple of no more than 8. */
const TAIL = 40;

/**
 * A trial that breaks the coincidences of a job: it begins at the highest place and at odd pages, has short blocks in the
 * middle, runs of several lengths, erases after writes, and reads in another order and at odd addresses.
 */
function scratchTrial(scratch: Range, recording: Recording, variant: number): Asked[] {
  const { shape, blockSize } = recording;
  const segments = segmentsOf(scratch, shape, variant);
  const asked: Asked[] = [];
  const written: Range[] = [];
  for (const [n, { sectors, start, end }] of segments.entries()) {
    for (const sector of n % 2 === 0 ? sectors.toReversed() : sectors)
      asked.push({ kind: 'erase', address: sector.start, length: sector.end - sector.start });
    const pieces = piecesIn(start, end, blockSize, variant + n);
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
  looks.push(...looksOf(recording));
  const reads = written.flatMap(({ start, end }) => readsOf(start, end, blockSize));
  const beside = written.map(({ start, end }) => readAt(start + 13, Math.min(300, end - start - 13)));
  return [...looks, ...asked, ...reads, ...looks, ...beside.toReversed()];
}

const MOST_LOOKS = 24;
const SHORT_READ_BYTES = 256;

/** The short reads that were made before anything changed: they are worth a second look. */
function looksOf({ operations }: Recording): ReadRequest[] {
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

const CLUSTER = [0, 24, 72, 136, 264, 520, 1032, 2056];

function piecesIn(start: number, end: number, blockSize: number, variant: number): Range[] {
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
  for (const by of CLUSTER) {
    const piece = { start: cluster + by, end: cluster + by + 16 };
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

const readsOf = (start: number, end: number, blockSize: number): ReadRequest[] =>
  readBlocksOf(start, end, blockSize).map((block) => ({ kind: 'read', ...block }));

function writesOf({ start, end }: Range, blockSize: number, seed: number): Asked[] {
  return readBlocksOf(start, end, blockSize).map(({ length, ...block }, i) => {
    const bytes = madeUpBytes(seed * 97 + i + 1, length);
    // Some blocks begin as though they were blank, or zero.
    if (i % 4 === 1) bytes.fill(0xff, 0, 8);
    if (i % 4 === 2) bytes.fill(0, 0, 8);
    return { kind: 'write', ...block, bytes };
  });
}

const readAt = (address: number, length: number): ReadRequest => ({
  kind: 'read',
  base: address,
  number: 0,
  address,
  length,
});

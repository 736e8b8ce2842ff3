/** Finds what would tell rivals apart: a read that should have been made before, or a scratch write that can be made now. */

import type { Range } from '../target/geometry.ts';
import { check } from './check.ts';
import { madeUpContent } from './jobs.ts';
import { looksWorthMaking } from './looks.ts';
import { machineOf } from './machine.ts';
import { predictSteps } from './predict.ts';
import type { Model } from './primitive.ts';
import type { SearchProblem } from './problem.ts';
import type { Change, ReadRequest, Recording } from './record.ts';
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
}

type Asked = Change | ReadRequest;

/** The cheapest experiment after which not all of `models` can be exact any more. */
export function separate(
  problem: SearchProblem,
  recording: Recording,
  models: readonly Model[],
  { scratch }: SeparateOptions = {},
): Separation | undefined {
  const [first, ...others] = models;
  if (!first || others.length === 0) return undefined;
  const { shape, blockSize } = recording;
  const asked: Asked[] = recording.operations.map((operation) =>
    operation.kind === 'read' ? { ...operation, length: operation.bytes.length } : operation,
  );
  const tells = (operations: readonly Asked[]): boolean => {
    const steps = stepsOf(operations.map(withoutBytes), shape, blockSize);
    return others.every(
      (other) => contradicts(problem, steps, first, other) || contradicts(problem, steps, other, first),
    );
  };
  for (const read of looksWorthMaking(shape, [])) {
    const request = readAt(read.start, read.end - read.start);
    if (tells([request, ...asked])) return { kind: 'read-before', read };
  }
  if (!scratch) return undefined;
  for (const operations of scratchTrials(scratch, recording))
    if (tells([...asked, ...operations])) return { kind: 'scratch', operations };
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

/** Small trials in a place that may be changed, the shortest first: a short block, two runs, an odd page, falling order. */
function* scratchTrials(scratch: Range, { shape, blockSize }: Recording): Iterable<Asked[]> {
  const sectors = shape.sectors.filter(({ start, end }) => start >= scratch.start && end <= scratch.end);
  const erases = (n: number): Asked[] =>
    sectors.slice(0, n).map(({ start, end }) => ({ kind: 'erase', address: start, length: end - start }));
  const places = sectors
    .flatMap(({ start, end }) =>
      Array.from({ length: Math.min(4, Math.floor((end - start) / blockSize)) }, (_, i) => start + i * blockSize),
    )
    .slice(0, 8);
  const write = (address: number, length: number, seed: number): Asked => ({
    kind: 'write',
    base: address,
    number: 0,
    address,
    bytes: Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101 + (i >> 3)) & 0xff),
  });
  const looks = places.map((address) => readAt(address, blockSize));
  const { length } = sectors;
  const [first = scratch.start, second] = places;
  yield [...erases(1), readAt(first, 256)];
  yield [...erases(1), write(first, 64, 1), readAt(first, 256)];
  if (second === undefined) return;
  yield [...erases(length), write(first, blockSize, 1), write(second, 24, 2), ...looks];
  yield [...erases(length), ...places.map((address, i) => write(address, blockSize, i)), ...looks];
  yield [
    ...erases(length),
    ...places.toReversed().map((address, i) => write(address, i % 2 ? blockSize : 40, i)),
    ...looks,
  ];
  yield [
    readAt(first + 8, 256),
    ...erases(length),
    ...places.slice(1).map((address, i) => write(address, blockSize, i)),
    ...looks.toReversed(),
  ];
}

const readAt = (address: number, length: number): ReadRequest => ({
  kind: 'read',
  base: address,
  number: 0,
  address,
  length,
});

/** Operations with everything that a loader could make depend on them: counts, offsets, place in the run. */
import { firstFrom } from './ascending.ts';
import type { KnownContent, LoaderRestart, Operation, ReadRequest, Shape } from './record.ts';

export const STEP_KINDS = ['erase', 'write', 'read'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** The kinds of step that a primitive acts on. */
export type Scope = readonly StepKind[];

/** One operation. Addresses are offsets from the start of the flash, so that bit operations on them are safe. */
export interface Step {
  readonly kind: StepKind;
  /** Place among all steps. */
  readonly at: number;
  /** How often the loader was started anew before: no count and nothing that it keeps goes beyond that. */
  readonly session: number;
  /** Operations of this kind before it. */
  readonly index: number;
  /** Erases and writes before it. */
  readonly changes: number;
  /** Writes before it. */
  readonly writes: number;
  /** Writes since the last erase; infinite where there was none. */
  readonly sinceErase: number;
  readonly address: number;
  readonly length: number;
  readonly base: number;
  /** Blocks since the address was set, from 0. */
  readonly number: number;
  /** The first address that was set for an operation of this kind. */
  readonly firstBase: number;
  /** Bytes from there to the first operation of this kind that came so far: a filter may keep some back. */
  readonly firstSkip: number;
  /** How many addresses were set for this kind of operation before this one's. */
  readonly run: number;
  readonly isFull: boolean;
  /** Bytes of operations of this kind before it. */
  readonly done: number;
  /** Written bytes, or what a read gave; empty for an erase and for a read that is to be predicted. */
  readonly bytes: Uint8Array;
  /** Indices of bytes that prove nothing. */
  readonly unstable: ReadonlySet<number> | undefined;
  /** Erases everything, by a command of its own. */
  readonly isWhole: boolean;
}

/** The parts of a shape that a simulation needs, in offsets. */
export interface Ground {
  readonly size: number;
  /** Starts of the sectors, ascending, and the end of the last. */
  readonly edges: readonly number[];
  readonly erasedValue: number;
  /** Bytes that are programmed at once and only once, unless all are set to zero; 1 where bits can be cleared further. */
  readonly unit: number;
  readonly blockSize: number;
  readonly isEcc: boolean;
  /** Nothing was asked for outside the flash. */
  readonly isAlone: boolean;
  /** What stands outside the flash, as far as it is known. */
  readonly known: readonly KnownContent[];
}

export function groundOf(
  shape: Shape,
  blockSize: number,
  operations: readonly (Operation | ReadRequest)[] = [],
  known: readonly KnownContent[] = [],
): Ground {
  const edges = shape.sectors.map(({ start }) => start - shape.start);
  edges.push(shape.end - shape.start);
  const unit = shape.cells === 'ecc' || shape.overwrite === 'refuses' ? shape.writeSize : 1;
  const isOutside = (operation: Operation | ReadRequest): boolean =>
    operation.kind === 'read' && (operation.address < shape.start || operation.address >= shape.end);
  const isAlone = !operations.some(isOutside);
  return {
    size: shape.end - shape.start,
    edges,
    erasedValue: shape.erasedValue,
    unit,
    blockSize,
    isAlone,
    known: known.map(({ address, bytes }) => ({ address: address - shape.start, bytes })),
    isEcc: shape.cells === 'ecc',
  };
}

const NO_DATA_YET = new Uint8Array(0);

export function stepsOf(
  operations: readonly (Operation | ReadRequest)[],
  shape: Pick<Shape, 'start' | 'end'>,
  blockSize: number,
): Step[] {
  const steps: Step[] = [];
  let session = 0;
  let counts = countsFromZero();
  for (const operation of operations) {
    if (operation.kind === 'restart') {
      session++;
      counts = countsFromZero();
    } else {
      steps.push(stepOf(operation, counts, { shape, blockSize, at: steps.length, session }));
    }
  }
  return steps;
}

/** What a loader could have counted since it started. */
interface Counts {
  readonly index: Record<StepKind, number>;
  readonly done: Record<StepKind, number>;
  readonly runs: Record<'write' | 'read', { run: number; base: number }>;
  readonly firsts: { write?: number; read?: number };
  changes: number;
  sinceErase: number;
}

const countsFromZero = (): Counts => ({
  index: { erase: 0, write: 0, read: 0 },
  done: { erase: 0, write: 0, read: 0 },
  runs: { write: { run: -1, base: Number.NaN }, read: { run: -1, base: Number.NaN } },
  firsts: {},
  changes: 0,
  sinceErase: Number.POSITIVE_INFINITY,
});

interface StepPlace extends Pick<Step, 'at' | 'session'> {
  readonly shape: Pick<Shape, 'start' | 'end'>;
  readonly blockSize: number;
}

/** All steps have the same members in the same order: what looks at them by the thousand is several times quicker so. */
function stepOf(
  operation: Exclude<Operation | ReadRequest, LoaderRestart>,
  counts: Counts,
  { shape, blockSize, at, session }: StepPlace,
): Step {
  const kind = operation.kind === 'erase-all' ? 'erase' : operation.kind;
  const { address, length, base, number, bytes, unstable } = partsOfStep(operation, shape);
  const { changes, sinceErase, index, done, firsts } = counts;
  const step = {
    kind,
    at,
    session,
    index: index[kind],
    changes,
    writes: index.write,
    sinceErase,
    address,
    length,
    base,
    number,
    firstBase: kind === 'erase' ? 0 : (firsts[kind] ?? base),
    firstSkip: 0,
    run: kind === 'erase' ? 0 : runOf(counts.runs[kind], base, number),
    isFull: kind === 'erase' || length === blockSize,
    done: done[kind],
    bytes,
    unstable,
    isWhole: operation.kind === 'erase-all',
  };
  countStep(step, counts);
  return step;
}

/** The number of the run that a block belongs to; it begins another where its number is 0 or its base is new. */
function runOf(current: { run: number; base: number }, base: number, number: number): number {
  if (number === 0 || base !== current.base) current.run++;
  current.base = base;
  return current.run;
}

function countStep({ kind, length, firstBase }: Step, counts: Counts): void {
  counts.index[kind]++;
  counts.done[kind] += length;
  if (kind !== 'read') counts.changes++;
  if (kind === 'erase') counts.sinceErase = 0;
  else counts.firsts[kind] = firstBase;
  if (kind === 'write') counts.sinceErase++;
}

type StepParts = Pick<Step, 'address' | 'length' | 'base' | 'number' | 'bytes' | 'unstable'>;

/** What the operation itself says; no member is copied from another object, because that takes longer than all the rest. */
function partsOfStep(
  operation: Exclude<Operation | ReadRequest, LoaderRestart>,
  { start, end }: Pick<Shape, 'start' | 'end'>,
): StepParts {
  if (operation.kind === 'erase-all') return erased(0, end - start);
  const address = operation.address - start;
  if (operation.kind === 'erase') return erased(address, operation.length);
  const { number } = operation;
  const base = operation.base - start;
  if (operation.kind === 'read' && !('bytes' in operation))
    return { address, length: operation.length, base, number, bytes: NO_DATA_YET, unstable: undefined };
  const { bytes } = operation;
  const odd = operation.kind === 'read' ? operation.unstable : undefined;
  return { address, length: bytes.length, base, number, bytes, unstable: odd && new Set(odd) };
}

const erased = (address: number, length: number): StepParts => ({
  address,
  length,
  base: address,
  number: 0,
  bytes: NO_DATA_YET,
  unstable: undefined,
});

/** The sector that holds an offset: its number, or -1. */
export const sectorAt = ({ edges }: Ground, address: number): number =>
  address < 0 || address >= (edges.at(-1) ?? 0) ? -1 : firstFrom(edges, address + 1) - 1;

/** The last one of a kind before a step, if there was one since the start. */
export function stepBefore(step: Step, steps: readonly Step[], kind: StepKind): Step | undefined {
  for (let at = step.at - 1; at >= 0 && steps[at]?.session === step.session; at--)
    if (steps[at]?.kind === kind) return steps[at];
  return undefined;
}

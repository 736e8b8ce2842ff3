/** Operations with everything that a loader could make depend on them: counts, offsets, place in the run. */
import type { KnownContent, LoaderRestart, Operation, ReadRequest, Shape } from './record.ts';

export type StepKind = 'erase' | 'write' | 'read';

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
  /** How many addresses were set for this kind of operation before this one's. */
  readonly run: number;
  readonly isFull: boolean;
  /** Bytes of operations of this kind before it. */
  readonly done: number;
  /** Written bytes, or what a read gave; empty for an erase and for a read that is to be predicted. */
  readonly bytes: Uint8Array;
  readonly unstable?: ReadonlySet<number>;
  /** Erases everything, by a command of its own. */
  readonly isWhole?: boolean;
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
      steps.push({ ...stepOf(operation, counts, shape, blockSize), at: steps.length, session });
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

function stepOf(
  operation: Exclude<Operation | ReadRequest, LoaderRestart>,
  counts: Counts,
  { start, end }: Pick<Shape, 'start' | 'end'>,
  blockSize: number,
): Omit<Step, 'at' | 'session'> {
  const kind = operation.kind === 'erase-all' ? 'erase' : operation.kind;
  const { index, done, runs, firsts, changes, sinceErase } = counts;
  const counted = { kind, changes, sinceErase, writes: index.write, index: index[kind]++ };
  if (kind !== 'read') counts.changes++;
  counts.sinceErase = kind === 'erase' ? 0 : kind === 'write' ? sinceErase + 1 : sinceErase;
  if (operation.kind === 'erase-all' || operation.kind === 'erase') {
    const extent = eraseExtent(operation, start, end);
    done.erase += extent.length;
    return { ...counted, ...ERASE_STEP, ...extent, done: done.erase - extent.length };
  }
  const address = operation.address - start;
  const bytes = 'bytes' in operation ? operation.bytes : NO_DATA_YET;
  const length = 'bytes' in operation ? operation.bytes.length : operation.length;
  const current = runs[operation.kind];
  if (operation.number === 0 || operation.base !== current.base) {
    current.run++;
    current.base = operation.base;
  }
  const unstable = 'unstable' in operation && operation.unstable ? { unstable: new Set(operation.unstable) } : {};
  const place = { address, length, base: operation.base - start, number: operation.number, run: current.run };
  done[operation.kind] += length;
  firsts[operation.kind] ??= operation.base - start;
  return {
    ...counted,
    ...place,
    firstBase: firsts[operation.kind] ?? 0,
    done: done[operation.kind] - length,
    isFull: length === blockSize,
    bytes,
    ...unstable,
  };
}

function eraseExtent(
  operation: Exclude<Operation, LoaderRestart> | ReadRequest,
  start: number,
  end: number,
): Pick<Step, 'isWhole' | 'address' | 'base' | 'length'> {
  if (operation.kind !== 'erase') return { isWhole: true, address: 0, base: 0, length: end - start };
  const address = operation.address - start;
  return { isWhole: false, address, base: address, length: operation.length };
}

const ERASE_STEP = { firstBase: 0, number: 0, run: 0, isFull: true, bytes: NO_DATA_YET } as const;

/** The sector that holds an offset: its number, or -1. */
export function sectorAt({ edges }: Ground, address: number): number {
  let low = 0;
  let high = edges.length - 1;
  if (address < 0 || address >= (edges[high] ?? 0)) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? 0) <= address) low = middle;
    else high = middle;
  }
  return low;
}

/** What a chain of data deviations does to the bytes of one operation, as one function. */
import { isOldMark, NO_BYTE } from '../grammar/marks.ts';
import type { DataHook, Primitive } from '../grammar/primitive.ts';
import type { Step } from '../recording/steps.ts';

export interface Transform {
  readonly moves: readonly ((i: number, length: number) => number)[];
  /** For each of the moves, how long a block is behind it; absent where all stay as long as they are. */
  readonly resizes?: readonly (((length: number) => number) | undefined)[];
  /** What bytes become, by the remainder of their index; empty where they stay. */
  readonly tables: readonly (Uint8Array | undefined)[];
  readonly keys: readonly ((i: number, address: number, step: Step) => number)[];
  /** Tables and keys come before the moves: what stands in for a byte that does not come is not changed by them. */
  readonly isMovedLast: boolean;
  /** From this index on the remainders count anew; infinite where they do not. */
  readonly cut: number;
  /** Blocks are cut at multiples of it, and what is before a piece is the piece before; absent where blocks stay whole. */
  readonly grain?: number;
}

/** Of bytes of the block, moves come first, then tables, then keys. `undefined` where bytes arrive as they are. */
export function transformOf(chain: readonly Primitive[], step: Step): Transform | undefined {
  let only: Primitive | undefined;
  for (const primitive of chain) {
    if (!primitive.hooks.data) continue;
    if (only) return combinedOf(chain, step);
    only = primitive;
  }
  return only && transformOfOne(only, step);
}

/** Of one deviation, where it does not depend on the operation: most are so, and are asked for each of them. */
const ofOne = new WeakMap<DataHook, Transform>();

function transformOfOne(primitive: Primitive, step: Step): Transform | undefined {
  const { hooks, condition } = primitive;
  const { data } = hooks;
  if (!data || (condition && !condition.holds(step))) return undefined;
  const known = ofOne.get(data);
  if (known) return known;
  const made = combinedOf([primitive], step);
  if (made && !data.moveIn && !data.cut) ofOne.set(data, made);
  return made;
}

function combinedOf(chain: readonly Primitive[], step: Step): Transform | undefined {
  const moves: Transform['moves'][number][] = [];
  const resizes: NonNullable<Transform['resizes']>[number][] = [];
  const keys: Transform['keys'][number][] = [];
  let tables: readonly (Uint8Array | undefined)[] = [];
  let isMovedLast = false;
  let cut = Number.POSITIVE_INFINITY;
  let grain: number | undefined;
  for (const { hooks, condition } of chain) {
    const { data } = hooks;
    if (!data || (condition && !condition.holds(step))) continue;
    const move = data.moveIn?.(step) ?? data.move;
    if (move) {
      moves.unshift(move);
      resizes.unshift(data.resize);
    }
    isMovedLast = move !== undefined;
    if (data.key) keys.push(data.key);
    if (data.table) tables = withTable(tables, data.table, data.lane ?? [1, 0]);
    if (data.cut) cut = data.cut(step);
    grain = data.grain ?? grain;
  }
  if (moves.length === 0 && keys.length === 0 && tables.length === 0) return undefined;
  const isResized = resizes.some((each) => each !== undefined);
  return { moves, keys, tables, isMovedLast, cut, ...(isResized && { resizes }), ...(grain && { grain }) };
}

/** Lanes have powers of two as periods, so that the longer one is a multiple of the shorter. */
function withTable(
  tables: Transform['tables'],
  table: Uint8Array,
  [period, remainder]: readonly [number, number],
): Transform['tables'] {
  return Array.from({ length: Math.max(period, tables.length) }, (_, i) => {
    const first = tables[i % Math.max(1, tables.length)];
    if (i % period !== remainder) return first;
    return first ? through(first, table) : table;
  });
}

export function tableAt({ tables, cut }: Transform, i: number): Uint8Array | undefined {
  return tables.length < 2 ? tables[0] : tables[(i < cut ? i : i - cut) % tables.length];
}

const products = new WeakMap<Uint8Array, WeakMap<Uint8Array, Uint8Array>>();

/** First one table, then another; the same product for the same two, so that what is known of it stays known. */
function through(first: Uint8Array, second: Uint8Array): Uint8Array {
  const known = products.get(first) ?? new WeakMap<Uint8Array, Uint8Array>();
  products.set(first, known);
  const product = known.get(second) ?? first.map((byte) => second[byte] ?? 0);
  known.set(second, product);
  return product;
}

/**
 * How long a block of `length` bytes is in front of each of the moves, of which the last gets it as it was asked for, and
 * behind all of them.
 */
export function lengthsOf(
  { moves, resizes }: Transform,
  length: number,
): { readonly before: readonly number[]; readonly behind: number } {
  const before = moves.map(() => length);
  let behind = length;
  if (!resizes) return { before, behind: Number.POSITIVE_INFINITY };
  for (let k = moves.length - 1; k >= 0; k--) {
    before[k] = behind;
    behind = resizes[k]?.(behind) ?? behind;
  }
  return { before, behind };
}

/** The index from which byte `i` comes; -1 where it does not arrive. */
export function sourceIndex({ moves }: Pick<Transform, 'moves'>, i: number, length: number): number {
  let at = i;
  for (const move of moves) {
    if (at < 0) return at;
    at = move(at, length);
  }
  return at;
}

/**
 * Of byte `i` of a read that is one of the read before, the index there: that read has passed through the same moves. A mark
 * where something stood for it; `NO_BYTE.zero` where that read was too short.
 */
export function indexBefore(
  { moves }: Pick<Transform, 'moves'>,
  i: number,
  lengths: { readonly own: number; readonly before: number },
): number {
  let at = i;
  let isBefore = false;
  for (const move of moves) {
    const next = move(at, isBefore ? lengths.before : lengths.own);
    if (next >= 0) at = next;
    else if (isBefore) return isOldMark(next) || next === NO_BYTE.none ? NO_BYTE.zero : next;
    else if (at >= lengths.before) return NO_BYTE.zero;
    else isBefore = true;
  }
  return at < lengths.before ? at : NO_BYTE.zero;
}

type IndexMove = Transform['moves'][number];

const indices = new WeakMap<IndexMove, Map<number, Int32Array>>();
/** Of two moves the last that were looked at: there are too many pairs to keep all. */
const ofTwo = new WeakMap<IndexMove, { readonly next: IndexMove; readonly byLength: Map<number, Int32Array> }>();

/** Lengths of blocks of which one move is kept. */
const MOST_LENGTHS = 16;

function knownSources(move: IndexMove, next: IndexMove | undefined): Map<number, Int32Array> {
  const both = next && ofTwo.get(move);
  const known = next ? both?.next === next && both.byLength : indices.get(move);
  const byLength = known || new Map<number, Int32Array>();
  if (next) ofTwo.set(move, { next, byLength });
  else indices.set(move, byLength);
  return byLength;
}

interface SomeIndices {
  readonly from: number;
  readonly to: number;
}

function sourcesWithin(transform: Pick<Transform, 'moves'>, length: number, { from, to }: SomeIndices): Int32Array {
  const made = new Int32Array(length);
  for (let i = from; i < to; i++) made[i] = sourceIndex(transform, i, length);
  return made;
}

/** `sourceIndex` of every byte of a block of `length` bytes, by its index; where `only` some are asked for, of these at least. */
export function sourceIndices(transform: Pick<Transform, 'moves'>, length: number, only?: SomeIndices): Int32Array {
  const all = { from: 0, to: length };
  const [move, next, ...others] = transform.moves;
  if (!move || others.length > 0) return sourcesWithin(transform, length, only ?? all);
  const byLength = knownSources(move, next);
  const known = byLength.get(length);
  if (known) return known;
  const made = sourcesWithin(transform, length, only ?? all);
  if (only) return made;
  // Most moves outlive the search: what is kept of them must not grow with every image.
  if (byLength.size >= MOST_LENGTHS) byLength.clear();
  byLength.set(length, made);
  return made;
}

export interface TableFacts {
  /** Every bit of the result is a sum of bits of the byte, so that open bits can be followed. */
  readonly affine: boolean;
  /** For each result, the bits of the byte that it tells, and what they are; `possible` 0 where nothing gives it. */
  readonly told: Uint8Array;
  readonly value: Uint8Array;
  readonly possible: Uint8Array;
}

const facts = new WeakMap<Uint8Array, TableFacts>();

export function transformFactsOf(table: Uint8Array): TableFacts {
  const known = facts.get(table);
  if (known) return known;
  const all = new Uint8Array(256).fill(0xff);
  const any = new Uint8Array(256);
  const possible = new Uint8Array(256);
  table.forEach((y, x) => {
    all[y] = (all[y] ?? 0) & x;
    any[y] = (any[y] ?? 0) | x;
    possible[y] = 1;
  });
  const told = all.map((bits, y) => ~(bits ^ (any[y] ?? 0)) & 0xff);
  const value = all.map((bits, y) => bits & (told[y] ?? 0));
  const affine = [1, 2, 4, 8, 16, 32, 64, 128].every((bit) => {
    const change = (table[bit] ?? 0) ^ (table[0] ?? 0);
    return table.every((y, x) => (y ^ (table[x ^ bit] ?? 0)) === change);
  });
  const found = { affine, told, value, possible };
  facts.set(table, found);
  return found;
}

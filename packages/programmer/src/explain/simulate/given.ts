/** Gives the cells behind a read byte by byte, wherever the bytes of the read were moved to. It plans nothing. */

import { markedValue, NO_BYTE } from '../grammar/marks.ts';
import type { Runs } from '../grammar/primitive.ts';
import type { Cells, Span } from '../memory/cells.ts';
import { isOneRun, placeInRuns } from '../primitives/runs.ts';
import type { Step } from '../recording/steps.ts';
import { overlaps } from './effect.ts';
import type { ReadPlan } from './read-plan.ts';
import { indexBefore, sourceIndices, type Transform, tableAt, transformFactsOf } from './transform.ts';

/** One predicted byte. `span` and `at` say which cell it comes from; absent for what comes from none. */
// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
export type OnByte = (i: number, value: number, unknown: number, span?: Span, at?: number) => boolean;

/** Cells that a read gives as they are, at its indices [from, to). */
export interface GivenCells {
  readonly span: Span;
  readonly from: number;
  readonly to: number;
  /** The cell at index `i` is the one of index `i + by` in the span, or of `sources[i] + by` where bytes have moved. */
  readonly by: number;
  readonly sources: Int32Array | undefined;
}

/** Told of what a read gives; each ends the walk with `false`. */
export interface OnGiven {
  readonly onByte: OnByte;
  /** Of cells of one span that nothing changed on their way; default `onByte` for each. */
  readonly onCells?: (cells: GivenCells) => boolean;
}

export function walkRuns(plan: ReadPlan, runs: Runs, cells: Cells, on: OnGiven): boolean {
  let goesOn = true;
  overlaps(cells, runs, (span, low, high, from) => {
    if (goesOn) goesOn = walkSpan(plan, inOnePiece(span, low, from, high - low), on);
  });
  return goesOn;
}

/** What becomes of single bytes, if anything does. */
const changing = (transform: Transform): Transform | undefined =>
  transform.tables.length > 0 || transform.keys.length > 0 ? transform : undefined;

/** `length` cells from an offset on, which lie side by side. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
const inOnePiece = (span: Span, low: number, from: number, length: number): GivenCells => ({
  span,
  from,
  to: from + length,
  by: low - span.start - from,
  sources: undefined,
});

function walkSpan({ step, transform }: ReadPlan, piece: GivenCells, { onByte, onCells }: OnGiven): boolean {
  const { span, from, to, by } = piece;
  const { value, unknown } = span;
  const changed = transform && changing(transform);
  if (!changed && onCells) return onCells(piece);
  for (let i = from, o = from + by; i < to; i++, o++) {
    const goesOn = changed
      ? giveChanged(step, changed, { span, o, i, onByte })
      : onByte(i, value[o] ?? 0, unknown[o] ?? 0, span, o);
    if (!goesOn) return false;
  }
  return true;
}

interface CellToGive {
  readonly span: Span;
  /** Index of the cell in its span. */
  readonly o: number;
  /** Index in the read. */
  readonly i: number;
  readonly onByte: OnByte;
}

/** One cell as it comes out of what changes the bytes of a read. */
function giveChanged(step: Step, transform: Transform, { span, o, i, onByte }: CellToGive): boolean {
  const value = span.value[o] ?? 0;
  const open = openAfter(tableAt(transform, i), value, span.unknown[o] ?? 0);
  return onByte(i, changedByte(step, transform, { i, value, address: o + span.start }) & ~open, open, span, o);
}

/** Byte `i` of a read as tables and keys leave it. */
export function changedByte(
  step: Step,
  transform: Transform,
  { i, value, address }: { i: number; value: number; address: number },
): number {
  const table = tableAt(transform, i);
  let byte = table ? (table[value] ?? 0) : value;
  if (transform.keys.length > 0) for (const key of transform.keys) byte ^= key(i, address, step);
  return byte & 0xff;
}

/** Bits of the result that are open where bits of the byte are. */
function openAfter(table: Uint8Array | undefined, value: number, unknown: number): number {
  if (!table || unknown === 0) return unknown;
  return transformFactsOf(table).affine ? (table[value] ?? 0) ^ (table[value | unknown] ?? 0) : 0xff;
}

/** Walks through a read whose bytes were moved within it. */
export function walkMoved(plan: ReadPlan, transform: Transform, cells: Cells, on: OnGiven): boolean {
  const { step } = plan;
  const sources = sourceIndices(transform, step.length, plan.only);
  const whole = wholeRun(plan);
  const changed = changing(transform);
  const low = cells[0]?.start ?? 0;
  const high = cells.at(-1)?.end ?? 0;
  const end = plan.only?.to ?? step.length;
  const moving = { transform, cells, onByte: on.onByte };
  let [near] = cells;
  const home = whole === undefined || changed ? undefined : spanAt(cells, whole);
  const isAtHome = home !== undefined && whole !== undefined && whole + step.length <= home.end;
  for (let i = plan.only?.from ?? 0; i < end; ) {
    const source = sources[i] ?? NO_BYTE.none;
    const to = isAtHome && on.onCells ? insideUpTo(sources, i, end, step.length) : i;
    if (home && to > i) {
      if (!on.onCells?.({ span: home, from: i, to, by: (whole ?? 0) - home.start, sources })) return false;
      i = to;
      continue;
    }
    const isInside = whole !== undefined && source >= 0 && source < step.length;
    const n = isInside
      ? stretchOf(sources, i, Math.min(end, i + step.length - source))
      : source < 0
        ? marksFrom(sources, i, end)
        : 1;
    const address = source + (whole ?? 0);
    // Most of a long read lies beside the cells.
    if (!isInside) {
      const isStretch = source !== NO_BYTE.before || transform.moves.length < 2;
      const isSkipped = source < 0 && isStretch && isBeside(plan, { source, i, n }, [low, high]);
      for (let k = i; !isSkipped && k < i + n; k++) if (!walkMovedByte(plan, k, source, moving)) return false;
    } else if (address < high && address + n > low) {
      if (!near || address < near.start || address >= near.end) near = spanAt(cells, address);
      const goesOn =
        near && address + n <= near.end
          ? n < FEW_CELLS && !changed
            ? giveFew(near, address - near.start, i, n, on.onByte)
            : walkSpan(plan, inOnePiece(near, address, i, n), on)
          : walkRuns(plan, [i, address, n], cells, on);
      if (!goesOn) return false;
    }
    i += n;
  }
  return true;
}

/** Fewer cells are given one by one: to do it in one piece takes longer. */
const FEW_CELLS = 12;

/** `n` cells from the one of index `o` in its span on, as they are, from index `i` of a read on. */
// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
function giveFew(span: Span, o: number, i: number, n: number, onByte: OnByte): boolean {
  const { value, unknown } = span;
  for (let k = 0; k < n; k++) if (!onByte(i + k, value[o + k] ?? 0, unknown[o + k] ?? 0, span, o + k)) return false;
  return true;
}

/** Indices of whole blocks that all lie within the block: most are kept, and looked at again and again. */
const allInside = new WeakSet<Int32Array>();

/** The index up to which, from `i` on, all come from within a block of `length` bytes. */
function insideUpTo(sources: Int32Array, i: number, end: number, length: number): number {
  if (allInside.has(sources)) return end;
  let to = i;
  for (let source = sources[to] ?? -1; to < end && source >= 0 && source < length; source = sources[to] ?? -1) to++;
  if (i === 0 && to === length) allInside.add(sources);
  return to;
}

/** How many indices from `i` on come from one place after another. */
function stretchOf(sources: Int32Array, i: number, end: number): number {
  const by = (sources[i] ?? 0) - i;
  let to = i + 1;
  while (to < end && sources[to] === to + by) to++;
  return to - i;
}

interface MovedRead {
  readonly transform: Transform;
  readonly cells: Cells;
  readonly onByte: OnByte;
}

/** What to add to an index of a block that stays in one piece to get its offset in flash. */
function wholeRun({ step, runs }: ReadPlan): number | undefined {
  return isOneRun(runs, step.length) ? runs[1] : undefined;
}

function spanAt(cells: Cells, address: number): Span | undefined {
  for (const span of cells) if (address < span.end) return address >= span.start ? span : undefined;
  return undefined;
}

/** How many indices from `i` on have the same mark. */
function marksFrom(sources: Int32Array, i: number, end: number): number {
  let to = i + 1;
  while (to < end && sources[to] === sources[i]) to++;
  return to - i;
}

/** Whether what stands in for bytes of a read matters nothing: it is walked for the sake of another, and no cell is behind it. */
function isBeside(
  { isAside, kept, before }: ReadPlan,
  { source, i, n }: { readonly source: number; readonly i: number; readonly n: number },
  [low, high]: readonly [number, number],
): boolean {
  if (!isAside) return false;
  if (source !== NO_BYTE.before || kept) return true;
  const other = before?.();
  return other !== undefined && other.length >= i + n && (other.address + i + n <= low || other.address + i >= high);
}

function walkMovedByte(plan: ReadPlan, i: number, source: number, { transform, cells, onByte }: MovedRead): boolean {
  const { step } = plan;
  const fixed = source < 0 ? markedValue(source) : undefined;
  const standIn = (value: number): boolean =>
    onByte(i, transform.isMovedLast ? value : changedByte(step, transform, { i, value, address: step.address + i }), 0);
  if (fixed !== undefined) return standIn(fixed);
  const before = source === NO_BYTE.before ? plan.before?.() : undefined;
  const isBefore = source === NO_BYTE.before;
  const index = before ? indexBefore(transform, i, { own: step.length, before: before.length }) : i;
  if (isBefore && (!before || index < 0)) return standIn(markedValue(index) ?? 0);
  if (isBefore && plan.kept) {
    const open = plan.kept.unknown[index] ?? 0;
    const value = (plan.kept.value[index] ?? 0) & ~open;
    const unknown = openAfter(tableAt(transform, i), value, open);
    return onByte(i, changedByte(step, transform, { i, value, address: step.address + i }) & ~unknown, unknown);
  }
  const address = before ? before.address + index : placeInRuns(plan.runs, source);
  if (address === undefined) {
    if (source >= 0 && !plan.isPartial) return true;
    return onByte(i, plan.fill ?? 0, plan.fill === undefined ? 0xff : 0);
  }
  const span = spanAt(cells, address);
  return !span || giveChanged(step, transform, { span, o: address - span.start, i, onByte });
}

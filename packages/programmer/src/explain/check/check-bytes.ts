/** Holds the bytes of a read against what a model predicts of them, and learns from them what was open. */
import { type Cells, learnOpen, type Span } from '../memory/cells.ts';
import { bitCount, heldUpTo, onesIn } from '../memory/fours.ts';
import type { Step } from '../recording/steps.ts';
import type { GivenCells, OnByte } from '../simulate/given.ts';
import { type AnswerOf, walkRead } from '../simulate/read.ts';
import type { ReadPlan } from '../simulate/read-plan.ts';
import { tableAt, transformFactsOf } from '../simulate/transform.ts';
import { type Paying, pay } from './pay.ts';

export interface CheckContext extends Paying {
  readonly limit: number;
  readonly counted: ReadonlyMap<number, Uint8Array> | undefined;
  readonly sure: ReadonlyMap<number, Uint8Array> | undefined;
  readonly onContradiction: ((step: Step, i: number, expected: number) => void) | undefined;
  /** Gets for each read that is contradicted, by its place, 1 for each byte that is. */
  readonly wrong: Map<number, Uint8Array> | undefined;
  /** Place of the read in which the last contradiction was. */
  lastWrong: number;
}

/** @returns `false` where there are too many contradictions */
export function checkRead(plan: ReadPlan, cells: Cells, answerOf: AnswerOf, context: CheckContext): boolean {
  const { step } = plan;
  context.sureNow = context.sure?.get(step.at);
  const counts = context.counted?.get(step.at);
  // oxlint-disable-next-line max-params -- called for each byte: no object is made for one
  const onByte: OnByte = (i, value, unknown, span, at) => {
    const found = step.bytes[i];
    if (found === undefined || step.unstable?.has(i)) return true;
    if (counts?.[i]) context.state.toldBits += 8 - bitCount(unknown);
    if ((found ^ value) & ~unknown & 0xff) return contradict(context, step, i, value, unknown);
    if (unknown) {
      pay(context, step, i, i + 1, unknown, span !== undefined);
      if (span && at !== undefined && !plan.instead) return learn(plan, { i, found, span, at }, context);
    }
    return true;
  };
  if (step.unstable) return walkRead(plan, cells, answerOf, { onByte });
  return walkRead(plan, cells, answerOf, { onByte, onCells: (piece) => checkCells(step, piece, counts, context) });
}

function checkCells(step: Step, piece: GivenCells, counts: Uint8Array | undefined, context: CheckContext): boolean {
  const { span, from, by, sources } = piece;
  const { value, unknown } = span;
  const { bytes } = step;
  const { state } = context;
  const end = Math.min(piece.to, bytes.length);
  if (counts !== undefined) state.toldBits += 8 * onesIn(counts, from, end);
  const next = (i: number): number =>
    sources ? heldMovedUpTo(bytes, span, i, end, by, sources) : heldUpTo(bytes, span, i, end, by);
  for (let i = next(from); i < end; ) {
    const o = (sources ? (sources[i] ?? 0) : i) + by;
    const open = unknown[o] ?? 0;
    if (open === 0) {
      const to = contradictCells(step, piece, i, end, context);
      if (state.contradictions > context.limit) return false;
      i = next(to);
    } else if (open === 0xff) {
      const to = sources ? learnMoved(bytes, span, i, end, by, sources) : learnOpen(bytes, span, i, end, by);
      if (counts !== undefined) state.toldBits -= 8 * onesIn(counts, i, to);
      pay(context, step, i, to, 0xff, true);
      i = next(to);
    } else {
      const found = bytes[i] ?? 0;
      const was = value[o] ?? 0;
      if (counts !== undefined && counts[i] === 1) state.toldBits -= bitCount(open);
      value[o] = found;
      unknown[o] = 0;
      if ((found ^ was) & ~open & 0xff) {
        if (!contradict(context, step, i, was, open)) return false;
      } else pay(context, step, i, i + 1, open, true);
      i = next(i + 1);
    }
  }
  return true;
}

/**
 * Known cells, from that of index `i` on, hold what was read in place of what they held.
 * @returns the first index of a cell that is open, or was right, or after more contradictions than are counted
 */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function contradictCells(
  step: Step,
  { span: { value, unknown }, by, sources }: GivenCells,
  i: number,
  end: number,
  context: CheckContext,
): number {
  const { state, limit, onContradiction, wrong } = context;
  const { bytes } = step;
  const marks = wrong && wrongMarksIn(wrong, step);
  const most = Math.min(end, i + 1 + limit - state.contradictions);
  let bits = 0;
  let next = i;
  for (; next < most; next++) {
    const o = (sources ? (sources[next] ?? 0) : next) + by;
    const was = value[o] ?? 0;
    const found = bytes[next] ?? 0;
    if (unknown[o] !== 0 || was === found) break;
    value[o] = found;
    bits += bitCount(was ^ found);
    if (marks !== undefined) marks[next] = 1;
    if (onContradiction !== undefined) onContradiction(step, next, was);
  }
  noteContradictions(context, step, next - i, bits);
  return next;
}

/** As `learnOpen`, where the cell of an index is that of another one. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function learnMoved(
  bytes: Uint8Array,
  { value, unknown }: Span,
  i: number,
  end: number,
  by: number,
  sources: Int32Array,
): number {
  let next = i;
  for (let o = (sources[next] ?? 0) + by; next < end && unknown[o] === 0xff; o = (sources[++next] ?? 0) + by) {
    value[o] = bytes[next] ?? 0;
    unknown[o] = 0;
  }
  return next;
}

/** As `heldUpTo`, where the cell of an index is that of another one. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function heldMovedUpTo(
  bytes: Uint8Array,
  { value, unknown }: Span,
  i: number,
  end: number,
  by: number,
  sources: Int32Array,
): number {
  let next = i;
  for (let o = (sources[next] ?? 0) + by; next < end; o = (sources[++next] ?? 0) + by)
    if (unknown[o] !== 0 || value[o] !== bytes[next]) return next;
  return next;
}

// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
function contradict(context: CheckContext, step: Step, i: number, expected: number, open: number): boolean {
  const { state, limit, onContradiction, wrong } = context;
  if (wrong) wrongMarksIn(wrong, step)[i] = 1;
  onContradiction?.(step, i, expected);
  noteContradictions(context, step, 1, bitCount(((step.bytes[i] ?? 0) ^ expected) & ~open));
  return state.contradictions <= limit;
}

function wrongMarksIn(wrong: Map<number, Uint8Array>, { at, length }: Step): Uint8Array {
  const known = wrong.get(at);
  if (known) return known;
  const made = new Uint8Array(length);
  wrong.set(at, made);
  return made;
}

// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function noteContradictions(context: CheckContext, { at }: Step, count: number, bits: number): void {
  const { state } = context;
  state.contradictions += count;
  state.contradictedBits += bits;
  if (context.lastWrong !== at) state.contradictedReads++;
  context.lastWrong = at;
}

/** The bits of the cell that the answer tells. `false` where no content of the cell gives that answer. */
function learn(
  { transform, step }: ReadPlan,
  seen: { i: number; found: number; span: Span; at: number },
  context: CheckContext,
): boolean {
  const { i, found, span, at } = seen;
  const open = span.unknown[at] ?? 0;
  let result = found;
  for (const key of transform?.keys ?? []) result ^= key(i, span.start + at, step) & 0xff;
  const table = transform && tableAt(transform, i);
  const facts = table && transformFactsOf(table);
  const told = facts ? (facts.told[result] ?? 0) : 0xff;
  if (facts && !facts.possible[result]) return contradict(context, step, i, found ^ 0xff, 0);
  span.value[at] = (span.value[at] ?? 0) | ((facts ? (facts.value[result] ?? 0) : result) & open & told);
  span.unknown[at] = open & ~told;
  return true;
}

/** Holds the bytes of a read against what a model predicts of them, and learns from them what was open. */
import type { Cells, Span } from './cells.ts';
import type { Check } from './check-state.ts';
import type { GivenCells, OnByte } from './given.ts';
import { isInPattern, type Prices } from './prices.ts';
import { type AnswerOf, walkRead } from './read.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Step } from './steps.ts';
import { tableAt, transformFactsOf } from './transform.ts';

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, x) => x.toString(2).replaceAll('0', '').length);

export const bitCount = (byte: number): number => POPCOUNT[byte & 0xff] ?? 0;

export interface CheckContext {
  readonly state: Check;
  readonly prices: Prices | undefined;
  readonly limit: number;
  readonly counted: ReadonlyMap<number, Uint8Array> | undefined;
  readonly sure: ReadonlyMap<number, Uint8Array> | undefined;
  readonly erasedValue: number;
  readonly size: number;
  readonly onContradiction: ((step: Step, i: number, expected: number) => void) | undefined;
  /** Place of the read in which the last contradiction was. */
  lastWrong: number;
  /** Of the read that is looked at, 1 where a right loader is known to give what was read. */
  sureNow: Uint8Array | undefined;
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
    sources ? nextMovedNews(bytes, span, i, end, by, sources) : nextNews(bytes, span, i, end, by);
  for (let i = next(from); i < end; ) {
    const o = (sources ? (sources[i] ?? 0) : i) + by;
    const open = unknown[o] ?? 0;
    if (open === 0) {
      const to = contradictCells(step, piece, i, end, context);
      if (state.contradictions > context.limit) return false;
      i = next(to);
    } else if (open === 0xff) {
      const to = learnOpen(bytes, piece, i, end);
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
  const { state, limit, onContradiction } = context;
  const { bytes } = step;
  const most = Math.min(end, i + 1 + limit - state.contradictions);
  let bits = 0;
  let next = i;
  for (; next < most; next++) {
    const o = (sources ? (sources[next] ?? 0) : next) + by;
    const was = value[o] ?? 0;
    const found = bytes[next] ?? 0;
    if (unknown[o] !== 0 || was === found) break;
    value[o] = found;
    bits += POPCOUNT[was ^ found] ?? 0;
    if (onContradiction !== undefined) onContradiction(step, next, was);
  }
  noteContradictions(context, step, next - i, bits);
  return next;
}

/** Cells of which nothing is known, from that of index `i` on, hold what was read. @returns the first index of another cell */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function learnOpen(
  bytes: Uint8Array,
  { span: { value, unknown }, by, sources }: GivenCells,
  i: number,
  end: number,
): number {
  let next = i;
  for (; next < end; next++) {
    const o = (sources ? (sources[next] ?? 0) : next) + by;
    if (unknown[o] !== 0xff) break;
    value[o] = bytes[next] ?? 0;
    unknown[o] = 0;
  }
  return next;
}

/**
 * From index `i` on, the first whose cell, `by` further on in its span, is open or is not what was read. It stands alone, so
 * that engines make it quick once and for all.
 */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function nextNews(bytes: Uint8Array, { value, unknown }: Span, i: number, end: number, by: number): number {
  let next = i;
  while (next < end && unknown[next + by] === 0 && value[next + by] === bytes[next]) next++;
  return next;
}

/** The same where the cell of an index is that of another one. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function nextMovedNews(
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

function onesIn(marks: Uint8Array, from: number, to: number): number {
  let ones = 0;
  for (let i = from; i < to; i++) ones += marks[i] ?? 0;
  return ones;
}

// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
function contradict(context: CheckContext, step: Step, i: number, expected: number, open: number): boolean {
  const { state, limit, onContradiction } = context;
  onContradiction?.(step, i, expected);
  noteContradictions(context, step, 1, bitCount(((step.bytes[i] ?? 0) ^ expected) & ~open));
  return state.contradictions <= limit;
}

// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function noteContradictions(context: CheckContext, { at }: Step, count: number, bits: number): void {
  const { state } = context;
  state.contradictions += count;
  state.contradictedBits += bits;
  if (context.lastWrong !== at) state.contradictedReads++;
  context.lastWrong = at;
}

/** A byte that repeats the one before it costs next to nothing: stretches of one value are everywhere in flash. */
const REPEATED_PRICE = 0.1;
/** That flash is blank somewhere, or holds there what it holds everywhere, is no news at all. */
const BLANK_PRICE = 0.0001;
/** No byte is equal to it. */
const NO_VALUE = -1;

/**
 * For bytes of a read, [from, to), of each of which the same bits are open. `isCell`: a cell of the flash stands behind each;
 * else the model does not say where they come from.
 */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function pay(
  { state, prices, sureNow, erasedValue, size }: CheckContext,
  { bytes, address }: Step,
  from: number,
  to: number,
  open: number,
  isCell: boolean,
): void {
  if (prices === undefined) return;
  const bits = bitCount(open);
  const share = bits / 8;
  const { ofByte } = prices;
  const pattern = prices.pattern.length > 0 ? prices : undefined;
  const blank = isCell ? erasedValue : NO_VALUE;
  const isOutside = address < 0 || address >= size;
  let { cost, luckCost, blankCost } = state;
  let before = from > 0 ? (bytes[from - 1] ?? NO_VALUE) : NO_VALUE;
  for (let i = from; i < to; i++) {
    const found = bytes[i] ?? 0;
    const isBlank = found === blank || (pattern !== undefined && isInPattern(pattern, address + i, found));
    const ofAll = isBlank ? BLANK_PRICE : found === before ? REPEATED_PRICE : (ofByte[found] ?? 8);
    before = found;
    if (sureNow === undefined || sureNow[i] !== 1) {
      cost += ofAll * share;
      continue;
    }
    // Nobody reads what every such chip holds outside its flash from another place by chance.
    const price = (isOutside ? 8 : ofAll) * share;
    cost += price;
    luckCost += price;
    // A write may have cleared the other bits of it.
    if (isCell && ((found ^ erasedValue) & open) === 0) blankCost += price;
  }
  state.openBits += bits * (to - from);
  state.cost = cost;
  state.luckCost = luckCost;
  state.blankCost = blankCost;
  state.learned = onlyByte(bytes, from, to, state.learned);
}

/** The only byte among those of a read, [from, to), and those before; -1 for several. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
function onlyByte(bytes: Uint8Array, from: number, to: number, before: number | undefined): number {
  const only = before ?? bytes[from] ?? 0;
  for (let i = from; i < to && only >= 0; i++) if (bytes[i] !== only) return -1;
  return only;
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

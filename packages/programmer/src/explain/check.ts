/** Holds what a model predicts against what reads gave, byte by byte, and learns from them what was open. */
import type { Cells, Span } from './cells.ts';
import { type Check, checkFrom, freshCheck } from './check-state.ts';
import { execute, type Focus, type OnRead } from './execute.ts';
import type { GivenCells, OnByte } from './given.ts';
import type { Machine } from './machine.ts';
import { isInPattern, type Prices } from './prices.ts';
import { type AnswerOf, walkRead, withRaws } from './read.ts';
import { cellsOfReads } from './read-cells.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Step } from './steps.ts';
import { tableAt, transformFactsOf } from './transform.ts';

export interface ModelCheckOptions {
  /** How many contradictions are counted before the run ends. */
  readonly limit: number;
  /** How many of them are kept. */
  readonly keep?: number;
  readonly touches?: Uint8Array;
  /** Told of every contradiction, and what was expected there. */
  readonly onContradiction?: (step: Step, i: number, expected: number) => void;
  /** For each read by its place, 1 where it is to be counted how much the model tells. */
  readonly counted?: ReadonlyMap<number, Uint8Array>;
  /** For each read by its place, 1 where a right loader is known to give what was read. */
  readonly sure?: ReadonlyMap<number, Uint8Array>;
  readonly focus?: Focus;
  /** Steps that can matter; default all. */
  readonly some?: readonly Step[];
  /** What came out before anything changed; used where reads do not deviate. */
  readonly head?: Head | undefined;
}

/** The reads before the first change, held against a right loader once and for all. */
export interface Head {
  /** Place of the first change among the steps. */
  readonly until: number;
  readonly cells: Cells;
  readonly state: Readonly<Check>;
}

/** What an operation saw that nobody knows has to be stated. */
const OPEN_GUARD_BITS = 3;

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, x) => x.toString(2).replaceAll('0', '').length);

export const bitCount = (byte: number): number => POPCOUNT[byte & 0xff] ?? 0;

/** `undefined` where a right loader is contradicted before anything changed: then reads deviate. */
export function headOf(
  machine: Machine,
  steps: readonly Step[],
  prices: Prices,
  options: Pick<ModelCheckOptions, 'counted' | 'sure'>,
): Head | undefined {
  const until = steps.findIndex(({ kind }) => kind !== 'read');
  const cells = cellsOfReads(machine, steps);
  const some = steps.slice(0, Math.max(0, until));
  const state = check(machine, steps, prices, { ...options, limit: 0, cells, some });
  return state && { until, cells, state };
}

/** `cells`: default those of all reads. @returns `undefined` where there are more than `limit` contradictions */
export function check(
  machine: Machine,
  steps: readonly Step[],
  prices: Prices,
  options: ModelCheckOptions & { readonly cells?: Cells },
): Check | undefined {
  const head = machine.chains.read.length === 0 ? options.head : undefined;
  const cells = options.cells ?? cellsOfReads(machine, steps, head?.cells);
  const state = head ? checkFrom(head.state) : freshCheck();
  const { limit, keep = 0, counted, sure, onContradiction } = options;
  const { erasedValue, size } = machine.ground;
  const context = {
    state,
    prices,
    limit,
    keep,
    counted,
    sure,
    erasedValue,
    size,
    onContradiction,
    lastWrong: -1,
    sureNow: undefined,
  };
  const answerOf: AnswerOf = (at) => {
    const step = steps[at];
    return step && { value: step.bytes };
  };
  const { touches, focus, some } = options;
  const onRead: OnRead = (plan, raws) => {
    // What comes from no cell tells nothing of what stands behind another read.
    if (focus && plan.step !== focus.step && (plan.constant !== undefined || plan.instead)) return true;
    const own = focus ? { ...plan, ...(plan.step === focus.step ? { only: focus } : { isAside: true }) } : plan;
    return checkRead(own, cells, withRaws(plan, answerOf, raws), context);
  };
  const isDone = execute({
    machine,
    steps,
    cells,
    onRead,
    onGuard: (isOpen) => countGuard(state, isOpen),
    ...(touches && { touches }),
    ...(focus && { focus }),
    ...(some && { some }),
    ...(head && { from: head.until }),
  });
  return isDone ? state : undefined;
}

function countGuard(state: Check, isOpen: boolean): void {
  state.guards++;
  if (!isOpen) return;
  state.openGuards++;
  state.cost += OPEN_GUARD_BITS;
}

interface CheckContext {
  readonly state: Check;
  readonly prices: Prices;
  readonly limit: number;
  readonly keep: number;
  readonly counted: ModelCheckOptions['counted'];
  readonly sure: ModelCheckOptions['sure'];
  readonly erasedValue: number;
  readonly size: number;
  readonly onContradiction: ModelCheckOptions['onContradiction'];
  /** Place of the read in which the last contradiction was. */
  lastWrong: number;
  /** Of the read that is looked at, 1 where a right loader is known to give what was read. */
  sureNow: Uint8Array | undefined;
}

function checkRead(plan: ReadPlan, cells: Cells, answerOf: AnswerOf, context: CheckContext): boolean {
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
      pay(context, step, i, unknown, span !== undefined);
      if (span && at !== undefined && !plan.instead) return learn(plan, { i, found, span, at }, context);
    }
    return true;
  };
  if (step.unstable) return walkRead(plan, cells, answerOf, { onByte });
  return walkRead(plan, cells, answerOf, { onByte, onCells: (piece) => checkCells(step, piece, counts, context) });
}

function checkCells(
  step: Step,
  { span, low, high, from }: GivenCells,
  counts: Uint8Array | undefined,
  context: CheckContext,
): boolean {
  const { start, value, unknown } = span;
  const { bytes } = step;
  const { state } = context;
  const end = Math.min(from + high - low, bytes.length);
  const by = low - start - from;
  if (counts !== undefined) state.toldBits += 8 * onesIn(counts, from, end);
  for (let i = nextNews(bytes, span, from, end, by); i < end; i = nextNews(bytes, span, i + 1, end, by)) {
    const found = bytes[i] ?? 0;
    const open = unknown[i + by] ?? 0;
    const was = value[i + by] ?? 0;
    if (open !== 0 && counts !== undefined && counts[i] === 1) state.toldBits -= bitCount(open);
    value[i + by] = found;
    unknown[i + by] = 0;
    if ((found ^ was) & ~open & 0xff) {
      if (!contradict(context, step, i, was, open)) return false;
    } else pay(context, step, i, open, true);
  }
  return true;
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

function onesIn(marks: Uint8Array, from: number, to: number): number {
  let ones = 0;
  for (let i = from; i < to; i++) ones += marks[i] ?? 0;
  return ones;
}

// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
function contradict(context: CheckContext, step: Step, i: number, expected: number, open: number): boolean {
  const { state, limit, keep, onContradiction } = context;
  onContradiction?.(step, i, expected);
  state.contradictions++;
  state.contradictedBits += bitCount(((step.bytes[i] ?? 0) ^ expected) & ~open);
  if (context.lastWrong !== step.at) state.contradicted.add(step.at);
  context.lastWrong = step.at;
  if (state.first.length < keep) state.first.push({ step, i, expected, open });
  return state.contradictions <= limit;
}

/** A byte that repeats the one before it costs next to nothing: stretches of one value are everywhere in flash. */
const REPEATED_PRICE = 0.1;
/** That flash is blank somewhere, or holds there what it holds everywhere, is no news at all. */
const BLANK_PRICE = 0.0001;

/** `isCell`: a cell of the flash stands behind it; else the model does not say where it comes from. */
// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
function pay(
  { state, prices, sureNow, erasedValue, size }: CheckContext,
  step: Step,
  i: number,
  open: number,
  isCell: boolean,
): void {
  const { bytes, address } = step;
  const bits = bitCount(open);
  const isSure = sureNow?.[i] === 1;
  const found = bytes[i] ?? 0;
  const repeated = found === bytes[i - 1] ? REPEATED_PRICE : (prices.ofByte[found] ?? 8);
  const known = isInPattern(prices, address + i, found) ? BLANK_PRICE : repeated;
  const plain = ((isCell && found === erasedValue ? BLANK_PRICE : known) * bits) / 8;
  // Nobody reads what every such chip holds outside its flash from another place by chance.
  const price = isSure && (address < 0 || address >= size) ? bits : plain;
  state.openBits += bits;
  state.cost += price;
  if (isSure) state.luckCost += price;
  // A write may have cleared the other bits of it.
  if (isSure && isCell && ((found ^ erasedValue) & open) === 0) state.blankCost += price;
  if (state.learned === undefined) state.learned = found;
  else if (state.learned !== found) state.learned = -1;
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

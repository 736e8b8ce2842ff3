/** Gives each byte of a read in a simulation: what the model predicts, with bits that it leaves open. */
import type { Cells, Span } from './cells.ts';
import { overlaps } from './effect.ts';
import type { Raws } from './execute.ts';
import { markedValue, NO_BYTE } from './primitive.ts';
import { cutRuns } from './primitives/runs.ts';
import type { ReadPlan } from './read-plan.ts';
import { sourceIndex, type Transform, tableAt, transformFactsOf } from './transform.ts';

/** One predicted byte. `span` and `at` say which cell it comes from; absent for what comes from none. */
// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
export type OnByte = (i: number, value: number, unknown: number, span?: Span, at?: number) => boolean;

/** Answers of steps that a read may repeat: bytes, and open bits if there are any. */
export type AnswerOf = (at: number) => { readonly value: Uint8Array; readonly unknown?: Uint8Array } | undefined;

/** What `plan` repeats: answers as they were given, or what right reads would have given. */
export function withRaws({ instead }: ReadPlan, answerOf: AnswerOf, raws?: Raws): AnswerOf {
  return instead && instead !== 'none' && instead.isRaw ? (at) => raws?.get(at) : answerOf;
}

/** Walks through the bytes of a read whose cells are simulated. Ends when `onByte` gives `false`, and gives that. */
export function walkRead(plan: ReadPlan, cells: Cells, answerOf: AnswerOf, onByte: OnByte): boolean {
  const { step, constant, instead } = plan;
  if (constant !== undefined) return walkFill(step.length, constant, 0, onByte);
  if (instead === 'none') return walkFill(step.length, plan.fill ?? 0, plan.fill === undefined ? 0xff : 0, onByte);
  if (instead) return walkCopy(plan, instead, answerOf, onByte);
  if (plan.transform && plan.transform.moves.length > 0) return walkMoved(plan, plan.transform, cells, onByte);
  if (plan.pieces) return walkLines(plan, plan.pieces, cells, onByte);
  let goesOn = true;
  overlaps(cells, plan.runs, (span, low, high, from) => {
    if (goesOn) goesOn = walkSpan(plan, { span, low, high, from }, onByte);
  });
  return goesOn && (!plan.isPartial || walkUncovered(plan, onByte));
}

function walkLines(plan: ReadPlan, pieces: NonNullable<ReadPlan['pieces']>, cells: Cells, onByte: OnByte): boolean {
  let goesOn = true;
  for (const { from, to, kept } of pieces) {
    overlaps(kept ?? cells, cutRuns(plan.runs, from, to), (span, low, high, i) => {
      if (goesOn) goesOn = walkSpan(plan, { span, low, high, from: i }, onByte);
    });
  }
  return goesOn;
}

interface ReadPiece {
  readonly span: Span;
  readonly low: number;
  readonly high: number;
  readonly from: number;
}

function walkSpan({ step, transform }: ReadPlan, { span, low, high, from }: ReadPiece, onByte: OnByte): boolean {
  const { start, value, unknown } = span;
  for (let o = low - start, i = from; o < high - start; o++, i++) {
    if (!transform) {
      if (!onByte(i, value[o] ?? 0, unknown[o] ?? 0, span, o)) return false;
      continue;
    }
    const table = tableAt(transform, i);
    const open = openAfter(table, value[o] ?? 0, unknown[o] ?? 0);
    let byte = table ? (table[value[o] ?? 0] ?? 0) : (value[o] ?? 0);
    for (const key of transform.keys) byte ^= key(i, o + start, step);
    if (!onByte(i, byte & ~open & 0xff, open, span, o)) return false;
  }
  return true;
}

/** Bits of the result that are open where bits of the byte are. */
function openAfter(table: Uint8Array | undefined, value: number, unknown: number): number {
  if (!table || unknown === 0) return unknown;
  return transformFactsOf(table).affine ? (table[value] ?? 0) ^ (table[value | unknown] ?? 0) : 0xff;
}

function walkMoved(plan: ReadPlan, transform: Transform, cells: Cells, onByte: OnByte): boolean {
  const { step, runs } = plan;
  const { from: low, to: high } = plan.only ?? { from: 0, to: step.length };
  for (let i = low; i < high; i++) {
    const from = sourceIndex(transform, i, step.length);
    const fixed = from < 0 ? markedValue(from) : undefined;
    if (fixed !== undefined) {
      if (!onByte(i, fixed, 0)) return false;
      continue;
    }
    const isBefore = from === NO_BYTE.before;
    const address = isBefore ? plan.before?.(i) : addressOf(runs, from);
    if (isBefore && address === undefined) {
      if (!onByte(i, 0, 0)) return false;
      continue;
    }
    if (address === undefined) {
      if ((from < 0 || plan.isPartial) && !onByte(i, plan.fill ?? 0, plan.fill === undefined ? 0xff : 0)) return false;
      continue;
    }
    const span = cells.find(({ start, end }) => address >= start && address < end);
    if (!span) continue;
    const piece = { span, low: address, high: address + 1, from: i };
    if (!walkSpan(plan, piece, onByte)) return false;
  }
  return true;
}

function addressOf(runs: ReadPlan['runs'], index: number): number | undefined {
  for (let r = 0; r < runs.length; r += 3) {
    const by = index - (runs[r] ?? 0);
    if (by >= 0 && by < (runs[r + 2] ?? 0)) return (runs[r + 1] ?? 0) + by;
  }
  return undefined;
}

function walkUncovered({ step, runs, fill, only }: ReadPlan, onByte: OnByte): boolean {
  for (let i = only?.from ?? 0; i < (only?.to ?? step.length); i++) {
    if (addressOf(runs, i) === undefined && !onByte(i, fill ?? 0, fill === undefined ? 0xff : 0)) return false;
  }
  return true;
}

function walkFill(length: number, value: number, unknown: number, onByte: OnByte): boolean {
  for (let i = 0; i < length; i++) if (!onByte(i, value, unknown)) return false;
  return true;
}

function walkCopy(
  { step, only, fill }: ReadPlan,
  instead: Exclude<ReadPlan['instead'], 'none' | undefined>,
  answerOf: AnswerOf,
  onByte: OnByte,
): boolean {
  const answer = instead.step.kind === 'write' ? { value: instead.step.bytes } : answerOf(instead.step.at);
  if (!answer && instead.isRaw) return walkFill(step.length, 0, 0xff, onByte);
  const { from, to } = only ?? { from: 0, to: step.length };
  const length = answer?.value.length ?? 0;
  for (let i = from; i < to; i++) {
    // A buffer that is shorter than what is asked for is given again and again.
    const at = instead.step.kind === 'write' && length > 0 ? (i + instead.offset) % length : i + instead.offset;
    const isThere = answer && at < length;
    const unknown = isThere ? (answer.unknown?.[at] ?? 0) : fill === undefined ? 0xff : 0;
    if (!onByte(i, isThere ? (answer.value[at] ?? 0) & ~unknown : (fill ?? 0), unknown)) return false;
  }
  return true;
}

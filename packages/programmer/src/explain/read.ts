/** Gives each byte of a read in a simulation: what the model predicts, with bits that it leaves open. */
import type { Cells, Span } from './cells.ts';
import { overlaps } from './effect.ts';
import { wholeOf } from './machine.ts';
import { markedValue, NO_BYTE, type Runs } from './primitive.ts';
import { cutRuns, isOneRun, placeInRuns } from './primitives/runs.ts';
import { openRaw, type Raw, type Raws, type ReadPlan } from './read-plan.ts';
import type { Step } from './steps.ts';
import { sourceIndices, type Transform, tableAt, transformFactsOf } from './transform.ts';

/** One predicted byte. `span` and `at` say which cell it comes from; absent for what comes from none. */
// oxlint-disable-next-line max-params -- called for each byte: no object is made for one
export type OnByte = (i: number, value: number, unknown: number, span?: Span, at?: number) => boolean;

/** Answers of steps that a read may repeat: bytes, and open bits if there are any. */
export type AnswerOf = (at: number) => { readonly value: Uint8Array; readonly unknown?: Uint8Array } | undefined;

/** What `plan` repeats: answers as they were given, or what right reads would have given. */
export function withRaws({ instead }: ReadPlan, answerOf: AnswerOf, raws?: Raws): AnswerOf {
  return instead && instead !== 'none' && instead.isRaw ? (at) => raws?.get(at) : answerOf;
}

/** What a read gives of its own, before it repeats others; with what becomes of the bytes, or without. */
export function ownAnswer(plan: ReadPlan, cells: Cells, isChanged: boolean): Raw {
  const raw = openRaw(plan.step.length);
  const own = { ...plan, instead: undefined, ...(!isChanged && { transform: undefined }) };
  walkRead(
    own,
    cells,
    () => undefined,
    (i, value, unknown) => {
      raw.value[i] = value & ~unknown;
      raw.unknown[i] = unknown;
      return true;
    },
  );
  return raw;
}

/** Walks through the bytes of a read whose cells are simulated. Ends when `onByte` gives `false`, and gives that. */
export function walkRead(plan: ReadPlan, cells: Cells, answerOf: AnswerOf, onByte: OnByte): boolean {
  const { constant, instead } = plan;
  if (constant !== undefined) return walkFill(plan, constant, 0, onByte);
  if (instead === 'none') return walkFill(plan, plan.fill ?? 0, plan.fill === undefined ? 0xff : 0, onByte);
  if (instead) return walkCopy(plan, instead, answerOf, onByte);
  if (plan.pieces) return walkLines(plan, plan.pieces, cells, onByte);
  if (plan.transform && plan.transform.moves.length > 0) return walkMoved(plan, plan.transform, cells, onByte);
  return walkRuns(plan, plan.runs, cells, onByte) && (!plan.isPartial || walkUncovered(plan, onByte));
}

function walkLines(plan: ReadPlan, pieces: NonNullable<ReadPlan['pieces']>, cells: Cells, onByte: OnByte): boolean {
  const { transform, step, only } = plan;
  // Nothing is learned through a transform that does not apply.
  const asAsked: OnByte = transform ? (i, value, unknown) => onByte(i, value, unknown) : onByte;
  for (const { from, to, kept = cells, bytes, isAsAsked } of pieces) {
    const piece = { from: Math.max(from, only?.from ?? 0), to: Math.min(to, only?.to ?? step.length) };
    if (piece.from >= piece.to) continue;
    const goesOn = bytes
      ? walkBytes(bytes.subarray(piece.from - from), piece, onByte)
      : isAsAsked
        ? walkRuns({ ...plan, transform: undefined }, cutRuns(wholeOf(step), from, to), kept, asAsked)
        : transform && transform.moves.length > 0
          ? walkMoved({ ...plan, only: piece }, transform, kept, onByte)
          : walkRuns(plan, cutRuns(plan.runs, from, to), kept, onByte);
    if (!goesOn) return false;
  }
  return true;
}

function walkBytes(bytes: Uint8Array, { from, to }: { from: number; to: number }, onByte: OnByte): boolean {
  for (let i = from; i < to; i++) if (!onByte(i, bytes[i - from] ?? 0, 0)) return false;
  return true;
}

interface ReadPiece {
  readonly span: Span;
  readonly low: number;
  readonly high: number;
  readonly from: number;
}

function walkSpan({ step, transform }: ReadPlan, { span, low, high, from }: ReadPiece, onByte: OnByte): boolean {
  const { start, value, unknown } = span;
  const changed = transform && (transform.tables.length > 0 || transform.keys.length > 0) ? transform : undefined;
  for (let o = low - start, i = from; o < high - start; o++, i++) {
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
function changedByte(
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

function walkMoved(plan: ReadPlan, transform: Transform, cells: Cells, onByte: OnByte): boolean {
  const { step } = plan;
  const sources = sourceIndices(transform, step.length);
  const whole = wholeRun(plan);
  const low = cells[0]?.start ?? 0;
  const high = cells.at(-1)?.end ?? 0;
  const end = plan.only?.to ?? step.length;
  const moving = { transform, cells, onByte };
  let [near] = cells;
  for (let i = plan.only?.from ?? 0; i < end; ) {
    const source = sources[i] ?? NO_BYTE.none;
    const isInside = whole !== undefined && source >= 0 && source < step.length;
    const n = isInside ? stretchOf(sources, i, Math.min(end, i + step.length - source)) : 1;
    const address = source + (whole ?? 0);
    // Most of a long read lies beside the cells.
    if (!isInside) {
      if (!walkMovedByte(plan, i, source, moving)) return false;
    } else if (address < high && address + n > low) {
      if (!near || address < near.start || address >= near.end) near = spanAt(cells, address);
      const goesOn =
        near && address + n <= near.end
          ? walkSpan(plan, { span: near, low: address, high: address + n, from: i }, onByte)
          : walkRuns(plan, [i, address, n], cells, onByte);
      if (!goesOn) return false;
    }
    i += n;
  }
  return true;
}

/** How many indices from `i` on come from one place after another. */
function stretchOf(sources: Int32Array, i: number, end: number): number {
  const by = (sources[i] ?? 0) - i;
  let to = i + 1;
  while (to < end && sources[to] === to + by) to++;
  return to - i;
}

function walkRuns(plan: ReadPlan, runs: Runs, cells: Cells, onByte: OnByte): boolean {
  let goesOn = true;
  overlaps(cells, runs, (span, low, high, from) => {
    if (goesOn) goesOn = walkSpan(plan, { span, low, high, from }, onByte);
  });
  return goesOn;
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

function walkMovedByte(plan: ReadPlan, i: number, source: number, { transform, cells, onByte }: MovedRead): boolean {
  const { step } = plan;
  const fixed = source < 0 ? markedValue(source) : undefined;
  const standIn = (value: number): boolean =>
    onByte(i, transform.isMovedLast ? value : changedByte(step, transform, { i, value, address: step.address + i }), 0);
  if (fixed !== undefined) return standIn(fixed);
  const isBefore = source === NO_BYTE.before;
  if (isBefore && plan.kept) {
    const open = plan.kept.unknown[i] ?? 0;
    const value = (plan.kept.value[i] ?? 0) & ~open;
    const unknown = openAfter(tableAt(transform, i), value, open);
    return onByte(i, changedByte(step, transform, { i, value, address: step.address + i }) & ~unknown, unknown);
  }
  const address = isBefore ? plan.before?.(i) : placeInRuns(plan.runs, source);
  if (address === undefined) {
    if (isBefore) return standIn(0);
    if (source >= 0 && !plan.isPartial) return true;
    return onByte(i, plan.fill ?? 0, plan.fill === undefined ? 0xff : 0);
  }
  const span = spanAt(cells, address);
  return !span || giveChanged(step, transform, { span, o: address - span.start, i, onByte });
}

function walkUncovered({ step, runs, fill, only }: ReadPlan, onByte: OnByte): boolean {
  for (let i = only?.from ?? 0; i < (only?.to ?? step.length); i++) {
    if (placeInRuns(runs, i) === undefined && !onByte(i, fill ?? 0, fill === undefined ? 0xff : 0)) return false;
  }
  return true;
}

function walkFill({ step, only }: ReadPlan, value: number, unknown: number, onByte: OnByte): boolean {
  const end = only?.to ?? step.length;
  for (let i = only?.from ?? 0; i < end; i++) if (!onByte(i, value, unknown)) return false;
  return true;
}

function walkCopy(
  plan: ReadPlan,
  instead: Exclude<ReadPlan['instead'], 'none' | undefined>,
  answerOf: AnswerOf,
  onByte: OnByte,
): boolean {
  const { step, only, fill } = plan;
  const answer = instead.step.kind === 'write' ? { value: instead.step.bytes } : answerOf(instead.step.at);
  if (!answer && instead.isRaw) return walkFill(plan, 0, 0xff, onByte);
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

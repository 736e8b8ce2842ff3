/** Where the bytes of a read come from in a simulation: cells, answers that are repeated, lines of a cache, or one value. */
import type { Cells } from '../memory/cells.ts';
import { cutRuns, placeInRuns } from '../primitives/runs.ts';
import { type OnByte, type OnGiven, walkMoved, walkRuns } from './given.ts';
import { wholeOf } from './machine.ts';
import { openRaw, type Raw, type Raws, type ReadPlan } from './read-plan.ts';

/** Answers of steps that a read may repeat: bytes, and open bits if there are any. */
export type AnswerOf = (at: number) => { readonly value: Uint8Array; readonly unknown?: Uint8Array } | undefined;

/** What `plan` repeats: answers as they were given, or what right reads would have given. */
export function withRaws({ instead }: ReadPlan, answerOf: AnswerOf, raws?: Raws): AnswerOf {
  return instead && instead !== 'none' && instead.isRaw ? (at) => raws?.get(at) : answerOf;
}

/** What a read gives of its own, before it repeats others; with what becomes of the bytes, or without. */
export function ownAnswer(plan: ReadPlan, cells: Cells, isChanged: boolean): Raw {
  const raw = openRaw(plan.step.length);
  const whole = { ...plan, instead: undefined, only: undefined, isAside: false };
  const own = isChanged ? whole : { ...whole, transform: undefined };
  walkRead(own, cells, () => undefined, givenTo(raw));
  return raw;
}

/** Keeps what is given. */
export const givenTo = (answer: Raw): OnGiven => ({
  onByte: (i, value, unknown) => {
    answer.value[i] = value & ~unknown;
    answer.unknown[i] = unknown;
    return true;
  },
  onCells: ({ span: { value, unknown }, from, to, by, sources }) => {
    if (sources) {
      for (let i = from; i < to; i++) {
        const o = (sources[i] ?? 0) + by;
        answer.value[i] = value[o] ?? 0;
        answer.unknown[i] = unknown[o] ?? 0;
      }
    } else {
      answer.value.set(value.subarray(from + by, to + by), from);
      answer.unknown.set(unknown.subarray(from + by, to + by), from);
    }
    return true;
  },
});

/** Walks through the bytes of a read whose cells are simulated. Ends when it is told `false`, and gives that. */
export function walkRead(plan: ReadPlan, cells: Cells, answerOf: AnswerOf, on: OnGiven): boolean {
  const { constant, instead } = plan;
  const { onByte } = on;
  if (constant !== undefined) return walkFill(plan, constant, 0, onByte);
  if (instead === 'none') return walkFill(plan, plan.fill ?? 0, plan.fill === undefined ? 0xff : 0, onByte);
  if (instead) return walkCopy(plan, instead, answerOf, onByte);
  if (plan.pieces) return walkLines(plan, plan.pieces, cells, onByte);
  if (plan.transform && plan.transform.moves.length > 0) return walkMoved(plan, plan.transform, cells, on);
  return walkRuns(plan, plan.runs, cells, on) && (!plan.isPartial || walkUncovered(plan, onByte));
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
        ? walkRuns({ ...plan, transform: undefined }, cutRuns(wholeOf(step), from, to), kept, { onByte: asAsked })
        : transform && transform.moves.length > 0
          ? walkMoved({ ...plan, only: piece }, transform, kept, { onByte })
          : walkRuns(plan, cutRuns(plan.runs, from, to), kept, { onByte });
    if (!goesOn) return false;
  }
  return true;
}

function walkBytes(bytes: Uint8Array, { from, to }: { from: number; to: number }, onByte: OnByte): boolean {
  for (let i = from; i < to; i++) if (!onByte(i, bytes[i - from] ?? 0, 0)) return false;
  return true;
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

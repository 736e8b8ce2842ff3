/** Where a deviation must strike and where it must not, from what reads contradict. It tries no conditions. */
import { check } from './check.ts';
import { type Machine, machineOf, modelRunsOf } from './machine.ts';
import type { Model, Primitive } from './primitive.ts';
import { placeInRuns, runRanges } from './primitives/runs.ts';
import type { SearchProblem } from './problem.ts';
import type { Step, StepKind } from './steps.ts';
import { sourceIndex, transformOf } from './transform.ts';

export const MUST = 1;
export const MUST_NOT = 2;

/** For each read by its place, 1 for each byte that a model predicts otherwise. */
export type Wrong = ReadonlyMap<number, Uint8Array>;

/** What a whole model gets wrong. `told` hears of each byte, and of what the model expects there. */
export function wrongBytesOf(
  { steps, ground, prices, head }: SearchProblem,
  model: Model,
  told?: (step: Step, i: number, expected: number) => void,
): Wrong {
  const wrong = new Map<number, Uint8Array>();
  const onContradiction = (step: Step, i: number, expected: number): void => {
    const marks = wrong.get(step.at) ?? new Uint8Array(step.length);
    marks[i] = 1;
    wrong.set(step.at, marks);
    told?.(step, i, expected);
  };
  check(machineOf(model, ground), steps, prices, { limit: Number.POSITIVE_INFINITY, head, onContradiction });
  return wrong;
}

/**
 * For the steps of one kind, by their place among them: where a deviation must strike, because a right loader is
 * contradicted there, and where it must not, because it is contradicted itself. Bytes that several steps share tell nothing.
 */
export function needsOf(problem: SearchProblem, primitive: Primitive): Uint8Array {
  const { steps, ground, differs } = problem;
  const kind = primitive.on.at(-1) ?? 'write';
  if (!isInPlace(primitive)) return new Uint8Array(steps.filter((step) => step.kind === kind).length);
  // What was read before may have been wrong itself, so that a right read differs.
  const wrong = primitive.stage === 'source' ? new Map<number, Uint8Array>() : differs;
  return needsBy(kind, machineOf([], ground), steps, { wrong, contradicted: wrongBytesOf(problem, [primitive]) });
}

export interface Marks {
  /** Wrong without the deviation. */
  readonly wrong: Wrong;
  /** Wrong with it. */
  readonly contradicted: Wrong;
}

/** Walks through time: at each read it is known which step its bytes should have come from, by a loader like `machine`. */
export function needsBy(
  kind: StepKind,
  { chains, ground }: Machine,
  steps: readonly Step[],
  { wrong, contradicted }: Marks,
): Uint8Array {
  const owner = new Int16Array(ground.size).fill(NOBODY);
  const needs = new Uint8Array(steps.filter((step) => step.kind === kind).length);
  let own = 0;
  for (const step of steps) {
    const index = step.kind === kind ? own++ : NOBODY;
    const runs = modelRunsOf(chains[step.kind], step, ground) ?? [];
    if (step.kind !== 'read') {
      for (const range of runRanges(runs)) takeOver(owner, step.kind, index, range);
      continue;
    }
    const transform = transformOf(chains.read, step);
    const note = (marks: Uint8Array | undefined, need: number): void => {
      for (let i = marks?.indexOf(1) ?? -1; marks && i >= 0; i = marks.indexOf(1, i + 1)) {
        const from = placeInRuns(runs, transform ? sourceIndex(transform, i, step.length) : i);
        const at = index >= 0 || from === undefined ? index : (owner[from] ?? NOBODY);
        if (from !== undefined && at >= 0) needs[at] = (needs[at] ?? 0) | need;
      }
    };
    note(wrong.get(step.at), MUST);
    note(contradicted.get(step.at), MUST_NOT);
  }
  return needs;
}

const NOBODY = -1;
const SEVERAL = -2;

/** What an erase or a write makes of who has given each byte. */
function takeOver(owner: Int16Array, kind: StepKind, index: number, [low, high]: readonly [number, number]): void {
  const [start, end] = [Math.max(0, low), Math.min(owner.length, high)];
  if (kind === 'erase') owner.fill(index, start, Math.max(start, end));
  else if (index >= 0)
    for (let a = start; a < end; a++) owner[a] = owner[a] === NOBODY || owner[a] === index ? index : SEVERAL;
}

/** Bytes that both get wrong. */
export function wrongInBoth(some: Wrong, others: Wrong): Wrong {
  const both = new Map<number, Uint8Array>();
  for (const [at, marks] of some) {
    const other = others.get(at);
    if (other)
      both.set(
        at,
        marks.map((one, i) => one & (other[i] ?? 0)),
      );
  }
  return both;
}

/** It changes nothing but the place where the operation belongs. */
export const isInPlace = ({ stage, kind, on }: Primitive): boolean =>
  on.length === 1 &&
  (stage === 'gate'
    ? kind === 'lost'
    : stage === 'data' || (on[0] === 'read' && stage === 'source') || (stage === 'part' && on[0] !== 'erase'));

/** Where a deviation must strike and where it must not, from what reads contradict. It tries no conditions. */
import { check } from '../check/check.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { isOneRun, placeInRuns, runRanges } from '../primitives/runs.ts';
import type { Step, StepKind } from '../recording/steps.ts';
import { type Machine, machineOf, modelRunsOf, withHook } from '../simulate/machine.ts';
import { cellsOfReads } from '../simulate/read-cells.ts';
import { sourceIndices, transformOf } from '../simulate/transform.ts';
import type { SearchProblem } from './problem.ts';

export const MUST = 1;
export const MUST_NOT = 2;

/** For each read by its place, 1 for each byte that a model predicts otherwise. */
export type Wrong = ReadonlyMap<number, Uint8Array>;

export interface WrongBytesOptions {
  /** Hears of each byte, and of what the model expects there. */
  readonly told?: (step: Step, i: number, expected: number) => void;
  /** Only some of the reads are looked at, spread over the run. */
  readonly isThin?: boolean;
}

/** What a whole model gets wrong. */
export function wrongBytesOf(
  { steps, ground, head, thinSteps }: SearchProblem,
  model: Model,
  { told, isThin = false }: WrongBytesOptions = {},
): Wrong {
  const wrong = new Map<number, Uint8Array>();
  const machine = machineOf(model, ground);
  const some = isThin ? { some: thinSteps, cells: cellsOfReads(machine, thinSteps) } : { head };
  check(machine, steps, { limit: Number.POSITIVE_INFINITY, wrong, ...(told && { onContradiction: told }), ...some });
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
    if (step.kind !== 'read') {
      const erasesFirst = step.kind === 'write' ? withHook(chains.write, step, 'erasesFirst')?.erasesFirst : undefined;
      for (const [start, end] of runRanges(modelRunsOf(chains[step.kind], step, ground) ?? [])) {
        // What stood there may have been erased by this one or by another.
        const erased = erasesFirst?.({ ...step, address: start, length: end - start }, ground);
        if (erased) {
          fillWithin(owner, SEVERAL, erased);
          fillWithin(owner, NOBODY, [start, end]);
        }
        takeOver(owner, step.kind, index, [start, end]);
      }
      continue;
    }
    const marks = [wrong.get(step.at), contradicted.get(step.at)];
    if (!marks[0] && !marks[1]) continue;
    const transform = transformOf(chains.read, step);
    const runs = modelRunsOf(chains.read, step, ground) ?? [];
    const sources = transform && sourceIndices(transform, step.length);
    const whole = isOneRun(runs, step.length) ? runs[1] : undefined;
    const placeOf = (i: number): number | undefined => {
      const from = sources ? (sources[i] ?? -1) : i;
      return whole === undefined ? placeInRuns(runs, from) : from < 0 ? undefined : whole + from;
    };
    const place = sources || whole === undefined ? placeOf : whole;
    noteNeeds(needs, marks[0], { need: MUST, index, owner, place });
    noteNeeds(needs, marks[1], { need: MUST_NOT, index, owner, place });
  }
  return needs;
}

interface WrongRead {
  readonly need: number;
  /** Place of the read itself where deviations of reads are looked for. */
  readonly index: number;
  readonly owner: Int16Array;
  /** Where the bytes of the read come from: its start, or place by place. */
  readonly place: number | ((i: number) => number | undefined);
}

function noteNeeds(needs: Uint8Array, marks: Uint8Array | undefined, { need, index, owner, place }: WrongRead): void {
  if (!marks) return;
  if (typeof place === 'number' && index < 0) {
    for (const at of ownersOf(marks, owner, place)) needs[at] = (needs[at] ?? 0) | need;
    return;
  }
  for (let i = Math.max(0, marks.indexOf(1)); i < marks.length; i++) {
    if (marks[i] !== 1) continue;
    const from = typeof place === 'number' ? place + i : place(i);
    const at = index >= 0 || from === undefined ? index : (owner[from] ?? NOBODY);
    if (from !== undefined && at >= 0) needs[at] = (needs[at] ?? 0) | need;
  }
}

/** Who has given the marked bytes of a read that lie one after another from `place` on, each in its turn. */
function ownersOf(marks: Uint8Array, owner: Int16Array, place: number): number[] {
  const owners: number[] = [];
  let last = NOBODY;
  const end = Math.min(marks.length, owner.length - place);
  for (let i = Math.max(0, -place); i < end; i++) {
    if (marks[i] !== 1) continue;
    const at = owner[place + i] ?? NOBODY;
    if (at === last) continue;
    last = at;
    if (at >= 0) owners.push(at);
  }
  return owners;
}

const NOBODY = -1;
const SEVERAL = -2;

/** Only what lies in the flash: a block may have been sent below it. */
const fillWithin = (owner: Int16Array, value: number, [low, high]: readonly [number, number]): void => {
  owner.fill(value, Math.max(0, low), Math.max(0, high));
};

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

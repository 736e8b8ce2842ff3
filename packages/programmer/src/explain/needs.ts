/** Where a deviation must strike and where it must not, from what reads contradict. It tries no conditions. */
import { check } from './check.ts';
import { machineOf } from './machine.ts';
import type { Primitive } from './primitive.ts';
import type { SearchProblem } from './problem.ts';
import type { Step, StepKind } from './steps.ts';

export const MUST = 1;
export const MUST_NOT = 2;

/**
 * For the steps of one kind, by their place among them: where a deviation must strike, because a right loader is
 * contradicted there, and where it must not, because it is contradicted itself. Bytes that several steps share tell nothing.
 */
export function needsOf(problem: SearchProblem, primitive: Primitive): Uint8Array {
  const { steps, ground, prices, differs, head } = problem;
  const kind = primitive.on.at(-1) ?? 'write';
  if (!isInPlace(primitive)) return new Uint8Array(steps.filter((step) => step.kind === kind).length);
  const contradicted = new Map<number, Uint8Array>();
  const onContradiction = ({ at, length }: Step, i: number): void => {
    const marks = contradicted.get(at) ?? new Uint8Array(length);
    marks[i] = 1;
    contradicted.set(at, marks);
  };
  check(machineOf([primitive], ground), steps, prices, { limit: Number.POSITIVE_INFINITY, head, onContradiction });
  // What was read before may have been wrong itself, so that a right read differs.
  const wrong = primitive.stage === 'source' ? new Map<number, Uint8Array>() : differs;
  return needsBy(kind, problem, { wrong, contradicted });
}

interface Marks {
  readonly wrong: ReadonlyMap<number, Uint8Array>;
  readonly contradicted: ReadonlyMap<number, Uint8Array>;
}

/** Walks through time: at each read it is known which step its bytes should have come from. */
function needsBy(kind: StepKind, { steps, ground }: SearchProblem, { wrong, contradicted }: Marks): Uint8Array {
  const owner = new Int16Array(ground.size).fill(NOBODY);
  const needs = new Uint8Array(steps.filter((step) => step.kind === kind).length);
  let own = 0;
  for (const step of steps) {
    const index = step.kind === kind ? own++ : NOBODY;
    const low = Math.max(0, step.address);
    const high = Math.min(ground.size, step.address + step.length);
    if (step.kind === 'erase') owner.fill(index, low, Math.max(low, high));
    else if (step.kind === 'write' && index >= 0)
      for (let a = low; a < high; a++) owner[a] = owner[a] === NOBODY ? index : SEVERAL;
    else if (step.kind === 'read') {
      const note = (marks: Uint8Array | undefined, need: number): void => {
        for (let i = marks?.indexOf(1) ?? -1; marks && i >= 0 && i < marks.length; i++) {
          const at = index >= 0 ? index : marks[i] === 1 ? (owner[step.address + i] ?? NOBODY) : NOBODY;
          if (at >= 0) needs[at] = (needs[at] ?? 0) | need;
        }
      };
      note(wrong.get(step.at), MUST);
      note(contradicted.get(step.at), MUST_NOT);
    }
  }
  return needs;
}

const NOBODY = -1;
const SEVERAL = -2;

/** It changes nothing but the place where the operation belongs. */
export const isInPlace = ({ stage, kind, on }: Primitive): boolean =>
  on.length === 1 &&
  (stage === 'gate'
    ? kind === 'lost'
    : stage === 'data' || (on[0] === 'read' && stage === 'source') || (stage === 'part' && on[0] !== 'erase'));

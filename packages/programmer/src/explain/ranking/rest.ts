/** What one deviation leaves to explain, and where another has to strike beside it. */

import { needsBy, type Wrong, wrongBytesOf } from '../exact/needs.ts';
import type { SearchProblem } from '../exact/problem.ts';
import type { Primitive } from '../grammar/primitive.ts';
import type { Step } from '../recording/steps.ts';
import { type Machine, machineOf } from '../simulate/machine.ts';

/** What one deviation leaves to explain: it is held against everything when that is asked for first. */
export interface Rest {
  readonly base: Primitive;
  readonly machine: Machine;
  readonly wrong: Wrong;
  /** For each read by its place what the base alone gives, where that is wrong. */
  readonly expected: ReadonlyMap<number, Uint8Array>;
}

export function restOf(problem: SearchProblem, base: Primitive): Rest {
  const expected = new Map<number, Uint8Array>();
  const told = ({ at, length }: Step, i: number, value: number): void => {
    const bytes = expected.get(at) ?? new Uint8Array(length);
    bytes[i] = value;
    expected.set(at, bytes);
  };
  let wrong: Wrong | undefined;
  const known = (): Wrong => (wrong ??= wrongBytesOf(problem, [base], { told }));
  return {
    base,
    machine: machineOf([base], problem.ground),
    get wrong() {
      return known();
    },
    get expected() {
      known();
      return expected;
    },
  };
}

/** When `other` has to strike beside the base of a rest. */
export function needsBeside(problem: SearchProblem, { base, machine, wrong }: Rest, other: Primitive): Uint8Array {
  const contradicted = wrongBytesOf(problem, [base, other], { isThin: true });
  // What was read before may have been wrong itself, so that a right read differs.
  const missed = other.stage === 'source' ? new Map<number, Uint8Array>() : wrong;
  return needsBy(other.on.at(-1) ?? 'write', machine, problem.steps, { wrong: missed, contradicted });
}

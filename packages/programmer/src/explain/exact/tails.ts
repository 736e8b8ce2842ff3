/** Swaps that differ only in what becomes of a group of bytes that is cut: one and the same where none is. It tries no model. */
import { keyOf, type Primitive } from '../grammar/primitive.ts';
import type { Step, StepKind } from '../recording/steps.ts';
import type { SearchProblem } from './problem.ts';

/** Their key without what becomes of such a group. */
export function keyButForTail(primitive: Primitive): string {
  const { tail: _, ...parameters } = primitive.parameters;
  return keyOf({ ...primitive, parameters });
}

/** The same key for those that do the same in some runs. `undefined` for all other deviations, and where a group is cut. */
export function keyWhereNoneIsCut(
  primitive: Primitive,
  runs: readonly Pick<SearchProblem, 'steps'>[],
): string | undefined {
  const { on, condition, parameters } = primitive;
  const { tail, group } = parameters;
  if (tail === undefined || group === undefined || condition) return undefined;
  for (const { steps } of runs)
    for (const kind of on) for (const length of lengthsIn(steps)[kind]) if (length % group !== 0) return undefined;
  return keyButForTail(primitive);
}

type LengthsByKind = Readonly<Record<StepKind, ReadonlySet<number>>>;

/** Of how many bytes operations are: swaps are asked about by the hundred. */
const lengths = new WeakMap<readonly Step[], LengthsByKind>();

function lengthsIn(steps: readonly Step[]): LengthsByKind {
  const known = lengths.get(steps);
  if (known) return known;
  const made = { erase: new Set<number>(), write: new Set<number>(), read: new Set<number>() };
  for (const { kind, length } of steps) made[kind].add(length);
  lengths.set(steps, made);
  return made;
}

/** Models that are like an exact one, and upon which nobody may come in time: they may be exact as well. It tries none. */
import { guardCandidates } from './candidates.ts';
import type { Condition } from './condition.ts';
import { conditionsOfKind } from './estimate/conditions.ts';
import type { Exact } from './exact.ts';
import { keyOf, type Model, type Primitive } from './primitive.ts';
import { underOther } from './primitives/filter.ts';
import type { SearchProblem } from './problem.ts';

/** The same model where operations look at other places, or at more or less. */
export const guardsLike = ({ ground }: SearchProblem, model: Model): Model[] =>
  model.flatMap(({ hooks, on: [kind] }, i) =>
    hooks.guard && kind ? guardCandidates(kind, ground).map((guard) => model.with(i, guard)) : [],
  );

/** The same model where something else stands in for what does not arrive. */
export const fillingsLike = ({ candidates }: SearchProblem, model: Model): Model[] =>
  model.flatMap((primitive, i) =>
    candidates
      .filter((each) => each !== primitive && areAlikeButForFilling(each, primitive))
      .map((each) => model.with(i, each)),
  );

function areAlikeButForFilling(one: Primitive, other: Primitive): boolean {
  const { filling } = other.parameters;
  if (one.kind !== other.kind || filling === undefined || one.parameters['filling'] === undefined) return false;
  return keyOf({ ...one, parameters: { ...one.parameters, filling } }) === keyOf(other);
}

/** The same model where a deviation begins or ends with the operation before, or after: one of them may have left no trace. */
export const nextLike = (problem: SearchProblem, model: Model): Model[] =>
  model.flatMap((primitive, i) =>
    nextTo(problem, primitive).map((condition) => model.with(i, underOther(condition, primitive))),
  );

/** The same model under each other condition of the same kind that does not hold for the same operations. */
export const conditionsLike = ({ steps, classes }: SearchProblem, model: Model): Model[] =>
  model.flatMap((primitive, i) => {
    const { condition, on } = primitive;
    const [kind, ...others] = on;
    if (!condition || !kind || others.length > 0) return [];
    const own = steps.filter((step) => step.kind === kind);
    return classes(kind)
      .filter(({ holds }) => own.some((step, n) => condition.holds(step) !== (holds[n] === 1)))
      .flatMap(({ members }) => members.filter((each) => each.kind === condition.kind).slice(0, 1))
      .map((other) => model.with(i, underOther(other, primitive)));
  });

/** Conditions that differ from that of a deviation in their first value only, the next lower and the next higher. */
function nextTo({ classes }: SearchProblem, { condition, on: [kind, ...more] }: Primitive): Condition[] {
  if (!condition || !kind || more.length > 0) return [];
  const [value = 0, ...rest] = condition.values;
  const others = conditionsOfKind(classes(kind), condition.kind).filter(
    ({ values }) => values.slice(1).join() === rest.join(),
  );
  const by = (each: Condition): number => (each.values[0] ?? 0) - value;
  const nearest = (some: Condition[]): Condition[] =>
    some.sort((a, b) => Math.abs(by(a)) - Math.abs(by(b))).slice(0, 1);
  return [...nearest(others.filter((each) => by(each) < 0)), ...nearest(others.filter((each) => by(each) > 0))];
}

/** The same model with the other conditions that hold for the same operations of this run. */
export function equals({ classes }: SearchProblem, exact: Exact): Exact[] {
  const { model, bits, total } = exact;
  return model.flatMap((primitive, i) => {
    const { condition, on } = primitive;
    if (!condition) return [];
    const same = on.flatMap((kind) => classes(kind).filter(({ members }) => members[0] === condition))[0];
    return (same?.members.slice(1) ?? []).map((other) => {
      const more = other.bits - condition.bits;
      return { ...exact, model: model.with(i, underOther(other, primitive)), bits: bits + more, total: total + more };
    });
  });
}

/** Models that are like an exact one, and upon which nobody may come in time: they may be exact as well. It tries none. */
import { guardCandidates } from '../candidates/candidates.ts';
import { conditionsOfKind } from '../estimate/conditions.ts';
import type { Condition } from '../grammar/condition.ts';
import { keyOf, type Model, type Primitive } from '../grammar/primitive.ts';
import { underOther } from '../primitives/filter.ts';
import type { Step } from '../recording/steps.ts';
import { applies } from '../simulate/machine.ts';
import { doTheSame, movesOnly } from './effects.ts';
import type { Exact } from './exact.ts';
import type { SearchProblem } from './problem.ts';

/** The same model where operations look at other places, or at more or less. */
export const guardsLike = ({ ground }: SearchProblem, model: Model): Model[] =>
  model.flatMap(({ hooks, on: [kind] }, i) =>
    hooks.guard && kind ? guardCandidates(kind, ground).map((guard) => model.with(i, guard)) : [],
  );

/** The same model where something else stands in for what does not arrive. */
export const fillingsLike = ({ candidates }: SearchProblem, model: Model): Model[] =>
  model.flatMap((primitive, i) =>
    primitive.parameters['filling'] === undefined
      ? []
      : candidates
          .filter((each) => each !== primitive && areAlikeButForFilling(each, primitive))
          .map((each) => model.with(i, each)),
  );

function areAlikeButForFilling(one: Primitive, other: Primitive): boolean {
  const { filling } = other.parameters;
  if (one.kind !== other.kind || filling === undefined) return false;
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

/** Others that do the same are tried for one deviation at most. */
const MOST_PLACES_LIKE = 8;

/** The same model of two where another deviation sends all that takes effect to the same places: nobody has tried all pairs. */
export function placesLike(
  { candidates, steps, ground }: Pick<SearchProblem, 'candidates' | 'steps' | 'ground'>,
  model: Model,
): Model[] {
  if (model.length < 2) return [];
  return model.flatMap((primitive, i) => {
    if (!movesOnly(primitive)) return [];
    const others = model.toSpliced(i, 1);
    const kept = { steps: steps.filter((step) => !others.some((other) => drops(other, step))), ground };
    const { on, condition } = primitive;
    return candidates
      .filter((each) => !each.condition && each.on.join() === on.join() && movesOnly(each))
      .map((each) => (condition ? underOther(condition, each) : each))
      .filter((each) => keyOf(each) !== keyOf(primitive) && doTheSame(primitive, each, kept))
      .slice(0, MOST_PLACES_LIKE)
      .map((each) => model.with(i, each));
  });
}

const drops = (primitive: Primitive, step: Step): boolean =>
  primitive.hooks.drops === true && primitive.on.includes(step.kind) && applies(primitive, step);

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

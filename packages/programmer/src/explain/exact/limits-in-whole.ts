/** Models that are exact in a trial, with other limits: all that was done may say more of where these lie. It tries none. */
import { conditionsOfKind } from '../estimate/conditions.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { underOther } from '../primitives/filter.ts';
import type { SearchProblem } from './problem.ts';

/**
 * The same model with the limits that all that was done proposes, where they are the same for what was done in the trial. Reads
 * of a trial go everywhere, and leave no limit open.
 */
export const withOtherLimits = (model: Model, trial: SearchProblem, whole: SearchProblem): Model[] =>
  model.flatMap((primitive, i) => otherLimitsOf(primitive, trial, whole).map((other) => model.with(i, other)));

const knownLimits = new WeakMap<SearchProblem, WeakMap<Primitive, readonly Primitive[]>>();

/** The same each time: many models have one deviation in common. */
function otherLimitsOf(primitive: Primitive, trial: SearchProblem, whole: SearchProblem): readonly Primitive[] {
  const own = knownLimits.get(whole) ?? new WeakMap<Primitive, readonly Primitive[]>();
  knownLimits.set(whole, own);
  const others = own.get(primitive) ?? [...underOthers(primitive, trial, whole), ...boundedElsewhere(primitive, whole)];
  own.set(primitive, others);
  return others;
}

function underOthers(primitive: Primitive, { steps }: SearchProblem, { classes }: SearchProblem): Primitive[] {
  const { condition, on } = primitive;
  const [kind, ...more] = on;
  if (!condition || condition.values.length === 0 || !kind || more.length > 0 || kind === 'read') return [];
  const own = steps.filter((step) => step.kind === kind);
  return conditionsOfKind(classes(kind), condition.kind)
    .filter((other) => other.values.join() !== condition.values.join())
    .filter((other) => own.every((step) => other.holds(step) === condition.holds(step)))
    .map((other) => underOther(other, primitive));
}

/** The same deviation with its border at other addresses. */
function boundedElsewhere({ kind, on, parameters }: Primitive, { candidates }: SearchProblem): Primitive[] {
  const { limit, above } = parameters;
  if (limit === undefined || on.includes('read')) return [];
  return candidates.filter(
    (each) =>
      each.kind === kind &&
      each.on.join() === on.join() &&
      each.parameters['above'] === above &&
      each.parameters['limit'] !== limit,
  );
}

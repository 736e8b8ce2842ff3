/** Pairs that are like one that was refuted. It tries none. */
import { conditionsOfKind } from '../estimate/conditions.ts';
import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { underOther } from '../primitives/filter.ts';

/**
 * Of two that were refuted together: in all orders in which they can act now, and each with others of the other's kind, or
 * under other conditions of that kind.
 */
export function kinOf(problem: SearchProblem, models: readonly Model[]): Model[] {
  const pairs = models.flatMap(([one, other, ...more]) =>
    one && other && more.length === 0 ? ([[one, other]] as const) : [],
  );
  const others = pairs.flatMap(([one, other]) => [
    ...likeIt(problem, other).map((each) => [one, each] as const),
    ...likeIt(problem, one).map((each) => [each, other] as const),
  ]);
  return [...pairs, ...others].flatMap(([one, other]) => ordersOf(problem, one, other));
}

/** Others of its kind; under a condition, itself under others. */
function likeIt({ candidates, classes }: SearchProblem, primitive: Primitive): Primitive[] {
  const { kind, on, condition } = primitive;
  if (!condition) return candidates.filter((each) => each.kind === kind && each.on.some((one) => on.includes(one)));
  return conditionsOfKind(on.flatMap(classes), condition.kind).map((other) => underOther(other, primitive));
}

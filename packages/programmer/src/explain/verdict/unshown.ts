/** What no read of a run shows of how two deviations act together, however exact they are: neither may be certain then. */
import { cuts } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';

/** Whether two deviations may act together otherwise than was seen. */
export const isUnshown = (problem: SearchProblem, model: Model): boolean =>
  model.length > 1 && (model.some(givesOnePlace) || model.some((place) => mayCutUnseen(problem, model, place)));

/** All reads come from one place or give one value: of another deviation nothing shows but what it does there. */
const givesOnePlace = ({ kind, on, condition, hooks }: Primitive): boolean =>
  on.includes('read') && !condition && (kind === 'one-place' || hooks.constant !== undefined);

/** Blocks may be cut, but none was, and another looks at the block before, or at flash: for all of it, or for each piece. */
function mayCutUnseen(problem: SearchProblem, model: Model, { on, hooks: { grain } }: Primitive): boolean {
  if (grain === undefined) return false;
  return model.some(
    (other) =>
      (other.hooks.data?.looksBack === true || other.hooks.guard !== undefined) &&
      other.on.some((kind) => on.includes(kind) && !cuts(problem, kind, grain)),
  );
}

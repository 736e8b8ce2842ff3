/** Reads that give one value above or below an address: the same limit, held against each byte. It tries no models. */
import type { ConditionKind } from '../grammar/condition.ts';
import { evenly, isOfReads, type Model, type Primitive } from '../grammar/primitive.ts';
import { bounded, filled } from '../primitives/part.ts';
import { READS } from '../primitives/place.ts';
import { ordersOf } from './orders.ts';
import type { SearchProblem } from './problem.ts';

const ABOVE: readonly ConditionKind[] = ['from-address', 'ends-from'];

/** A model in which whole reads give one value beyond a limit, with bytes in their place: no read need lie across it. */
export function heldByByte(problem: SearchProblem, model: Model): Model[] {
  return model.flatMap((primitive, i) => {
    const limit = limitOf(primitive, problem);
    if (!limit) return [];
    const [other] = model.toSpliced(i, 1);
    return other ? ordersOf(problem, limit, other) : [[limit]];
  });
}

/** Where the first of the reads that give it begins, or the last one ends. */
function limitOf(primitive: Primitive, { steps, ground }: SearchProblem): Primitive | undefined {
  const { hooks, condition } = primitive;
  if (hooks.constant === undefined || !condition || !isOfReads(primitive)) return undefined;
  const isAbove = ABOVE.includes(condition.kind);
  if (!isAbove && condition.kind !== 'below-address') return undefined;
  const reads = steps.filter((step) => step.kind === 'read' && condition.holds(step));
  const limit = isAbove
    ? Math.min(...reads.map(({ address }) => address))
    : Math.max(...reads.map(({ address, length }) => address + length));
  if (!(limit > 0 && limit < ground.size)) return undefined;
  return evenly(filled(bounded(READS, limit, isAbove ? 1 : 0), hooks.constant));
}

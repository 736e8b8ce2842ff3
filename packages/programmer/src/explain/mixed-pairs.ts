/** Pairs of which neither shows alone, because one changes all that the other does. It tries none. */
import { ordersOf } from './orders.ts';
import { evenly, type Model, type Primitive, when } from './primitive.ts';
import { ahead, countsWrites } from './primitives/filter.ts';
import type { SearchProblem } from './problem.ts';

/** Late answers and exchanges of bytes in reads that are tried with every change of what is written. */
const MOST_CHANGED_READS = 20;
const MOST_FILTERS = 400;

/** Bytes that change their places, or come late, on the way out, and change on the way in: neither shows alone. */
export function* bothChanged(problem: SearchProblem, primitives: readonly Primitive[]): Iterable<Model> {
  const reads = ['lag', 'swap'].flatMap((name) =>
    primitives.filter(({ kind, on }) => kind === name && isOn(on, 'read')),
  );
  const writes = primitives.filter(({ stage, on }) => (stage === 'data' || stage === 'part') && isOn(on, 'write'));
  for (const read of reads.slice(0, MOST_CHANGED_READS))
    for (const write of writes) yield* ordersOf(problem, read, write);
}

const isOn = (on: Primitive['on'], kind: 'read' | 'write'): boolean => on.length === 1 && on[0] === kind;

/** Filters of writes before each deviation that counts them: where one is lost, all behind it come out otherwise. */
export function* filtersAhead({ candidates, classes }: SearchProblem): Iterable<Model> {
  const [loss] = candidates.filter(({ kind, on }) => kind === 'lost' && on.length === 1 && on[0] === 'write');
  // What only looks back at the block before shows beside a loss as it is.
  const counting = candidates.filter((each) => countsWrites(each) && each.on.length === 1 && !each.hooks.data);
  if (!loss) return;
  for (const { members } of classes('write').slice(0, MOST_FILTERS)) {
    const [condition] = members;
    const filter = condition && evenly(ahead(when(condition, loss)));
    if (filter) for (const each of counting) yield [filter, each];
  }
}

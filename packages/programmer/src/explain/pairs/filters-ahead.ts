/** Filters in front of deviations that count what goes through. It tries none. */

import type { SearchProblem } from '../exact/problem.ts';
import { evenly, type Model, when } from '../grammar/primitive.ts';
import { ahead, countsOn } from '../primitives/filter.ts';

const MOST_FILTERS = 400;

/** Filters of writes before each deviation that counts them: where one is lost, all behind it come out otherwise. */
export function* filtersAhead({ candidates, classes }: SearchProblem): Iterable<Model> {
  const [loss] = candidates.filter(({ kind, on }) => kind === 'lost' && on.length === 1 && on[0] === 'write');
  // What only looks back at the block before shows beside a loss as it is.
  const counting = candidates.filter((each) => countsOn('write', each) && each.on.length === 1 && !each.hooks.data);
  if (!loss) return;
  for (const { members } of classes('write').slice(0, MOST_FILTERS)) {
    const [condition] = members;
    const filter = condition && evenly(ahead(when(condition, loss)));
    if (filter) for (const each of counting) yield [filter, each];
  }
}

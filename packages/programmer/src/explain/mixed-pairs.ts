/** Pairs of which neither shows alone, because one changes all that the other does. It tries none. */
import { ordersOf } from './orders.ts';
import { evenly, type Model, type Primitive, when } from './primitive.ts';
import { ahead, countsOn } from './primitives/filter.ts';
import type { SearchProblem } from './problem.ts';

/** Exchanges of bytes in reads that are tried with every change of what is written. */
const MOST_CHANGED_READS = 18;
const MOST_FILTERS = 400;

/** Answers that come late, with every other deviation: most of them do not show beside it. */
export function* lateWithOthers(problem: SearchProblem, primitives: readonly Primitive[]): Iterable<Model> {
  const late = primitives.filter(({ kind, condition }) => kind === 'lag' && !condition);
  for (const lag of late) for (const other of primitives) if (other !== lag) yield* ordersOf(problem, lag, other);
}

/** Bytes that change their places on the way out, and change on the way in: neither shows alone. */
export function* bothChanged(problem: SearchProblem, primitives: readonly Primitive[]): Iterable<Model> {
  const reads = primitives.filter(({ kind, on }) => kind === 'swap' && isOn(on, 'read'));
  const writes = primitives.filter((each) => changesBytes(each) && isOn(each.on, 'write'));
  for (const read of reads.slice(0, MOST_CHANGED_READS))
    for (const write of writes) yield* ordersOf(problem, read, write);
}

const changesBytes = ({ stage }: Primitive): boolean => stage === 'data' || stage === 'part';

const isOn = (on: Primitive['on'], kind: 'read' | 'write'): boolean => on.length === 1 && on[0] === kind;

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

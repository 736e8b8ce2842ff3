/** Rivals of two deviations: each of them may be another one, with the other kept. */
import { ordersOf } from './orders.ts';
import { keyOf, type Model } from './primitive.ts';
import { type Search, tryAll } from './trying.ts';

/** Exact pairs whose halves are exchanged for others. */
const MOST_EXCHANGED = 2;

const inAnyOrder = (model: Model): string => model.map(keyOf).sort().join('+');

/** @returns `false` when the time is up */
export async function trySubstitutes(search: Search): Promise<boolean> {
  const { problem, exact } = search;
  const pairs = exact.filter(({ model }) => model.length === 2).sort((a, b) => a.bits - b.bits);
  for (const { model } of pairs.slice(0, MOST_EXCHANGED)) {
    const known = new Set(exact.map((each) => inAnyOrder(each.model)));
    for (const [i, kept] of model.entries()) {
      const own = keyOf(model[1 - i] ?? kept);
      const others = problem.candidates.filter((other) => keyOf(other) !== own);
      const models = others.flatMap((other): Model[] => ordersOf(problem, kept, other));
      const anew = models.filter((each) => !known.has(inAnyOrder(each)));
      if (!(await tryAll(search, anew))) return false;
    }
  }
  return true;
}

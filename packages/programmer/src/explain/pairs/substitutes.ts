/** Rivals of two deviations: each of them may be another one, with the other kept. */

import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { type Search, tryAll } from '../exact/trying.ts';
import { evenly, keyOf, type Model, type Primitive } from '../grammar/primitive.ts';
import { bounded, filled } from '../primitives/part.ts';
import { coverWindows, explainerOf } from '../ranking/cover.ts';

/** Exact pairs whose halves are exchanged for others. */
const MOST_EXCHANGED = 2;

/** The same limit for each byte instead of for each block: no estimator may have proposed its number. */
function boundsLike({ kind, on, condition, hooks: { constant } }: Primitive): Primitive[] {
  const [limit = 0] = condition?.values ?? [];
  const above = condition?.kind === 'from-address' ? 1 : condition?.kind === 'below-address' ? 0 : undefined;
  if (above === undefined || (kind !== 'lost' && constant === undefined)) return [];
  const bound = bounded(on, limit, above);
  return [evenly(constant === undefined ? bound : filled(bound, constant))];
}

const inAnyOrder = (model: Model): string => model.map(keyOf).sort().join('+');

/** Windows that one of two must explain alone, so that others are held against them before they are tried. */
const LEAST_EXPLAINED = 2;

/** Those that may stand for one of two deviations: what it explains alone, another has to explain alone as well. */
function likeHalf(problem: SearchProblem, half: Primitive): readonly Primitive[] {
  const { candidates, explained } = problem;
  const own = keyOf(half);
  const others = candidates.filter((other) => keyOf(other) !== own);
  if (explained.size === 0) return others;
  const marks = coverWindows(problem).wrong.map(explainerOf(problem, [half]));
  if (marks.filter(Boolean).length < LEAST_EXPLAINED) return others;
  return others.filter((other) => {
    const explains = explained.get(keyOf(other));
    return explains !== undefined && marks.every((isOwn, i) => !isOwn || explains[i] === 1);
  });
}

/** @returns `false` when the time is up */
export async function trySubstitutes(search: Search): Promise<boolean> {
  const { problem, exact } = search;
  const pairs = exact.filter(({ model }) => model.length === 2).sort((a, b) => a.bits - b.bits);
  for (const { model } of pairs.slice(0, MOST_EXCHANGED)) {
    const known = new Set(exact.map((each) => inAnyOrder(each.model)));
    for (const [i, kept] of model.entries()) {
      // What stands behind answers that come late was looked for among all.
      if (kept.kind === 'lag') continue;
      const half = model[1 - i] ?? kept;
      const isTried = problem.triedBeside.has(keyOf(kept));
      const others = [...boundsLike(half), ...(isTried ? [] : likeHalf(problem, half))];
      const models = others.flatMap((other): Model[] => ordersOf(problem, kept, other));
      const anew = models.filter((each) => !known.has(inAnyOrder(each)));
      if (!(await tryAll(search, anew))) return false;
    }
  }
  return true;
}

/**
 * Tries models in the order in which they come, and keeps those that are exact, with their likes under other conditions and
 * of other sizes. It does not know where they come from.
 */

import { bringsAll } from '../estimate/traces.ts';
import { bitsOfModel, keyOf, keyOfModel, type Model, type Primitive } from '../grammar/primitive.ts';
import { heldByByte } from './byte-limits.ts';
import { FAINT_BITS, isCarried, tryCarried } from './carried.ts';
import { type Exact, tryModel } from './exact.ts';
import { equals, fillingsLike, guardsLike, nextLike } from './likes.ts';
import { withOtherLimits } from './limits-in-whole.ts';
import { ordersOf } from './orders.ts';
import type { RunPace } from './pace.ts';
import type { SearchProblem } from './problem.ts';
import { keyWhereNoneIsCut } from './tails.ts';
import { tellsWhere } from './told.ts';

export interface Search {
  readonly problem: SearchProblem;
  readonly pace: RunPace;
  readonly exact: Exact[];
  /** Everything that was done, where `problem` is only a part of it: a model has to be exact there as well. */
  readonly whole?: SearchProblem;
  /** Those that are exact in `problem` and not in `whole`, as they were found. */
  readonly halves?: Model[];
  /** Those that are exact, and of which one part explains too little to be claimed, or one alone tells too little. */
  readonly faint?: Exact[];
  /** Deviations that explain most of what is wrong alone, the likeliest first; each search adds those that it sees. */
  readonly leads?: Primitive[];
}

/** Models that cost more than the best exact one by this are not tried. */
const MARGIN_BITS = 10;
/** As many exact models are enough: those that are tried later are dearer. */
export const MOST_EXACT = 24;

/** Whether a model of so many bits can still be a rival of what was found. */
export const isCheapEnough = ({ exact }: Search, bits: number): boolean =>
  bits <= exact.reduce((least, each) => Math.min(least, each.bits), Number.POSITIVE_INFINITY) + MARGIN_BITS;

/** `onWrong` is told of every model that was tried and is not exact. @returns `false` when the time is up */
export async function tryAll(
  state: Search,
  models: Iterable<Model>,
  onWrong?: (model: Model) => void,
): Promise<boolean> {
  const { problem, pace, exact, whole } = state;
  const tryOnce = tryingOnce(problem);
  let found = 0;
  for (const model of models) {
    if (found >= MOST_EXACT) return true;
    // Of models, only those that are tried count.
    if (!isCheapEnough(state, bitsOfModel(model))) continue;
    const goesOn = pace.goOn();
    if (!(typeof goesOn === 'boolean' ? goesOn : await goesOn)) return false;
    if (model.length > 1 && (holdsEnough(state, model) || (!onWrong && isRefuted(problem, model)))) continue;
    const fitting = tryOnce(model);
    if (!fitting) {
      onWrong?.(model);
      continue;
    }
    // Limits of reads are held against each byte in all that was done, where few of them pass.
    const others = [...guardsLike(problem, model), ...(whole ? [] : heldByByte(problem, model))];
    const like = [fitting, ...equals(problem, fitting), ...(await tryUnknown(state, others))];
    // It takes as long as many others: the last one is held against all that was done though the time is up.
    const fits = confirmed(state, like);
    if (fits.length > 0) found++;
    else {
      state.halves?.push(model);
      state.faint?.push(...like.filter((each) => isCarried(problem, each, FAINT_BITS)));
    }
    exact.push(...fits);
    const near = fits.length > 0 ? [...nextLike(problem, model), ...fillingsLike(problem, model)] : [];
    exact.push(...confirmed(state, await tryUnknown(state, near)));
    if (!(await pace.lookUp())) return false;
  }
  return true;
}

/** Tries each single deviation once of those that do the same to all that was done. */
function tryingOnce(problem: SearchProblem): (model: Model) => Exact | undefined {
  const tried = new Map<string, Exact | undefined>();
  return (model) => {
    const [only, ...others] = model;
    const key = only && others.length === 0 ? keyWhereNoneIsCut(only, [problem]) : undefined;
    if (key === undefined) return tryModel(problem, model);
    if (!tried.has(key)) tried.set(key, tryModel(problem, model));
    const known = tried.get(key);
    const bits = bitsOfModel(model);
    return known && { ...known, model, bits, total: known.total - known.bits + bits };
  };
}

/** Those that are exact of what was not found before, as long as there is time. */
async function tryUnknown({ problem, pace, exact }: Search, models: readonly Model[]): Promise<Exact[]> {
  if (models.length === 0) return [];
  const known = new Set(exact.map((each) => keyOfModel(each.model)));
  const found: Exact[] = [];
  for (const model of models) {
    if (known.has(keyOfModel(model))) continue;
    if (!(await pace.lookUp())) break;
    const fitting = tryModel(problem, model);
    if (fitting) found.push(fitting);
  }
  return found;
}

/** Whether one of a pair is exact alone, though it tells too little: beside it anything is exact, and nothing is needed. */
const holdsEnough = ({ faint = [] }: Search, model: Model): boolean =>
  faint.some(
    ({ model: [only, ...more] }) => only && more.length === 0 && model.some((each) => keyOf(each) === keyOf(only)),
  );

/** Fewer bytes that turned up refute no pair. */
const LEAST_SURELY = 6;

const isRefuted = ({ surely, ground }: SearchProblem, model: Model): boolean =>
  surely().length >= LEAST_SURELY && !bringsAll(surely(), model, ground, true);

/** Those that are exact in everything that was done, and of which no part could be left out. */
const confirmed = ({ problem, whole }: Search, some: readonly Exact[]): Exact[] =>
  whole
    ? confirmedIn(
        whole,
        some.map(({ model }) => model),
        problem,
      ).flatMap((each) => [each, ...equals(whole, each)])
    : some.filter((each) => isCarried(problem, each) && (each.model.length > 1 || tellsWhere(problem, each)));

/** Two that are exact in a trial may act together in a way that shows only in all that was done: no block may have been cut there. */
const inOtherOrders = ([one, other, ...more]: Model, whole: SearchProblem): Model[] =>
  one && other && more.length === 0
    ? ordersOf(whole, one, other).filter((model) => model[0] !== one || model[1] !== other)
    : [];

function confirmedIn(whole: SearchProblem, models: readonly Model[], part: SearchProblem): Exact[] {
  const found = tryCarried(whole, models);
  const [first] = models;
  if (found.length > 0 || !first) return found;
  return tryCarried(whole, [
    ...inOtherOrders(first, whole),
    ...withOtherLimits(first, part, whole),
    ...heldByByte(part, first),
  ]);
}

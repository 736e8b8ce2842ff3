/**
 * Tries models in the order in which they come, and keeps those that are exact, with their likes under other conditions and
 * of other sizes. It does not know where they come from.
 */
import { heldByByte } from './byte-limits.ts';
import { guardCandidates } from './candidates.ts';
import { FAINT_BITS, isCarried, tryCarried } from './carried.ts';
import type { Condition } from './condition.ts';
import { withOtherLimits } from './limits-in-whole.ts';
import type { RunPace } from './pace.ts';
import { bitsOfModel, keyOf, keyOfModel, type Model, type Primitive } from './primitive.ts';
import { underOther } from './primitives/filter.ts';
import { type Exact, type SearchProblem, tryModel } from './problem.ts';
import { keyWhereNoneIsCut } from './tails.ts';
import { tellsWhere } from './told.ts';
import { bringsAll } from './traces.ts';

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
  const { problem, pace, exact } = state;
  const tryOnce = tryingOnce(problem);
  let found = 0;
  for (const model of models) {
    if (found >= MOST_EXACT) return true;
    // Of models, only those that are tried count.
    if (!isCheapEnough(state, bitsOfModel(model))) continue;
    if (!(await pace.goOn())) return false;
    if (model.length > 1 && (holdsEnough(state, model) || (!onWrong && isRefuted(problem, model)))) continue;
    const fitting = tryOnce(model);
    if (!fitting) {
      onWrong?.(model);
      continue;
    }
    const like = [fitting, ...equals(problem, fitting), ...guardsLike(state, fitting), ...limitsLike(state, fitting)];
    const fits = confirmed(state, like);
    if (fits.length > 0) found++;
    else {
      state.halves?.push(model);
      state.faint?.push(...like.filter((each) => isCarried(problem, each, FAINT_BITS)));
    }
    exact.push(...fits);
    if (fits.length > 0)
      exact.push(...confirmed(state, [...nextLike(state, fitting), ...fillingsLike(state, fitting)]));
  }
  return true;
}

/** Tries each single deviation once of those that do the same to all that was done. */
function tryingOnce(problem: SearchProblem): (model: Model) => Exact | undefined {
  const tried = new Map<string, Exact | undefined>();
  return (model) => {
    const [only, ...others] = model;
    const key = only && others.length === 0 ? keyWhereNoneIsCut(only, problem.steps) : undefined;
    if (key === undefined) return tryModel(problem, model);
    if (!tried.has(key)) tried.set(key, tryModel(problem, model));
    const known = tried.get(key);
    const bits = bitsOfModel(model);
    return known && { ...known, model, bits, total: known.total - known.bits + bits };
  };
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

function confirmedIn(whole: SearchProblem, models: readonly Model[], part: SearchProblem): Exact[] {
  const found = tryCarried(whole, models);
  const [first] = models;
  if (found.length > 0 || !first) return found;
  return tryCarried(whole, [...withOtherLimits(first, part, whole), ...heldByByte(part, first)]);
}

/** The same model where something else stands in for what does not arrive. */
function fillingsLike({ problem, exact }: Search, { model }: Exact): Exact[] {
  const known = new Set(exact.map((each) => keyOfModel(each.model)));
  const others = model.flatMap((primitive, i) =>
    problem.candidates
      .filter((each) => each !== primitive && areAlikeButForFilling(each, primitive))
      .map((each) => model.with(i, each)),
  );
  return others.flatMap((each) => (known.has(keyOfModel(each)) ? [] : (tryModel(problem, each) ?? [])));
}

function areAlikeButForFilling(one: Primitive, other: Primitive): boolean {
  const { filling } = other.parameters;
  if (one.kind !== other.kind || filling === undefined || one.parameters['filling'] === undefined) return false;
  return keyOf({ ...one, parameters: { ...one.parameters, filling } }) === keyOf(other);
}

/** The same model where a deviation begins or ends with the operation before, or after: one of them may have left no trace. */
function nextLike({ problem, exact }: Search, { model }: Exact): Exact[] {
  const known = new Set(exact.map((each) => keyOfModel(each.model)));
  const next = model.flatMap((primitive, i) =>
    nextTo(problem, primitive).map((condition) => model.with(i, underOther(condition, primitive))),
  );
  return next.flatMap((each) => (known.has(keyOfModel(each)) ? [] : (tryModel(problem, each) ?? [])));
}

/** Conditions that differ from that of a deviation in their first value only, the next lower and the next higher. */
function nextTo({ classes }: SearchProblem, { condition, on: [kind, ...more] }: Primitive): Condition[] {
  if (!condition || !kind || more.length > 0) return [];
  const { values } = condition;
  const [value = 0, ...rest] = values;
  const others = classes(kind)
    .flatMap(({ members }) => members)
    .filter((each) => each.kind === condition.kind && each.values.slice(1).join() === rest.join());
  const by = (each: Condition): number => (each.values[0] ?? 0) - value;
  const nearest = (some: Condition[]): Condition[] =>
    some.sort((a, b) => Math.abs(by(a)) - Math.abs(by(b))).slice(0, 1);
  return [...nearest(others.filter((each) => by(each) < 0)), ...nearest(others.filter((each) => by(each) > 0))];
}

/** The same model where operations look at other places, or at more or less: nobody may come upon these in time. */
function guardsLike({ problem, exact }: Search, { model }: Exact): Exact[] {
  const known = new Set(exact.map((each) => keyOfModel(each.model)));
  if (known.has(keyOfModel(model))) return [];
  return model.flatMap(({ hooks, on: [kind] }, i) => {
    if (!hooks.guard || !kind) return [];
    const others = guardCandidates(kind, problem.ground).map((guard) => model.with(i, guard));
    return others.flatMap((other) => (known.has(keyOfModel(other)) ? [] : (tryModel(problem, other) ?? [])));
  });
}

/** The same model where a limit of reads is held against each byte. */
function limitsLike({ problem, whole, exact }: Search, { model }: Exact): Exact[] {
  // In all that was done, few of them pass.
  if (whole) return [];
  const known = new Set(exact.map((each) => keyOfModel(each.model)));
  return heldByByte(problem, model).flatMap((each) =>
    known.has(keyOfModel(each)) ? [] : (tryModel(problem, each) ?? []),
  );
}

/** The same model with the other conditions that hold for the same operations of this run. */
function equals({ classes }: SearchProblem, exact: Exact): Exact[] {
  const { model, bits, total } = exact;
  return model.flatMap((primitive, i) => {
    const { condition, on } = primitive;
    if (!condition) return [];
    const same = on.flatMap((kind) => classes(kind).filter(({ members }) => members[0] === condition))[0];
    return (same?.members.slice(1) ?? []).map((other) => {
      const more = other.bits - condition.bits;
      return { ...exact, model: model.with(i, underOther(other, primitive)), bits: bits + more, total: total + more };
    });
  });
}

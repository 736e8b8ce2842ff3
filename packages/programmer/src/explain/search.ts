/** Looks for the simplest models that are exact to the byte: single deviations, conditional ones, then pairs. */

import { beginningOf } from './beginning.ts';
import { slippedModels, translatedModels } from './candidates/translated.ts';
import type { Trace } from './estimate/landing.ts';
import { holdsForeign } from './estimate/seen.ts';
import { bringsAll, partlyLeading, type Sieved, sievePlaces } from './estimate/traces.ts';
import { LEAST_BITS, tryCarried } from './exact/carried.ts';
import type { Exact } from './exact/exact.ts';
import type { RunPace } from './exact/pace.ts';
import { type SearchProblem, searchProblemOf } from './exact/problem.ts';
import { type Search, tryAll } from './exact/trying.ts';
import { bitsOfModel, keyOf, keyOfModel, type Model, type Primitive } from './grammar/primitive.ts';
import { isOnFewer } from './pairs/bases.ts';
import { tryCovers } from './pairs/cover-pairs.ts';
import { kinOf } from './pairs/kin.ts';
import { twoLosses } from './pairs/loss-pairs.ts';
import { tryBeam, tryHalves, tryHunches } from './pairs/pairs.ts';
import { undoneIn, withUndone } from './pairs/sources-undone.ts';
import { trySubstitutes } from './pairs/substitutes.ts';
import { type Evident, evidentIn } from './ranking/evident.ts';
import { hunchesOf } from './ranking/hunches.ts';
import { conditional, losses } from './ranking/losses.ts';
import { type Told, tellAlone } from './ranking/rank.ts';
import type { Recording } from './recording/record.ts';

export interface Found {
  /** The cheapest in total first. */
  readonly exact: readonly Exact[];
  /** Everything that was to be tried was tried. */
  readonly isComplete: boolean;
  /** Deviations that explain most of what is wrong alone, the likeliest first: one of two, perhaps. */
  readonly leads: readonly Primitive[];
}

/** Of the time, what goes to the trials alone where something was named: what counts on from the run is not seen there. */
const LESSON_SHARE = 0.65;

export interface SearchAnewOptions {
  readonly pace: RunPace;
  /** What was named before, first the likeliest. */
  readonly named?: readonly Model[] | undefined;
  /** Deviations that explained most of what is wrong alone, where nothing was found. */
  readonly leads?: readonly Primitive[] | undefined;
  /** The first step of the first trial. */
  readonly trialsFrom?: number | undefined;
}

/** Of the time that is left, what goes to the run alone. */
const RUN_SHARE = 0.6;

/** In the trials first: they are short, and show each deviation alone. */
export async function searchAnew(
  recording: Recording,
  problem: SearchProblem,
  { pace, named = [], leads = [], trialsFrom }: SearchAnewOptions,
): Promise<Found> {
  // Where one deviation was enough before, another one may be.
  const one = named[0]?.length === 1 ? await searchOne(problem, pace) : undefined;
  if (one && one.exact.length > 0) return one;
  const half = await searchBeside(problem, pace.part(HALVES_SHARE), named);
  if (half.exact.length > 0) return half;
  const part = trialsFrom === undefined ? undefined : searchProblemOf(recording, trialsFrom);
  // Nothing that was looked for in the run alone was found: the trials show more.
  const share = named.length > 0 ? LESSON_SHARE : 1;
  if (part && part.differingBits >= LEAST_BITS) {
    const learned = await searchLesson(part, problem, { pace: pace.part(share), leads });
    if (learned.exact.length > 0) return learned;
  }
  if (named.length > 0 && named.every(({ length }) => length === 1)) {
    // Where one deviation was enough for the run, nobody has looked for two of them there.
    const run = await search(searchProblemOf(recording, 0, trialsFrom), pace.part(RUN_SHARE), problem);
    if (run.exact.length > 0) return run;
  }
  const beginning = trialsFrom === undefined ? beginningOf(recording) : undefined;
  return beginning ? await searchLong(beginning, problem, pace) : await search(problem, pace);
}

/** Of the time, what goes to the beginning of a long run. */
const BEGINNING_SHARE = 0.75;

/** Single deviations in all of it, then pairs in its beginning, then in all of it. */
async function searchLong(recording: Recording, problem: SearchProblem, pace: RunPace): Promise<Found> {
  const state: Search = { problem, pace, exact: [] };
  const isOver = await tryAll(state, likelyWhole(state, siftedBy(problem)));
  if (isOver && state.exact.length > 0) return foundBy(state, true);
  const beginning = searchProblemOf(recording);
  const begun = beginning.differingBits >= LEAST_BITS && (await search(beginning, pace.part(BEGINNING_SHARE), problem));
  return begun && begun.exact.length > 0 ? { ...begun, isComplete: false } : await search(problem, pace);
}

const byTotal = (a: Exact, b: Exact): number => a.total - b.total;

/** @param whole all that was done, where `problem` is only a part of it */
export async function search(problem: SearchProblem, pace: RunPace, whole?: SearchProblem): Promise<Found> {
  const faint: Exact[] = [];
  const state: Search = { problem, pace, exact: [], leads: [], ...(whole ? { whole } : { faint }) };
  const done = await searchAll(state);
  if (state.exact.length === 0) state.exact.push(...faint);
  await trySubstitutes(state);
  return foundBy(state, done);
}

const trySingles = async (state: Search): Promise<boolean> =>
  await tryAll(state, singles(state.problem.candidates, losses(state.problem)));

/** Searches for single deviations alone, under conditions or not. */
async function searchOne(problem: SearchProblem, pace: RunPace): Promise<Found> {
  const state: Search = { problem, pace, exact: [] };
  const isOver = await trySingles(state);
  if (!isOver || state.exact.length > 0) return foundBy(state, isOver);
  const told = await tellAlone(state, problem.candidates);
  const isDone = told !== undefined && (await tryAll(state, conditional(state, told.filter(explainsEach))));
  return foundBy(state, isDone);
}

/** Of the time, what goes to halves of what was named before. */
const HALVES_SHARE = 0.35;

/** Halves of what was named, and deviations of fewer kinds of operation. */
const MOST_HALVES_BESIDE = 6;

/** What was named and refuted may be half right. */
async function searchBeside(problem: SearchProblem, pace: RunPace, models: readonly Model[]): Promise<Found> {
  const state: Search = { problem, pace, exact: [] };
  const byKey = new Map(models.flat().map((primitive) => [keyOf(primitive), primitive]));
  const halves = [...byKey.values()];
  // One of two losses was right, or neither: what one lets through the other may count.
  if (halves.some(({ kind }) => kind === 'lost') && !(await tryAll(state, twoLosses(problem))))
    return foundBy(state, false);
  if (!(await tryAll(state, kinOf(problem, models))) || state.exact.length > 0) return foundBy(state, false);
  const fewer = halves.flatMap((half) => problem.candidates.filter((each) => isOnFewer(each, half)));
  await tryHalves(state, [...halves, ...fewer].slice(0, MOST_HALVES_BESIDE));
  return foundBy(state, false);
}

/** Searches in the trial from which a loader is to be learned; what is found has to be exact in `whole` as well. */
async function searchLesson(
  problem: SearchProblem,
  whole: SearchProblem,
  { pace, leads }: { readonly pace: RunPace; readonly leads: readonly Primitive[] },
): Promise<Found> {
  const state = { problem, pace, exact: [], whole, halves: [], leads: [...leads] };
  const done = await searchLearned(state);
  await trySubstitutes(state);
  return foundBy(state, done);
}

/** With those that only lie elsewhere as a whole: nobody comes upon them by what deviates. */
function foundBy({ problem, whole = problem, exact, leads = [] }: Search, isComplete: boolean): Found {
  const known = new Set(exact.map(({ model }) => keyOfModel(model)));
  const others = exact
    .flatMap(({ model }) => [...translatedModels(model, problem.ground), ...slippedModels(model)])
    .filter((model) => !known.has(keyOfModel(model)));
  const byKey = new Map(others.map((model) => [keyOfModel(model), model]));
  const more = tryCarried(whole, [...byKey.values()]);
  return { exact: [...exact, ...more].sort(byTotal), isComplete, leads };
}

/** Deviations that are enough in a trial, and are tried with others in all that was done, and what that may take of the time. */
const MOST_HALVES = 4;
const ENOUGH_SHARE = 0.5;

async function searchLearned(state: Required<Omit<Search, 'faint'>>): Promise<boolean> {
  const { problem, pace, exact, whole, halves } = state;
  if (!(await trySingles(state))) return false;
  if (exact.length > 0) return true;
  const enough = halves.flat().slice(0, MOST_HALVES);
  await tryHalves({ problem: whole, pace: pace.part(ENOUGH_SHARE), exact }, enough);
  if (exact.length > 0) return true;
  const evident = evidentIn(problem);
  if (!(await tryCovers(state, evident))) return false;
  return exact.length > 0 || (await searchAll(state, evident));
}

/** Of the time that is left, what is given to pairs that show alone. */
const COVERS_SHARE = 0.6;

/** Candidates by how much they explain of what turned up elsewhere. */
const siftedBy = ({ candidates, traces, ground }: SearchProblem): Sieved => sievePlaces(candidates, traces(), ground);

/** What may be the whole truth, first what explains where bytes turned up. */
function* likelyWhole(state: Search, { whole, leading }: Sieved): Generator<Model> {
  yield* singles(leading, []);
  const tried = new Set(leading);
  const others = whole.filter((primitive) => !tried.has(primitive));
  yield* unlessRefuted(state, likelySingles(state.problem, others));
}

/** Fewer bytes that turned up refute nothing. */
const LEAST_SURELY_BROUGHT = 3;

/** What is left of some deviations once one is found that explains where bytes turned up: those that explain it too. */
function* unlessRefuted(state: Search, models: readonly Model[]): Generator<Model> {
  const { ground } = state.problem;
  let refuting: readonly Trace[] | undefined;
  for (const model of models) {
    if (!refuting && state.exact.length > 0) {
      const surely = state.problem.surely();
      const isShown =
        surely.length >= LEAST_SURELY_BROUGHT &&
        state.exact.some((each) => bringsAll(surely, each.model, ground, false));
      refuting = isShown ? surely : [];
    }
    if (!refuting || refuting.length === 0 || bringsAll(refuting, model, ground, true)) yield model;
  }
}

/** Those of `some` that may be the whole truth, with losses: what is foreign in blocks no loss explains, and no erase. */
function likelySingles(problem: SearchProblem, some: readonly Primitive[]): Model[] {
  const isForeign = holdsForeign(problem.seen);
  const likely = isForeign ? some.filter((primitive) => !onlyErases(primitive)) : some;
  return singles(likely, isForeign ? [] : losses(problem));
}

/** @param covered what is evident, where two deviations were already looked for by what each explains alone */
async function searchAll(state: Search, covered?: Evident): Promise<boolean> {
  const { problem } = state;
  const sifted = siftedBy(problem);
  const { traces } = sifted;
  // Where little differs, two that explain it are no better than one.
  const isLittle = problem.differingBits < LEAST_BITS;
  const isFound = (): boolean =>
    state.exact.length > 0 || (isLittle && state.faint !== undefined && state.faint.length > 0);
  if (!(await tryAll(state, likelyWhole(state, sifted)))) return false;
  const told = isFound() ? [] : await tellAlone(state, partlyLeading(problem.candidates, sifted, problem.ground));
  if (!told || !(await tryAll(state, conditional(state, told.filter(explainsEach))))) return false;
  // Traces can mislead: those that explain none of them come after all.
  if (!(await tryAll(state, unlessRefuted(state, singles(sifted.others, []))))) return false;
  if (isFound()) return true;
  const evident = covered ?? evidentIn(problem);
  if (!(await tryAll(state, singles(evident.alone, [])))) return false;
  if (isFound()) return true;
  if (!(await tryUndone(state))) return false;
  if (isFound()) return true;
  const nearly = nearlyRight(told);
  const early = nearly.length > 0 ? hunchesOf(problem, { told, traces, evident }) : undefined;
  if (early) await tryHunches(state, { ...early, beam: nearly, placed: [] });
  if (!covered && !isFound()) await tryCovers({ ...state, pace: state.pace.part(COVERS_SHARE) }, evident);
  // There may be others that nobody has looked at.
  if (isFound()) return false;
  const hunches = early ?? hunchesOf(problem, { told, traces, evident });
  if (!(await tryHunches(state, hunches))) return false;
  const partly = told.filter((each) => !explainsEach(each));
  if (!isFound() && !(await tryAll(state, conditional(state, partly)))) return false;
  return isFound() || (await tryBeam(state, hunches, told));
}

/** Of the time that is left, what that may take. */
const UNDONE_SHARE = 0.3;

/** What is enough where answers and blocks are put in their places, with what displaced them. */
async function tryUndone(state: Search): Promise<boolean> {
  const pace = state.pace.part(UNDONE_SHARE);
  for (const undone of undoneIn(state.problem)) {
    if (state.exact.some(({ model }) => model.some((each) => undone.by.includes(each)))) continue;
    const { exact } = await searchOne(undone.problem, pace);
    const models = exact.map(({ model }) => model);
    if (!(await tryAll(state, withUndone(state.problem, undone, models)))) return false;
  }
  return true;
}

/** Erases other places, and leaves nothing there but what an erase leaves. */
const onlyErases = ({ on, hooks }: Primitive): boolean => on.length === 1 && on[0] === 'erase' && !hooks.erasesTo;

/** By how much a deviation must be nearer to what was read to be half of it though no window is as it says. */
const LEAST_NEARER = 0.4;
const MOST_NEARLY = 2;

/** Those that come nearest to all that is looked at, where they explain none of it: something else is wrong everywhere as well. */
function nearlyRight(told: readonly Told[]): Primitive[] {
  const nearest = told.toSorted((a, b) => b.gain - a.gain || a.primitive.bits - b.primitive.bits).slice(0, MOST_NEARLY);
  const areAlone = nearest.every(({ tells, gain }) => tells === 0 && gain > LEAST_NEARER);
  return areAlone ? nearest.map(({ primitive }) => primitive) : [];
}

/** Whether it may be the whole truth under a condition, as far as was looked. */
const explainsEach = ({ tells, of }: Told): boolean => tells === of;

/** The cheapest first. */
const singles = (primitives: readonly Primitive[], losing: readonly Model[]): Model[] =>
  [...primitives.map((primitive) => [primitive]), ...losing].sort((a, b) => bitsOfModel(a) - bitsOfModel(b));

/** Looks for two deviations: first ones by what each explains alone, with what they lack, and pairs that hide one another. */

import { candidatesAgain } from '../candidates/candidates.ts';
import { fixedIn } from '../candidates/candidates-data.ts';
import { evidentChanges } from '../candidates/evident-changes.ts';
import { holdsForeign } from '../estimate/seen.ts';
import { isOfPlaces, tracesFit } from '../estimate/traces.ts';
import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { type Search, tryAll } from '../exact/trying.ts';
import { keyOf, type Model, type Primitive } from '../grammar/primitive.ts';
import { type Cover, type CoverWindows, coversOf, coverWindows, marksIn } from '../ranking/cover.ts';
import type { Evident } from '../ranking/evident.ts';
import { type Rest, restOf } from '../ranking/rest.ts';
import { type Base, firstsOf, isSlow } from './bases.ts';
import { bothChanged } from './changed-twice.ts';
import { erasesByWrites, twoErases } from './erase-pairs.ts';
import { filtersAhead } from './filters-ahead.ts';
import { anyLosses, tryLosses, twoLosses } from './loss-pairs.ts';
import { tryPartly, tryUnderConditions } from './partly.ts';
import { lookBehind } from './seconds.ts';

/** First ones of a pair that are tried with what they lack, and with all others; after a pair was found, few more. */
const MOST_COVERS = 160;
const MOST_BASES = 40;
const MOST_AHEAD = 10;
const MOST_FIRST = 6;
/** Of these, those that are tried with all others before anything else: they explain most of what is wrong. */
const MOST_LIKELIEST = 3;
/** Of them, those that are tried under conditions, and with others under conditions. */
const MOST_SUREST = 3;
const MOST_BASES_AFTER_FOUND = 3;
/** First ones behind which estimators look once more, and beside which others are tried under conditions. */
const MOST_BESIDE = 16;
const MOST_BESIDE_LOSSES = 48;
/** Of the time that is left, what one of them may take: beside some, next to nothing is refuted soon. */
const STAGE_SHARE = 0.25;

/** Others that are tried beside each before all are. */
const MOST_COMPLEMENTS = 80;
const MOST_ALIKE_BESIDE = 3;
/** Those that can be seen whatever else deviates, and of them those that come early. */
const MOST_EVIDENT_BASES = 8;
const MOST_EVIDENT_FIRST = 4;

/** @returns `false` when the time is up */
export async function tryCovers(search: Search, { alone, marks }: Evident): Promise<boolean> {
  const { problem, whole, pace, exact, leads = [] } = search;
  const windows = coverWindows(problem);
  const { changes, slipped } = evidentChanges(problem.seen, problem.candidates);
  const evident = [...changes, ...alone, ...marks, ...fixedIn(problem.seen)];
  const primitives = distinct([...problem.candidates, ...(whole?.candidates ?? []), ...evident, ...slipped]);
  const covers = await coversOf(problem, pace, { primitives, windows });
  if (!covers) return false;
  for (const { primitive, alike, explains } of covers)
    for (const each of [primitive, ...alike]) problem.explained.set(keyOf(each), explains);
  const led = leadingHalves(problem);
  const sure = [...leads, ...led, ...evident.slice(0, MOST_EVIDENT_BASES)];
  const bases = ledFirst(firstsOf(covers, sure), led).slice(0, MOST_COVERS);
  const told = new Set(leads.map(keyOf));
  const others = bases.filter((base) => isLead(base) && !told.has(keyOf(base.primitive)));
  leads.push(...others.slice(0, MOST_LEADS).map(({ primitive }) => primitive));
  const sides: Sides = { search, windows, covers, primitives, known: new Set(primitives.map(keyOf)), rests: new Set() };
  let left = MOST_BASES_AFTER_FOUND;
  let isCut = false;
  for (const { step, weight = 1 } of stagesFor(bases)) {
    if (exact.length > 0) left -= weight;
    if (left < 0) return true;
    const own = { ...search, pace: pace.part(STAGE_SHARE) };
    if (await step({ ...sides, search: own })) continue;
    if (pace.isUp()) return false;
    isCut = true;
  }
  return !isCut;
}

/** Of the bytes that turned up elsewhere, the share that a place must send there, or take from there, to be half of the answer. */
const LEADING_SHARE = 0.9;
const LEAST_LED = 6;
const MOST_LEADING = 4;

/** Places that explain where bytes turned up, though no window may be as they say: one of two must. */
function leadingHalves({ candidates, traces, ground }: SearchProblem): Primitive[] {
  const all = traces();
  if (all.length < LEAST_LED) return [];
  const least = Math.ceil(all.length * LEADING_SHARE);
  const leading = candidates.filter((each) => isOfPlaces(each) && tracesFit(all, [each], ground, least) >= least);
  return leading.sort((a, b) => a.bits - b.bits).slice(0, MOST_LEADING);
}

/** All bases, first those that lead where bytes turned up. */
function ledFirst(bases: readonly Base[], some: readonly Primitive[]): Base[] {
  const keys = new Set(some.map(keyOf));
  const isLed = ({ primitive }: Base): boolean => keys.has(keyOf(primitive));
  return [...bases.filter(isLed), ...bases.filter((base) => !isLed(base))];
}

/** What is looked at beside the first ones of pairs. */
interface Sides {
  readonly search: Search;
  readonly windows: CoverWindows;
  readonly covers: readonly Cover[];
  readonly primitives: readonly Primitive[];
  readonly known: ReadonlySet<string>;
  /** Of bases that were tried with losses. */
  readonly rests: Set<Rest>;
}

interface PairStage {
  readonly step: (sides: Sides) => Promise<boolean>;
  /** As how many it counts once a pair was found. */
  readonly weight?: number;
}

/** The first ones with little, what neither shows alone, a few with everything; then many with little, and some with everything. */
function* stagesFor(bases: readonly Base[]): Iterable<PairStage> {
  const evident = bases.filter(({ isEvident }) => isEvident).slice(0, MOST_EVIDENT_FIRST);
  const first = [...new Set([...bases.slice(0, MOST_FIRST), ...evident])];
  const others = bases.filter((base) => !first.includes(base));
  // Those that look alike need be looked at once.
  const surest = first.filter((base, i) => isFirstOfCover(base, first.slice(0, i))).slice(0, MOST_SUREST);
  const front = bases.slice(0, MOST_AHEAD);
  const likeliest = first
    .filter((base) => explainsMost(base) && !isSlow(base.primitive))
    .sort((a, b) => a.primitive.bits - b.primitive.bits)
    .slice(0, MOST_LIKELIEST);
  if (likeliest.length === 0) yield ERASED_OR_LOST;
  yield* front.map(stageOf(tryComplements));
  yield* front.filter(explainsMost).map(stageOf(tryAgain));
  yield* likeliest.map(stageOf(tryAllBeside, WHOLE_WEIGHT));
  if (likeliest.length > 0) yield ERASED_OR_LOST;
  yield { step: async ({ search, primitives }) => await tryAll(search, bothChanged(search.problem, primitives)) };
  yield* first.filter((base) => !likeliest.includes(base)).map(stageOf(tryAllBeside, WHOLE_WEIGHT));
  yield* surest.map(stageOf(tryConditioned));
  yield { step: async ({ search }) => await tryAll(search, filtersAhead(search.problem)) };
  yield* front.filter((base) => !explainsMost(base)).map(stageOf(tryAgain));
  yield* surest.map(stageOf(tryConditions));
  yield* surest.map(
    stageOf(async ({ search }, { primitive }) => await tryAll(search, anyLosses(search.problem, primitive))),
  );
  yield* bases.slice(MOST_AHEAD).map(stageOf(tryComplements));
  yield* others.slice(0, MOST_BASES).map(stageOf(tryAllBeside, WHOLE_WEIGHT));
  yield* bases.slice(MOST_SUREST, MOST_BESIDE).map(stageOf(tryConditions));
  // Estimators take as long for one base as many pairs do.
  yield* bases.slice(MOST_AHEAD, MOST_BASES).map(stageOf(tryAgain));
}

/** Where operations are lost, or erases go elsewhere, nothing stands anywhere but what was asked or stood there. */
const ERASED_OR_LOST: PairStage = {
  weight: 0,
  step: async ({ search }) => {
    const { problem } = search;
    if (holdsForeign(problem.seen)) return true;
    for (const pairs of [twoLosses, erasesByWrites, twoErases])
      if (!(await tryAll(search, pairs(problem)))) return false;
    return true;
  },
};

/** Of the windows that are wrong, the share that a base explains where the other one shows only behind it. */
const MOST_OF_WINDOWS = 0.75;

const explainsMost = ({ cover }: Base): boolean =>
  cover !== undefined && marksIn(cover.explains) >= MOST_OF_WINDOWS * cover.explains.length;

/** Whether it may lead to the answer where it is looked for among other operations. */
const isLead = (base: Base): boolean => explainsMost(base) && !isSlow(base.primitive);
const MOST_LEADS = 3;

const isFirstOfCover = ({ cover }: Base, before: readonly Base[]): boolean =>
  !cover || before.every((other) => other.cover !== cover);

/** All others take longer than some of them. */
const WHOLE_WEIGHT = 2;

const stageOf =
  (tryBase: (sides: Sides, base: Base) => Promise<boolean>, weight = 1) =>
  (base: Base): PairStage => ({ step: async (sides) => await tryBase(sides, base), weight });

/** A base with others that explain what it does not, and with losses. */
async function tryComplements(sides: Sides, base: Base): Promise<boolean> {
  const { search, covers, rests } = sides;
  if (!(await tryTogether(search, base, complements(base, covers)))) return false;
  if (rests.size >= MOST_BESIDE_LOSSES) return true;
  const rest = restOf(search.problem, base.primitive);
  rests.add(rest);
  return await tryLosses(search, rest);
}

/** A base under conditions, beside what explains most of the rest. */
const tryConditioned = async ({ search, covers }: Sides, base: Base): Promise<boolean> =>
  await tryUnderConditions(search, base.primitive, complements(base, covers));

/** A base beside others under conditions. */
const tryConditions = async ({ search, windows }: Sides, base: Base): Promise<boolean> =>
  await tryPartly(search, windows, base);

/** A base with what estimators see behind it alone. */
async function tryAgain({ search, known }: Sides, base: Base): Promise<boolean> {
  const again = candidatesAgain(lookBehind(search.problem, base.primitive).through, known);
  return await tryTogether(search, base, again);
}

async function tryAllBeside({ search, primitives }: Sides, base: Base): Promise<boolean> {
  if (!(await tryTogether(search, base, primitives))) return false;
  search.problem.triedBeside.add(keyOf(base.primitive));
  return true;
}

/** Others that explain most of what a base does not. */
function complements({ cover }: Base, covers: readonly Cover[]): Primitive[] {
  const worthOf = ({ explains }: Cover): number =>
    explains.reduce((sum, one, i) => sum + (one === 1 && cover?.explains[i] !== 1 ? 1 : 0), 0);
  return covers
    .map((other) => ({ other, worth: worthOf(other) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth)
    .slice(0, MOST_COMPLEMENTS)
    .flatMap(({ other }) => [other.primitive, ...other.alike.slice(0, MOST_ALIKE_BESIDE)]);
}

async function tryTogether(search: Search, base: Base, others: readonly Primitive[]): Promise<boolean> {
  const { primitive } = base;
  const beside = others.filter((other) => other !== primitive);
  const models = beside.flatMap((other) => ordersOf(search.problem, primitive, other));
  return await tryWithAlike(search, models, base);
}

const distinct = (primitives: readonly Primitive[]): Primitive[] => [
  ...new Map(primitives.map((primitive) => [keyOf(primitive), primitive])).values(),
];

/** What is found is tried with all that look alike in place of the first as well. */
async function tryWithAlike(search: Search, models: readonly Model[], { primitive, cover }: Base): Promise<boolean> {
  const before = search.exact.length;
  if (!(await tryAll(search, models))) return false;
  const found = search.exact.slice(before).map(({ model }) => model);
  const alike = cover ? [cover.primitive, ...cover.alike] : [];
  return await tryAll(
    search,
    found.flatMap((model) => alike.map((other) => model.map((each) => (each === primitive ? other : each)))),
  );
}

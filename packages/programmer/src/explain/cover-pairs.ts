/** Looks for two deviations: first ones by what each explains alone, with what they lack, and pairs that hide one another. */
import { type Base, firstsOf, isSlow } from './bases.ts';
import { candidatesAgain } from './candidates.ts';
import { fixedIn } from './candidates-data.ts';
import { bothChanged } from './changed-twice.ts';
import { type Cover, type CoverWindows, coversOf, coverWindows, explainerOf, marksIn } from './cover.ts';
import { erasesByWrites, twoErases } from './erase-pairs.ts';
import type { ConditionClass } from './estimate/conditions.ts';
import { holdsForeign } from './estimate/seen.ts';
import type { Evident } from './evident.ts';
import { evidentChanges } from './evident-changes.ts';
import { filtersAhead } from './filters-ahead.ts';
import { anyLosses, tryLosses, twoLosses } from './loss-pairs.ts';
import { allowed } from './losses.ts';
import { MUST } from './needs.ts';
import { ordersOf } from './orders.ts';
import { keyOf, type Model, type Primitive, when } from './primitive.ts';
import type { SearchProblem } from './problem.ts';
import { needsBeside, type Rest, restOf } from './rest.ts';
import { lookBehind } from './seconds.ts';
import { isOfPlaces, tracesFit } from './traces.ts';
import { type Search, tryAll } from './trying.ts';
import { spreadOut } from './windows.ts';

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
/** Others beside which a base is tried under conditions. */
const MOST_CONDITIONED = 8;
/** Windows in which a second one is looked at before conditions are looked for. */
const LOOKS = 3;
/** Second ones that explain some of what is left, and conditions that are tried for each. */
const MOST_PARTLY = 8;
const MOST_CONDITIONS_PARTLY = 12;

/** Others that are tried beside each before all are. */
const MOST_COMPLEMENTS = 80;
const MOST_ALIKE_BESIDE = 3;
/** Those that can be seen whatever else deviates, and of them those that come early. */
const MOST_EVIDENT_BASES = 8;
const MOST_EVIDENT_FIRST = 4;

/** @returns `false` when the time is up */
export async function tryCovers(search: Search, { alone, marks }: Evident): Promise<boolean> {
  const { problem, whole, pace, exact } = search;
  // Where operations are lost, or erases go elsewhere, nothing stands anywhere but what was asked or stood there.
  if (!holdsForeign(problem.seen))
    for (const pairs of [twoLosses, erasesByWrites, twoErases])
      if (!(await tryAll(search, pairs(problem)))) return false;
  const windows = coverWindows(problem);
  const changes = evidentChanges(problem.seen, problem.candidates);
  const evident = [...changes, ...alone, ...marks, ...fixedIn(problem.seen)];
  const primitives = distinct([...problem.candidates, ...(whole?.candidates ?? []), ...evident]);
  const covers = await coversOf(problem, pace, { primitives, windows });
  if (!covers) return false;
  for (const { primitive, alike, explains } of covers)
    for (const each of [primitive, ...alike]) problem.explained.set(keyOf(each), explains);
  const sure = [...leadingHalves(problem), ...evident.slice(0, MOST_EVIDENT_BASES)];
  const bases = firstsOf(covers, sure).slice(0, MOST_COVERS);
  const sides: Sides = { search, windows, covers, primitives, known: new Set(primitives.map(keyOf)), rests: new Set() };
  let left = MOST_BASES_AFTER_FOUND;
  for (const { step, weight = 1 } of stagesFor(bases)) {
    if (exact.length > 0) left -= weight;
    if (left < 0) return true;
    if (!(await step(sides))) return false;
  }
  return true;
}

/** Of the bytes that turned up elsewhere, the share that a place must send there, or take from there, to be half of the answer. */
const LEADING_SHARE = 0.9;
const LEAST_LED = 6;
const MOST_LEADING = 4;

/** Places that explain where bytes turned up, though no window is as they say. */
function leadingHalves({ candidates, explained, traces, ground }: SearchProblem): Primitive[] {
  const all = traces();
  if (all.length < LEAST_LED) return [];
  const least = Math.ceil(all.length * LEADING_SHARE);
  const leading = candidates.filter(
    (each) => isOfPlaces(each) && !explained.has(keyOf(each)) && tracesFit(all, [each], ground, least) >= least,
  );
  return leading.sort((a, b) => a.bits - b.bits).slice(0, MOST_LEADING);
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
  const ahead = bases.slice(0, MOST_AHEAD);
  yield* ahead.map(stageOf(tryComplements));
  yield* ahead.filter(explainsMost).map(stageOf(tryAgain));
  const likeliest = first
    .filter((base) => explainsMost(base) && !isSlow(base.primitive))
    .sort((a, b) => a.primitive.bits - b.primitive.bits)
    .slice(0, MOST_LIKELIEST);
  yield* likeliest.map(stageOf(tryAllBeside, WHOLE_WEIGHT));
  yield { step: async ({ search, primitives }) => await tryAll(search, bothChanged(search.problem, primitives)) };
  yield* first.filter((base) => !likeliest.includes(base)).map(stageOf(tryAllBeside, WHOLE_WEIGHT));
  yield* surest.map(stageOf(tryConditioned));
  yield { step: async ({ search }) => await tryAll(search, filtersAhead(search.problem)) };
  yield* ahead.filter((base) => !explainsMost(base)).map(stageOf(tryAgain));
  yield* surest.map(stageOf(tryConditions));
  yield* surest.map(
    stageOf(async ({ search }, { primitive }) => await tryAll(search, anyLosses(search.problem, primitive))),
  );
  yield* bases.slice(MOST_AHEAD).map(stageOf(tryComplements));
  for (const base of others.slice(0, MOST_BASES)) {
    if (bases.indexOf(base) >= MOST_AHEAD) yield stageOf(tryAgain)(base);
    yield stageOf(tryAllBeside, WHOLE_WEIGHT)(base);
  }
  yield* bases.slice(MOST_SUREST, MOST_BESIDE).map(stageOf(tryConditions));
}

/** Of the windows that are wrong, the share that a base explains where the other one shows only behind it. */
const MOST_OF_WINDOWS = 0.75;

const explainsMost = ({ cover }: Base): boolean =>
  cover !== undefined && marksIn(cover.explains) >= MOST_OF_WINDOWS * cover.explains.length;

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
async function tryConditioned({ search, covers }: Sides, base: Base): Promise<boolean> {
  const { problem } = search;
  for (const other of complements(base, covers).slice(0, MOST_CONDITIONED)) {
    if (base.primitive.condition || base.primitive.on.length > 1) return true;
    if (!(await tryAll(search, partlyUnder(problem, restOf(problem, other), base.primitive)))) return false;
  }
  return true;
}

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

/** Beside one deviation, others under conditions: those that explain some of the windows that it leaves. */
async function tryConditions({ search, windows }: Sides, { primitive: base, cover }: Base): Promise<boolean> {
  const { problem, pace } = search;
  const uncovered = windows.wrong.filter((_, i) => cover?.explains[i] !== 1);
  const rest = restOf(problem, base);
  const looks = spreadOut(uncovered, LOOKS);
  const partly: { other: Primitive; seen: number }[] = [];
  for (const other of problem.candidates) {
    if (other === base || other.on.length > 1 || other.condition) continue;
    if (!(await pace.goOn())) return false;
    const seen = looks.filter(explainerOf(problem, [base, other])).length;
    if (seen > 0) partly.push({ other, seen });
  }
  partly.sort((a, b) => b.seen - a.seen || a.other.bits - b.other.bits);
  for (const { other } of partly.slice(0, MOST_PARTLY))
    if (!(await tryAll(search, partlyUnder(problem, rest, other)))) return false;
  return true;
}

function partlyUnder(problem: SearchProblem, rest: Rest, other: Primitive): Model[] {
  const kind = other.on[0] ?? 'write';
  const needs = needsBeside(problem, rest, other);
  const isOfSource = other.stage === 'source';
  if (!isOfSource && !needs.includes(MUST)) return [];
  const classes = problem.classes(kind);
  // Nothing says where it must strike: then as often as it may.
  return allowed(isOfSource ? oftenFirst(classes) : classes, needs, true)
    .slice(0, MOST_CONDITIONS_PARTLY)
    .flatMap((condition) => ordersOf(problem, rest.base, when(condition, other)));
}

const oftenFirst = (classes: readonly ConditionClass[]): ConditionClass[] =>
  classes
    .map((each) => ({ each, often: marksIn(each.holds) }))
    .sort((a, b) => b.often - a.often)
    .map(({ each }) => each);

/** Looks for two deviations: first ones by what each explains alone, with what they lack, and pairs that hide one another. */
import { candidatesAgain } from './candidates.ts';
import { fixedIn } from './candidates-data.ts';
import { type Cover, type CoverWindows, coversOf, coverWindows, explainerOf, marksIn } from './cover.ts';
import { twoErases } from './erase-pairs.ts';
import type { Evident } from './evident.ts';
import { tryLosses, twoLosses } from './loss-pairs.ts';
import { allowed } from './losses.ts';
import { bothChanged, filtersAhead, lateWithOthers } from './mixed-pairs.ts';
import { MUST } from './needs.ts';
import { ordersOf } from './orders.ts';
import { keyOf, type Model, type Primitive, when } from './primitive.ts';
import type { SearchProblem } from './problem.ts';
import { needsBeside, type Rest, restOf } from './rest.ts';
import { lookBehind } from './seconds.ts';
import { type Search, tryAll } from './trying.ts';
import { spreadOut } from './windows.ts';

/** First ones of a pair that are tried with what they lack, and with all others; after a pair was found, few more. */
const MOST_COVERS = 160;
const MOST_BASES = 40;
const MOST_AHEAD = 10;
const MOST_FIRST = 6;
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

/** Of those that look alike, so many are looked at by themselves; of the most telling ones more. */
const MOST_ALIKE = 3;
const MOST_ALIKE_AHEAD = 8;
const AHEAD = 2;
/** Others that are tried beside each before all are. */
const MOST_COMPLEMENTS = 80;
/** Those that can be seen whatever else deviates, and of them those that come early. */
const MOST_EVIDENT_BASES = 8;
const MOST_EVIDENT_FIRST = 4;

/** @returns `false` when the time is up */
export async function tryCovers(search: Search, { alone, marks }: Evident): Promise<boolean> {
  const { problem, whole, pace, exact } = search;
  if (!(await tryAll(search, twoLosses(problem)))) return false;
  const windows = coverWindows(problem);
  const evident = [...alone, ...marks, ...fixedIn(problem.seen)];
  const primitives = distinct([...problem.candidates, ...(whole?.candidates ?? []), ...evident]);
  const covers = await coversOf(problem, pace, { primitives, windows });
  if (!covers) return false;
  const bases = firstsOf(covers, evident.slice(0, MOST_EVIDENT_BASES)).slice(0, MOST_COVERS);
  const sides: Sides = { search, windows, covers, primitives, known: new Set(primitives.map(keyOf)), rests: new Set() };
  let left = MOST_BASES_AFTER_FOUND;
  const isEnough = (): boolean => exact.length > 0 && left-- <= 0;
  for (const step of stagesFor(bases)) {
    if (isEnough()) return true;
    if (!(await step(sides))) return false;
  }
  return true;
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

type SideStep = (sides: Sides) => Promise<boolean>;

/** The first ones with little, what neither shows alone, a few with everything; then many with little, and some with everything. */
function* stagesFor(bases: readonly Base[]): Iterable<SideStep> {
  const evident = bases.filter(({ isEvident }) => isEvident).slice(0, MOST_EVIDENT_FIRST);
  const first = [...new Set([...bases.slice(0, MOST_FIRST), ...evident])];
  const others = bases.filter((base) => !first.includes(base));
  const surest = first.slice(0, MOST_SUREST);
  for (const base of bases.slice(0, MOST_AHEAD)) yield async (sides) => await tryComplements(sides, base);
  yield async ({ search }) => await tryAll(search, twoErases(search.problem));
  yield async ({ search, primitives }) => await tryAll(search, lateWithOthers(search.problem, primitives));
  for (const base of bases.slice(0, MOST_AHEAD)) yield async (sides) => await tryAgain(sides, base);
  for (const base of first) yield async (sides) => await tryAllBeside(sides, base);
  for (const base of surest) yield async (sides) => await tryConditioned(sides, base);
  for (const base of surest) yield async (sides) => await tryConditions(sides, base);
  for (const base of bases.slice(MOST_AHEAD)) yield async (sides) => await tryComplements(sides, base);
  yield async ({ search }) => await tryAll(search, filtersAhead(search.problem));
  yield async ({ search, primitives }) => await tryAll(search, bothChanged(search.problem, primitives));
  for (const base of others.slice(0, MOST_BASES)) {
    if (bases.indexOf(base) >= MOST_AHEAD) yield async (sides) => await tryAgain(sides, base);
    yield async (sides) => await tryAllBeside(sides, base);
  }
  for (const base of bases.slice(MOST_SUREST, MOST_BESIDE)) yield async (sides) => await tryConditions(sides, base);
}

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
  return await tryTogether(search, base, primitives);
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
    .flatMap(({ other }) => [other.primitive, ...other.alike.slice(0, MOST_ALIKE)]);
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

/** The first one of a pair. */
interface Base {
  readonly primitive: Primitive;
  readonly cover: Cover | undefined;
  /** It can be seen whatever else deviates. */
  readonly isEvident: boolean;
}

/** What tells most, what explains most and what is evident, in turn; some of those that look alike behind each. */
function firstsOf(covers: readonly Cover[], evident: readonly Primitive[]): Base[] {
  const byKey = new Map<string, Base>();
  const seen = new Set(evident.map(keyOf));
  const add = (primitive: Primitive, cover: Cover | undefined): void => {
    const key = keyOf(primitive);
    if (!byKey.has(key)) byKey.set(key, { primitive, cover, isEvident: seen.has(key) });
  };
  const byShare = covers.toSorted((a, b) => marksIn(b.explains) - marksIn(a.explains));
  for (let n = 0; n < Math.max(covers.length, evident.length); n++) {
    for (const cover of [covers[n], byShare[n]]) {
      const alike = cover ? [cover.primitive, ...cover.alike] : [];
      for (const each of alike.slice(0, n < AHEAD ? MOST_ALIKE_AHEAD : MOST_ALIKE)) add(each, cover);
    }
    const sure = evident[n];
    if (sure) add(sure, undefined);
  }
  return variedFirst([...byKey.values()]);
}

/** Of each kind only a few come first: the others differ from them in a number. */
const MOST_EARLY_OF_KIND = 2;

/** Caches of lines, and what takes every few bytes elsewhere: to simulate them takes many times as long. Beside others they are looked at all the same. */
const isSlow = ({ kind, parameters, hooks }: Primitive): boolean =>
  hooks.lines !== undefined ||
  (hooks.grain ?? FEWEST_BYTES) < FEWEST_BYTES ||
  (kind === 'spread' && (parameters['unit'] ?? 0) < FEWEST_BYTES);

const FEWEST_BYTES = 16;

function variedFirst(bases: readonly Base[]): Base[] {
  const counts = new Map<string, number>();
  const isEarly = ({ primitive }: Base): boolean => {
    const { kind, on } = primitive;
    const key = `${kind} ${on.join()}`;
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return !isSlow(primitive) && n <= MOST_EARLY_OF_KIND;
  };
  const early = new Set(bases.filter(isEarly));
  return [...early, ...bases.filter((base) => !early.has(base))];
}

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
    if (other === base || other.on.length > 1) continue;
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
  if (!needs.includes(MUST)) return [];
  return allowed(problem.classes(kind), needs, true)
    .slice(0, MOST_CONDITIONS_PARTLY)
    .flatMap((condition) => ordersOf(problem, rest.base, when(condition, other)));
}

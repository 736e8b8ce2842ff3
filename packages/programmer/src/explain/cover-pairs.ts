/** Two deviations of which each explains alone what the other does not touch. */
import { candidatesAgain } from './candidates.ts';
import { type Cover, coversOf, coverWindows, explainerOf } from './cover.ts';
import type { Evident } from './evident.ts';
import { fixedStretches } from './evident-reads.ts';
import { allowed } from './losses.ts';
import { MUST } from './needs.ts';
import { ordersOf, tryLosses } from './pairs.ts';
import { keyOf, type Model, type Primitive, when } from './primitive.ts';
import type { SearchProblem } from './problem.ts';
import { needsBeside, type Rest, restOf } from './rest.ts';
import { lookBehind } from './seconds.ts';
import { type Search, tryAll } from './trying.ts';
import { spreadOut, type Window } from './windows.ts';

/** First ones of a pair that are looked at; after a pair was found, few more. */
const MOST_COVERS = 40;
const MOST_BASES_AFTER_FOUND = 3;
/** First ones behind which estimators look once more, and beside which others are tried under conditions. */
const MOST_BESIDE = 16;
/** Windows in which a second one is looked at before conditions are looked for. */
const LOOKS = 3;
/** Second ones that explain some of what is left, and conditions that are tried for each. */
const MOST_PARTLY = 8;
const MOST_CONDITIONS_PARTLY = 12;

/** Of those that look alike, so many are looked at by themselves; of the most telling ones more. */
const MOST_ALIKE = 3;
const MOST_ALIKE_AHEAD = 8;
const AHEAD = 2;
/** Those that can be seen whatever else deviates. */
const MOST_EVIDENT_BASES = 8;

/** @returns `false` when the time is up */
export async function tryCovers(search: Search, { alone, marks }: Evident): Promise<boolean> {
  const { problem, pace, exact } = search;
  const windows = coverWindows(problem);
  const evident = [...alone, ...marks, ...fixedStretches(problem)];
  const primitives = distinct([...problem.candidates, ...evident]);
  const covers = await coversOf(problem, pace, { primitives, windows });
  if (!covers) return false;
  const bases = firstsOf(covers, evident.slice(0, MOST_EVIDENT_BASES)).slice(0, MOST_COVERS);
  const known = new Set(primitives.map(keyOf));
  let left = MOST_BASES_AFTER_FOUND;
  for (const [turn, base] of bases.entries()) {
    if (exact.length > 0 && left-- === 0) return true;
    const { primitive } = base;
    const behind = turn < MOST_BESIDE ? lookBehind(problem, primitive) : undefined;
    if (behind && !(await tryLosses(search, behind.rest))) return false;
    const again = behind ? candidatesAgain(behind.through, known) : [];
    const others = [...primitives, ...again].filter((other) => other !== primitive);
    if (
      !(await tryWithAlike(
        search,
        others.flatMap((other) => ordersOf(primitive, other)),
        base,
      ))
    )
      return false;
  }
  for (const { primitive, cover } of bases.slice(0, MOST_BESIDE)) {
    if (exact.length > 0 && left-- <= 0) return true;
    const uncovered = windows.wrong.filter((_, i) => cover?.explains[i] !== 1);
    if (!(await tryConditions(search, primitive, uncovered))) return false;
  }
  return true;
}

const distinct = (primitives: readonly Primitive[]): Primitive[] => [
  ...new Map(primitives.map((primitive) => [keyOf(primitive), primitive])).values(),
];

/** The first one of a pair. */
interface Base {
  readonly primitive: Primitive;
  readonly cover: Cover | undefined;
}

/** What tells most and what is evident, in turn; some of those that look alike behind each. */
function firstsOf(covers: readonly Cover[], evident: readonly Primitive[]): Base[] {
  const byKey = new Map<string, Base>();
  const add = (primitive: Primitive, cover: Cover | undefined): void => {
    const key = keyOf(primitive);
    if (!byKey.has(key)) byKey.set(key, { primitive, cover });
  };
  for (let n = 0; n < Math.max(covers.length, evident.length); n++) {
    const [cover, seen] = [covers[n], evident[n]];
    const alike = cover ? [cover.primitive, ...cover.alike] : [];
    for (const each of alike.slice(0, n < AHEAD ? MOST_ALIKE_AHEAD : MOST_ALIKE)) add(each, cover);
    if (seen) add(seen, undefined);
  }
  return [...byKey.values()];
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
async function tryConditions(search: Search, base: Primitive, uncovered: readonly Window[]): Promise<boolean> {
  const { problem, pace } = search;
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
    .flatMap((condition) => ordersOf(rest.base, when(condition, other)));
}

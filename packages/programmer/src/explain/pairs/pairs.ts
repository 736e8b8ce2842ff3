/** Two deviations: the best singles first, each with what it leaves to explain, then with every other. */

import { isInPlace, MUST } from '../exact/needs.ts';
import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { type Search, tryAll } from '../exact/trying.ts';
import { keyOf, type Model, type Primitive, when } from '../grammar/primitive.ts';
import type { Hunches } from '../ranking/hunches.ts';
import { allowed } from '../ranking/losses.ts';
import type { Told } from '../ranking/rank.ts';
import { needsBeside, type Rest, restOf } from '../ranking/rest.ts';
import { anyLosses, MOST_CONDITIONS_BESIDE, tryLosses } from './loss-pairs.ts';
import { type Behind, likelySeconds, lookBehind, otherSeconds } from './seconds.ts';

/** How many of the others are tried before the next of the beam has its turn. */
const OTHERS_PER_TURN = 160;
/** Of the beam, so many are tried with few others before one of them is tried with many. */
const LIKELY_PER_OTHERS = 3;
/** Of the beam, those that are looked at after two deviations were found. */
const MOST_AFTER_FOUND = 4;
/** Others that mend a window in which a single is wrong, and are tried under conditions. */
const MOST_MENDING = 6;

/**
 * The most promising first, each with what it leaves to explain: with few others at first. Where two were found, only a few
 * more of the beam are looked at: they may give rivals, which a trial tells apart.
 * @returns `false` when the time is up, or not all were looked at
 */
export async function tryHunches(search: Search, hunches: Hunches): Promise<boolean> {
  const { problem, pace, exact } = search;
  const { beam, marks, placed } = hunches;
  if (!(await tryAll(search, placed))) return false;
  const tried = new Set<string>();
  const waiting: Behind[] = [];
  const tryOthers = async (behind: Behind | undefined): Promise<boolean> =>
    !behind ||
    ((await tryLosses(search, behind.rest)) &&
      (await tryBeside(search, behind.rest, otherSeconds(behind, hunches), tried)));
  let left = MOST_AFTER_FOUND;
  for (const [turn, base] of beam.entries()) {
    if (!(await pace.goOn()) || pace.isUp() || (exact.length > 0 && left-- === 0)) return false;
    const behind = lookBehind(problem, base);
    if (!(await tryBeside(search, behind.rest, likelySeconds(problem, behind, hunches), tried))) return false;
    waiting.push(behind);
    // What all reads bear the mark of is sure.
    const isNext = marks.includes(base) || turn % LIKELY_PER_OTHERS === LIKELY_PER_OTHERS - 1;
    if (isNext && !(await tryOthers(marks.includes(base) ? waiting.pop() : waiting.shift()))) return false;
  }
  for (const behind of waiting)
    if (!(await pace.goOn()) || pace.isUp() || exact.length > 0 || !(await tryOthers(behind))) return false;
  return true;
}

/**
 * Deviations of which something says that they are half of the answer: each with losses, which are few, then with all others.
 * @returns `false` when the time is up
 */
export async function tryHalves(search: Search, halves: readonly Primitive[]): Promise<boolean> {
  const { problem } = search;
  const tried = new Set<string>();
  const rests = halves.map((base) => restOf(problem, base));
  for (const rest of rests)
    if (!(await tryLosses(search, rest)) || !(await tryAll(search, anyLosses(problem, rest.base)))) return false;
  for (const rest of rests) if (!(await tryBeside(search, rest, problem.candidates, tried))) return false;
  return true;
}

/** The most promising with all others. @returns `false` when the time is up */
export async function tryBeam(search: Search, { beam }: Hunches, told: readonly Told[]): Promise<boolean> {
  const all = told.toSorted((a, b) => b.tells - a.tells).map(({ primitive }) => primitive);
  const rests = beam.map((base) => restOf(search.problem, base));
  const tried = new Set<string>();
  for (let turn = 0; turn < rests.length + all.length / OTHERS_PER_TURN; turn++) {
    for (const [i, rest] of rests.slice(0, turn + 1).entries()) {
      const from = (turn - i) * OTHERS_PER_TURN;
      if (!(await tryBeside(search, rest, all.slice(from, from + OTHERS_PER_TURN), tried))) return false;
    }
  }
  return true;
}

async function tryBeside(
  search: Search,
  rest: Rest,
  others: readonly Primitive[],
  tried: Set<string>,
): Promise<boolean> {
  const { problem } = search;
  const mending = new Set<Primitive>();
  let [front] = problem.windows;
  const onWrong = ([first, second]: Model): void => {
    const [now] = problem.windows;
    if (now === front || !first || !second) return;
    front = now;
    mending.add(first === rest.base ? second : first);
  };
  const models = others.flatMap((other) => ordered(problem, rest.base, other, tried));
  if (!(await tryAll(search, models, onWrong))) return false;
  let left = MOST_MENDING;
  for (const other of mending) {
    const kind = other.on[0];
    if (!kind || other.condition || !isInPlace(other) || other.kind === 'lost' || left-- <= 0) continue;
    const needs = needsBeside(problem, rest, other);
    if (!needs.includes(MUST)) continue;
    const some = allowed(problem.classes(kind), needs, true).slice(0, MOST_CONDITIONS_BESIDE);
    if (
      !(await tryAll(
        search,
        some.map((each) => [rest.base, when(each, other)]),
      ))
    )
      return false;
  }
  return true;
}

function ordered(problem: SearchProblem, first: Primitive, second: Primitive, tried: Set<string>): Model[] {
  if (first === second) return [];
  const key = [keyOf(first), keyOf(second)].sort().join('+');
  if (tried.has(key)) return [];
  tried.add(key);
  return ordersOf(problem, first, second);
}

/** Pairs of which one acts only under a condition: it explains some of the windows that the other one leaves. */

import { spreadOut } from '../check/windows.ts';
import type { ConditionClass } from '../estimate/conditions.ts';
import { MUST } from '../exact/needs.ts';
import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { type Search, tryAll } from '../exact/trying.ts';
import { type Model, type Primitive, when } from '../grammar/primitive.ts';
import { type CoverWindows, explainerOf, marksIn } from '../ranking/cover.ts';
import { allowed } from '../ranking/losses.ts';
import { needsBeside, type Rest, restOf } from '../ranking/rest.ts';
import type { Base } from './bases.ts';

/** Others beside which a base is tried under conditions. */
const MOST_CONDITIONED = 8;
/** Windows in which a second one is looked at before conditions are looked for. */
const LOOKS = 3;
/** Second ones that explain some of what is left, and conditions that are tried for each. */
const MOST_PARTLY = 8;
const MOST_CONDITIONS_PARTLY = 12;

/** A deviation under conditions, beside each of some others. @returns `false` when the time is up */
export async function tryUnderConditions(
  search: Search,
  primitive: Primitive,
  others: readonly Primitive[],
): Promise<boolean> {
  if (primitive.condition || primitive.on.length > 1) return true;
  const { problem } = search;
  for (const other of others.slice(0, MOST_CONDITIONED))
    if (!(await tryAll(search, partlyUnder(problem, restOf(problem, other), primitive)))) return false;
  return true;
}

/** Beside one deviation, others under conditions: those that explain some of the windows that it leaves. @returns `false` when the time is up */
export async function tryPartly(
  search: Search,
  windows: CoverWindows,
  { primitive: base, cover }: Base,
): Promise<boolean> {
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

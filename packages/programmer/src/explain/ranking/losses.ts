/** Deviations that strike only at some operations: under which conditions each may be the truth. It tries no model. */
import { guardCandidates } from '../candidates/candidates.ts';
import type { ConditionClass } from '../estimate/conditions.ts';
import { explainsAlone } from '../exact/exact.ts';
import { isInPlace, MUST, MUST_NOT, needsOf } from '../exact/needs.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { isCheapEnough, type Search } from '../exact/trying.ts';
import type { Condition, ConditionKind } from '../grammar/condition.ts';
import { bitsOfModel, type Model, type Primitive, when } from '../grammar/primitive.ts';
import type { StepKind } from '../recording/steps.ts';
import type { Told } from './rank.ts';

/** No condition costs less. */
const LEAST_CONDITION_BITS = 2;

const firstOf = ({ members }: ConditionClass): Condition[] => members.slice(0, 1);

/** Operations that do nothing under a condition, or because of what flash holds. */
export function losses(problem: SearchProblem): Model[] {
  const { candidates, outcomes } = problem;
  return candidates
    .filter(({ kind }) => kind === 'lost')
    .flatMap((loss) => {
      const kind = loss.on.at(-1);
      if (!kind) return [];
      const needs = needsOf(problem, loss);
      if (loss.on.length === 1) for (const [at, outcome] of outcomesOf(problem, kind, needs)) outcomes.set(at, outcome);
      return [...lossesBy(problem, loss, needs), ...guardsBy(problem, loss, needs)].map((each) => [each]);
    });
}

/** The loss under each condition that strikes where it must and nowhere where it must not. */
export function lossesBy({ classes }: SearchProblem, loss: Primitive, needs: Uint8Array): Primitive[] {
  const kind = loss.on.at(-1);
  const conditions = kind && leavesChoice(needs) ? allowed(classes(kind), needs, true) : [];
  // What erases and writes have in common is where and when, not their number or their length.
  const common = loss.on.length > 1 ? conditions.filter((each) => COMMON.includes(each.kind)) : conditions;
  return common.map((each) => when(each, loss));
}

/** Operations that look at flash first, where some must be lost and others must not. */
export function guardsBy({ ground }: SearchProblem, { on }: Primitive, needs: Uint8Array): Primitive[] {
  const [kind] = on;
  const isMixed = on.length === 1 && needs.includes(MUST) && needs.includes(MUST_NOT);
  return kind && isMixed ? guardCandidates(kind, ground) : [];
}

/** What became of single erases or writes, by the place of the step. */
function outcomesOf({ steps }: SearchProblem, kind: StepKind, needs: Uint8Array): Map<number, 'lost' | 'done'> {
  const outcomes = new Map<number, 'lost' | 'done'>();
  for (const [i, step] of steps.filter((each) => each.kind === kind).entries()) {
    const need = needs[i];
    if (need === MUST || need === MUST_NOT) outcomes.set(step.at, need === MUST ? 'lost' : 'done');
  }
  return outcomes;
}

const COMMON: readonly ConditionKind[] = ['from-change', 'from-address', 'below-address', 'address-bit', 'ends-from'];

/** Whether a condition may strike so: it strikes at some and not at all, and at none where it must and must not. */
const leavesChoice = (needs: Uint8Array): boolean =>
  !needs.includes(MUST | MUST_NOT) && needs.some((need) => need === 0 || need !== needs[0]);

/** The cheapest condition of each class that strikes wherever it must and nowhere where it must not. */
export function allowed(classes: readonly ConditionClass[], needs: Uint8Array, isSure: boolean): Condition[] {
  const said = Array.from(needs.keys()).filter((i) => needs[i] !== 0);
  return classes.filter((each) => (each.isNear || isSure) && agrees(each.holds, needs, said)).flatMap(firstOf);
}

function agrees(holds: Uint8Array, needs: Uint8Array, said: readonly number[]): boolean {
  for (const i of said) if (needs[i] !== (holds[i] ? MUST : MUST_NOT)) return false;
  return true;
}

/** Reads at which a deviation of reads must not strike, as far as windows tell: reads change nothing for one another. */
function readNeeds(problem: SearchProblem, primitive: Primitive): Uint8Array {
  const { chosenWindows, steps } = problem;
  const reads = steps.filter(({ kind }) => kind === 'read');
  const needs = new Uint8Array(reads.length);
  if (primitive.hooks.lines) return needs;
  const byRead = new Map(chosenWindows.map((window) => [window.step, window]));
  for (const [step, window] of byRead)
    if (!explainsAlone(problem, [primitive], window)) needs[reads.indexOf(step)] = MUST_NOT;
  return needs;
}

/** Telling windows that a deviation may leave, if it is to be the whole truth under a condition. */
const MOST_UNTOLD = 1;
/** Conditions of one deviation that are tried, and where nothing says when it strikes. */
const MOST_CONDITIONS = 400;
const MOST_UNKNOWN = 120;
/** A deviation that is no nearer to what was read tells nothing of it: what it leaves open fits under any condition. */
const LEAST_TOLD_GAIN = 0.1;

/** Those that explain nearly all of what is looked at may be the whole truth under a condition: each under every one. */
export function* conditional(search: Search, ranked: readonly Told[]): Iterable<Model> {
  const { problem } = search;
  const likely = ranked.filter(({ tells, of }) => tells > 0 && tells >= of - MOST_UNTOLD);
  // Where it is known when they must strike, few conditions are left, and one that fits bounds what the others may cost.
  likely.sort((a, b) => Number(isInPlace(b.primitive)) - Number(isInPlace(a.primitive)));
  for (const { primitive, gain } of likely) {
    const kind = primitive.on.length === 1 ? primitive.on[0] : undefined;
    if (!kind || primitive.stage === 'gate' || primitive.condition) continue;
    if (!isCheapEnough(search, bitsOfModel([primitive]) + LEAST_CONDITION_BITS)) continue;
    const needs = kind === 'read' ? readNeeds(problem, primitive) : needsOf(problem, primitive);
    const conditions = allowed(problem.classes(kind), needs, kind === 'read' || isInPlace(primitive));
    const isKnown = needs.some((need) => need !== 0) && gain > LEAST_TOLD_GAIN;
    const most = isKnown ? MOST_CONDITIONS : MOST_UNKNOWN;
    for (const each of conditions.slice(0, most)) yield [when(each, primitive)];
  }
}

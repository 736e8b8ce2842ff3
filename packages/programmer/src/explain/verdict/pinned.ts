/** Whether what was done shows when a deviation strikes: a limit needs both its sides, a period three strikes. */

import { spreadOut } from '../check/windows.ts';
import { tryModel } from '../exact/exact.ts';
import type { SearchProblem } from '../exact/problem.ts';
import type { Condition, ConditionKind } from '../grammar/condition.ts';
import { limitsIn } from '../grammar/limits.ts';
import { evenly, type Model, type Primitive } from '../grammar/primitive.ts';
import { underOther } from '../primitives/filter.ts';
import type { Step } from '../recording/steps.ts';

/** Whether operations pin down all conditions of an exact model: otherwise others would have done the same. */
export const isPinned = (problem: SearchProblem, model: Model): boolean =>
  model.every(
    (primitive) =>
      hasErasedBeside(problem, primitive) &&
      hasComeAgain(problem, model, primitive) &&
      isNeeded(problem, model, primitive),
  );

/** Whether the sectors on both sides of each limit of erases were erased: else another limit would have done the same. */
function hasErasedBeside({ steps, ground: { edges } }: SearchProblem, primitive: Primitive): boolean {
  if (!primitive.on.includes('erase')) return true;
  const isErased = (sector: number): boolean =>
    steps.some(({ kind, isWhole, address }) => kind === 'erase' && !isWhole && address === edges[sector]);
  return limitsIn([[primitive]]).every((limit) => {
    const next = edges.findIndex((edge) => edge >= limit);
    // A limit of ends is reached by the sector that ends there.
    const above = primitive.condition?.kind === 'ends-from' ? next - 1 : next;
    // Before the first sector and behind the last there is none.
    return [above - 1, above].every((sector) => sector < 0 || sector >= edges.length - 1 || isErased(sector));
  });
}

/** Two strikes lie some distance apart, whatever they come from: only a third, there or after a new start, speaks for a period. */
const STRIKES_OF_PERIOD = 3;
/** Strikes that are looked at, spread over all. */
const MOST_STRIKES = 24;

/** What comes every so many operations must come again, and not at one address alone: without each the model must be wrong. */
function hasComeAgain(problem: SearchProblem, model: Model, primitive: Primitive): boolean {
  const { condition } = primitive;
  if (!condition || !PERIODIC.includes(condition.kind)) return true;
  const needed: number[] = [];
  for (const strike of spreadOut(struckBy(problem, model, primitive), MOST_STRIKES)) {
    const holds = (step: Step): boolean => condition.holds(step) !== (step.at === strike.at);
    if (isExactWith(problem, model, primitive, underOther({ ...condition, holds }, primitive))) continue;
    needed.push(strike.address);
    if (needed.length >= STRIKES_OF_PERIOD && new Set(needed).size > 1) return true;
  }
  return false;
}

const PERIODIC: readonly ConditionKind[] = ['every', 'all-but-every', 'every-in-run', 'all-but-every-in-run'];
const letsThrough = ({ kind }: Condition): boolean => kind === 'all-but-every' || kind === 'all-but-every-in-run';

/** The operations on which it strikes; where it strikes all others, those on which it does not, and that nothing else keeps back. */
function struckBy({ steps }: SearchProblem, model: Model, { on, condition }: Primitive): Step[] {
  const isLet = condition !== undefined && letsThrough(condition);
  const isLost = (step: Step): boolean =>
    model.some((each) => each.kind === 'lost' && each.on.includes(step.kind) && (each.condition?.holds(step) ?? true));
  return steps.filter(
    (step) => on.includes(step.kind) && condition?.holds(step) === !isLet && !(isLet && isLost(step)),
  );
}

/** A condition for which only what nobody knows speaks is no finding: the model must be wrong where it strikes always. */
function isNeeded(problem: SearchProblem, model: Model, primitive: Primitive): boolean {
  const { condition, ...always } = primitive;
  return !condition || always.hooks.sees !== undefined || !isExactWith(problem, model, primitive, evenly(always));
}

const isExactWith = (problem: SearchProblem, model: Model, one: Primitive, other: Primitive): boolean =>
  tryModel(
    problem,
    model.map((each) => (each === one ? other : each)),
  ) !== undefined;

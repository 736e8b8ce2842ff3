/** Where deviations of places send all that was done: of those that send it to the same places one is exact where another is. */

import type { Hooks, Model, Primitive, Stage } from '../grammar/primitive.ts';
import { modelRunsOf, wholeOf } from '../simulate/machine.ts';
import type { SearchProblem } from './problem.ts';

/** Only places, and where bytes come from in their block. */
const STAGES_OF_PLACES: readonly Stage[] = ['block', 'byte', 'second'];
const HOOKS_OF_PLACES: readonly (keyof Hooks)[] = ['runs', 'reach', 'box', 'distance', 'grain'];

/** The same for two deviations that do the same to all that was done; `undefined` for one that changes more than places. */
export function effectOf(
  { steps, ground }: Pick<SearchProblem, 'steps' | 'ground'>,
  [only, ...others]: Model,
): string | undefined {
  if (!only || others.length > 0 || !movesOnly(only)) return undefined;
  const chain = [only];
  let effect = '';
  for (const step of steps) {
    if (!only.on.includes(step.kind)) continue;
    const runs = (modelRunsOf(chain, step, ground) ?? []).join();
    if (runs !== wholeOf(step).join()) effect += `${step.at}:${runs};`;
  }
  return effect;
}

/** Whether two deviations send each of some steps to the same places; it ends at the first that they do not. */
export function doTheSame(
  one: Primitive,
  other: Primitive,
  { steps, ground }: Pick<SearchProblem, 'steps' | 'ground'>,
): boolean {
  const [some, others] = [[one], [other]];
  return steps.every((step) => {
    if (!one.on.includes(step.kind)) return true;
    const runs = modelRunsOf(some, step, ground) ?? [];
    const instead = modelRunsOf(others, step, ground) ?? [];
    return runs.length === instead.length && runs.every((n, i) => n === instead[i]);
  });
}

/** Whether a deviation changes places and nothing else. */
export const movesOnly = ({ stage, hooks }: Primitive): boolean =>
  STAGES_OF_PLACES.includes(stage) &&
  (Object.keys(hooks) as (keyof Hooks)[]).every((name) => hooks[name] === undefined || HOOKS_OF_PLACES.includes(name));

/** Whether what was read carries every deviation of a model: what explains next to nothing beside another may be anything. */
import { check } from '../check/check.ts';
import type { Model } from '../grammar/primitive.ts';
import { aloneOf } from '../simulate/erases-through.ts';
import { machineOf } from '../simulate/machine.ts';
import { type Exact, tryModel } from './exact.ts';
import { wrongBytesOf } from './needs.ts';
import type { SearchProblem } from './problem.ts';

/** What a primitive must explain alone before it may be claimed; fewer bits are explained by anything. */
export const LEAST_BITS = 64;
/** What each of two must explain before both may be named at all: fewer bits fit some of all pairs by chance. */
export const FAINT_BITS = 24;

/** With as many contradictions there is no doubt. */
const MANY_BYTES = 1024;

/** Those of the models that are exact, and of which no part could be left out. */
export const tryCarried = (problem: SearchProblem, models: readonly Model[], least = LEAST_BITS): Exact[] =>
  carriedOf(problem, models, { least });

/** The same for those that were exact before more was done. */
export const stillCarried = (problem: SearchProblem, known: readonly Model[]): Exact[] =>
  carriedOf(problem, known, { least: FAINT_BITS, isKnown: true });

const carriedOf = (
  problem: SearchProblem,
  models: readonly Model[],
  { least, isKnown = false }: { readonly least: number; readonly isKnown?: boolean },
): Exact[] =>
  models
    .flatMap((model) => tryModel(problem, model, { isKnown }) ?? [])
    .filter((each) => isCarried(problem, each, least));

/** Whether known bits, at least so many, contradict an exact model as soon as any of its primitives is left out. */
export function isCarried(
  problem: SearchProblem,
  { model, openBits }: Pick<Exact, 'model' | 'openBits'>,
  least = LEAST_BITS,
): boolean {
  const { ground, steps, head } = problem;
  if (model.length === 1) return problem.differingBits >= least;
  return model.every((_, i) => {
    const rest = model.toSpliced(i, 1).map(aloneOf);
    const without = check(machineOf(rest, ground), steps, { limit: MANY_BYTES, head });
    if (!without) return true;
    if (without.contradictedBits < least) return false;
    return openBits === 0 || without.contradictedReads > 1 || tellsWithout(problem, model, rest) >= least;
  });
}

/** Of the bytes that `rest` gets wrong, the bits that the model tells: one read that it leaves open is soon explained. */
function tellsWithout(problem: SearchProblem, model: Model, rest: Model): number {
  const { ground, steps, head, outcomes } = problem;
  const counted = wrongBytesOf(problem, rest);
  return check(machineOf(model, ground, outcomes), steps, { limit: 0, counted, head })?.toldBits ?? 0;
}

/** Finds what would tell rivals apart: a read that should have been made before, or a scratch write that can be made now. */

import type { Range } from '../../target/geometry.ts';
import { looksAround } from '../../target/looks.ts';
import { check } from '../check/check.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { isSinceStart } from '../grammar/condition.ts';
import type { Model } from '../grammar/primitive.ts';
import { type AskedOrRestart, readAt } from '../recording/asked.ts';
import type { Change, LoaderRestart, ReadRequest, Recording } from '../recording/record.ts';
import { type Step, stepsOf } from '../recording/steps.ts';
import { machineOf } from '../simulate/machine.ts';
import { predictSteps } from '../simulate/predict.ts';
import { madeUpContent } from '../verdict/jobs.ts';
import { isLostAlways, scratchTrial } from './scratch.ts';

/** What tells rivals apart. */
export type Separation =
  /** The same run with this read before its first change. */
  | { readonly kind: 'read-before'; readonly read: Range }
  /** These operations, after all that was done, and with `restarts` after the loader was started anew. */
  | {
      readonly kind: 'scratch';
      readonly operations: readonly (Change | ReadRequest)[];
      readonly restarts: boolean;
      /** How many models these would tell from the first; absent where nothing is known yet. */
      readonly tells?: number;
    };

export interface SeparateOptions {
  /** Sectors that may be erased and written for a trial. */
  readonly scratch?: Range;
  /** Another trial for each number. */
  readonly variant?: number;
  /** The loader can be started anew before a trial. */
  readonly canRestart?: boolean;
}

/** Trials of which the one that tells most is taken. */
const TRIALS_COMPARED = [0, 1, 2] as const;

/**
 * Looks for what tells `models` apart: a read that should have been made before, or, where `scratch` may be changed, a
 * trial there. With `scratch` a trial comes back in any case: what a model predicts of it confirms or refutes the model.
 */
export function separate(
  problem: SearchProblem,
  recording: Recording,
  models: readonly Model[],
  { scratch, variant = 0, canRestart = false }: SeparateOptions = {},
): Separation | undefined {
  const [first, ...others] = models;
  if (!first) return undefined;
  const { shape, blockSize } = recording;
  const asked: AskedOrRestart[] = recording.operations.map((operation) =>
    operation.kind === 'read' ? { ...operation, length: operation.bytes.length } : operation,
  );
  /** Whether the answers to some operations would tell another from the first. */
  const tellsBy = (operations: readonly AskedOrRestart[]): ((other: Model) => boolean) => {
    const steps = stepsOf(operations.map(withoutBytes), shape, blockSize);
    let answered: readonly Step[] | undefined;
    return (other) => {
      answered ??= answeredBy(problem, steps, first);
      const otherwise = answeredBy(problem, steps, other);
      if (areSame(answered, otherwise)) return false;
      return isContradicted(problem, answered, other) || isContradicted(problem, otherwise, first);
    };
  };
  if (scratch) {
    // What has ended shows in a first trial, and that it has not ended for good in the next.
    const hasEnded = needsRestart(recording, first);
    const isAnewFirst = hasEnded || (variant % 2 === 1) !== first.some(isLostAlways);
    const restarting = canRestart && !(hasEnded && variant === 0) ? [isAnewFirst, !isAnewFirst] : [false];
    let best: { readonly told: number; readonly separation: Separation } | undefined;
    for (const n of TRIALS_COMPARED) {
      const operations = scratchTrial(scratch, recording, variant + n, models);
      for (const restarts of operations.length > 0 ? restarting : []) {
        const tells = tellsBy([...asked, ...(restarts ? [RESTART] : []), ...operations]);
        const told = others.filter(tells).length;
        if (!best || told > best.told)
          best = { told, separation: { kind: 'scratch', operations, restarts, tells: told } };
        if (told === others.length) return best.separation;
      }
    }
    return best?.separation;
  }
  if (others.length === 0) return undefined;
  const tells = (reads: readonly Range[]): boolean =>
    others.every(tellsBy([...reads.map(({ start, end }) => readAt(start, end - start)), ...asked]));
  const read = firstThat(tells, looksAround(shape, []));
  return read && { kind: 'read-before', read };
}

/** Whether a model says that something has ended or begun for all that comes, and the loader was never started anew. */
export const needsRestart = ({ operations }: Recording, model: Model): boolean =>
  model.some(({ condition }) => condition && isSinceStart(condition)) &&
  !operations.some(({ kind }) => kind === 'restart');

/** The first that does it alone. What many together do not do, none of them does: few questions are asked. */
function firstThat<T>(does: (some: readonly T[]) => boolean, all: readonly T[]): T | undefined {
  if (all.length === 0 || !does(all)) return undefined;
  if (all.length === 1) return all[0];
  const half = all.length >> 1;
  return firstThat(does, all.slice(0, half)) ?? firstThat(does, all.slice(half));
}

export const RESTART: LoaderRestart = { kind: 'restart' };

const withoutBytes = (operation: AskedOrRestart): AskedOrRestart =>
  operation.kind === 'read'
    ? {
        kind: 'read',
        base: operation.base,
        number: operation.number,
        address: operation.address,
        length: operation.length,
      }
    : operation;

/** The steps with the answers that a loader like `truth` would give. */
function answeredBy({ ground }: SearchProblem, steps: readonly Step[], truth: Model): Step[] {
  const answers = predictSteps(truth, ground, steps, madeUpContent(ground, 1));
  let next = 0;
  return steps.map((step): Step => {
    if (step.kind !== 'read') return step;
    const answer = answers[next++];
    return { ...step, bytes: answer?.value ?? step.bytes };
  });
}

function areSame(some: readonly Step[], others: readonly Step[]): boolean {
  for (const [n, { kind, bytes }] of some.entries()) {
    const other = others[n]?.bytes;
    if (kind !== 'read' || !other) continue;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== other[i]) return false;
  }
  return true;
}

/** Whether there is something in the answers that a model cannot explain. */
const isContradicted = ({ ground }: SearchProblem, answered: readonly Step[], model: Model): boolean =>
  check(machineOf(model, ground), answered, { limit: 0 }) === undefined;

/** Holds an explanation against trials on the device, and looks for others where it is refuted. It has no words. */
import type { Range } from '../target/geometry.ts';
import { type ExplainOptions, explainOnce, type KnownSoFar, type RecordingExplanation } from './explain.ts';
import { keyOfModel, type Model } from './grammar/primitive.ts';
import type { Change, Operation, ReadRequest, Recording } from './recording/record.ts';
import { RESTART } from './trial/experiment.ts';

/** Trials after which an explanation is what it is. */
const MOST_TRIALS = 5;
/** Trials that are made though none is expected to tell what is left apart: one of them did so in one pair of 75. */
const ENOUGH_TRIALS = 3;

/** Carries out operations on the device and gives the answer to each read, in order. */
export type CarryOut = (operations: readonly (Change | ReadRequest)[]) => Promise<readonly Uint8Array[]>;

export interface TrialsOptions extends ExplainOptions {
  readonly scratch: Range;
  /**
   * Asked before the first trial, and before the one on a loader of which nothing is known: what will be carried out stands in
   * `separatedBy`, and nothing is where the answer is `false`.
   */
  readonly mayTry?: (untried: RecordingExplanation) => Promise<boolean>;
}

export interface TriedExplanation {
  /** Made from everything that was done, trials included. */
  readonly explanation: RecordingExplanation;
  readonly recording: Recording;
  /** What the run alone told. */
  readonly untried: RecordingExplanation;
  readonly trials: number;
}

/**
 * As `explainRecording`, but holds models against trials in `scratch`: what a model predicts there must come true before
 * it is called certain, and rivals are told apart by it.
 * @throws `signal.reason`, and what `carryOut` throws
 */
export async function explainByTrials(
  recording: Recording,
  carryOut: CarryOut,
  options: TrialsOptions,
): Promise<TriedExplanation> {
  let before: Pick<KnownSoFar, 'known' | 'named' | 'leads'> = { known: [] };
  let recorded = recording;
  let untried: RecordingExplanation | undefined;
  let isTaught = false;
  const steps = recording.operations.filter(({ kind }) => kind !== 'restart').length;
  let trialFrom: number | undefined;
  for (let trials = 0; ; trials++) {
    const { explanation, exact, leads } = await explainOnce(recorded, options, {
      ...before,
      variant: trials,
      ...(trialFrom !== undefined && { trialFrom, trialsFrom: steps }),
    });
    const { separatedBy, certainty } = explanation;
    untried ??= explanation;
    // Others may have been found since: they are no rivals, or it would not be certain.
    const [first] = explanation.models;
    const isConfirmed = certainty === 'certain' && first !== undefined && isAmong(first, before.known);
    const isNothing = certainty === 'cannot-tell';
    const isVain = (isNothing && isTaught) || (trials >= ENOUGH_TRIALS && isUntellable(explanation, before.known));
    const isOver = trials === MOST_TRIALS || separatedBy?.kind !== 'scratch' || isVain;
    isTaught ||= isNothing;
    // What a loader of which nothing is known may change is another question than what was asked before.
    const isAsked = trials === 0 || isNothing;
    const isAllowed = isConfirmed || isOver || !isAsked || ((await options.mayTry?.(explanation)) ?? true);
    if (isConfirmed || isOver || !isAllowed) {
      // What was found after the last trial has had none of its own.
      const isUntried = trials > 0 && certainty === 'certain' && !isConfirmed;
      const told = isUntried ? { ...explanation, certainty: 'undecided' as const } : explanation;
      return { explanation: told, untried, recording: recorded, trials };
    }
    if (separatedBy.restarts) await options.restart?.();
    const answers = await carryOut(separatedBy.operations);
    let next = 0;
    const done = separatedBy.operations.map(
      (operation): Operation =>
        operation.kind === 'read' ? { ...operation, bytes: answers[next++] ?? new Uint8Array(0) } : operation,
    );
    trialFrom = recorded.operations.filter(({ kind }) => kind !== 'restart').length;
    recorded = {
      ...recorded,
      operations: [...recorded.operations, ...(separatedBy.restarts ? [RESTART] : []), ...done],
    };
    // What was not worth naming is not proved by what comes after it.
    before = { known: isNothing ? [] : exact, named: explanation.models, leads };
  }
}

/** Loaders that all held in a trial, and that no other trial would tell apart: to ask again tells nothing new. */
const isUntellable = ({ certainty, models, separatedBy }: RecordingExplanation, known: readonly Model[]): boolean =>
  certainty === 'undecided' &&
  models.length > 1 &&
  separatedBy?.kind === 'scratch' &&
  separatedBy.tells === 0 &&
  models.every((model) => isAmong(model, known));

function isAmong(model: Model, known: readonly Model[]): boolean {
  const key = keyOfModel(model);
  return known.some((other) => keyOfModel(other) === key);
}

/** An explanation that may be held against trials on the device: asks first, carries them out, and tells what came of them. */
import type { LoaderModel, LoaderTrial } from '../../diagnosis/loader-model.ts';
import { isFlashError } from '../../errors.ts';
import {
  changesBeyond,
  type ExplainOptions,
  explainByTrials,
  keyOfModel,
  type Model,
  type Recording,
  type RecordingExplanation,
  type TriedExplanation,
} from '../../explain/index.ts';
import type { Device } from '../../target/device.ts';
import type { Region } from '../../target/geometry.ts';
import { isWritable, proposalOf, stretchSpan, type TrialHand, type TrialPlace, trialHand } from './trial.ts';

export interface Explained {
  readonly explanation: RecordingExplanation;
  /** With what a trial has added. */
  readonly recording: Recording;
  readonly trial?: LoaderTrial;
}

export interface TrialGround {
  readonly device: Device;
  readonly region: Region;
  readonly trial: TrialPlace;
  readonly say: (explanation: RecordingExplanation, model: Model) => LoaderModel;
  readonly isOpen?: ((model: LoaderModel) => boolean) | undefined;
  /** The cause is certain without a model: where none was found, nothing more has to be known. */
  readonly isKnown?: boolean;
}

/**
 * Explains a run, and where more than one loader may be the cause, tells them apart by trials that were allowed. A trial that
 * breaks off leaves what the run alone told.
 * @throws `signal.reason`; the sectors are erased and the link is at rest then
 */
export async function explainedWithTrials(
  recording: Recording,
  options: ExplainOptions,
  ground: TrialGround,
): Promise<Explained> {
  const { device, region, trial } = ground;
  const hand = trialHand(device, region, trial, { signal: options.signal });
  const end = async (): Promise<number> => (hand.done().rounds > 0 ? await hand.end() : 0);
  let explained: Explained;
  try {
    explained = await triedOut({ recording, ground, hand, asked: {} }, options);
  } catch (error) {
    await end();
    throw error;
  }
  const notBlank = await end();
  return explained.trial && notBlank > 0 ? { ...explained, trial: { ...explained.trial, notBlank } } : explained;
}

async function triedOut(
  { hand, ...asking }: Asking & { readonly hand: TrialHand },
  options: ExplainOptions,
): Promise<Explained> {
  const { recording, ground, asked } = asking;
  const trying = {
    ...options,
    separates: true,
    scratch: stretchSpan(ground.trial.sectors),
    mayTry: async (untried: RecordingExplanation) => await mayTry(untried, asking),
    ...(hand.restart && { restart: hand.restart }),
  };
  try {
    const tried = await explainByTrials(recording, hand.carryOut, trying);
    if (asked.unkept !== undefined) return { ...tried, trial: brokenOff(hand, asked.unkept) };
    if (tried.trials === 0) return tried;
    // What a person has asked for says more than made-up data.
    const { example } = tried.untried;
    const explanation = { ...tried.explanation, ...(example && { example }) };
    return { explanation, recording: tried.recording, trial: told(tried, hand, ground) };
  } catch (error) {
    options.signal?.throwIfAborted();
    const { untried } = asked;
    if (!untried) throw error;
    // Sectors may have been erased for it, whatever went wrong.
    return {
      explanation: untried,
      recording,
      trial: brokenOff(hand, isFlashError(error) ? error.code : String(error)),
    };
  }
}

interface AskedTrialState {
  /** What the run alone told. */
  untried?: RecordingExplanation;
  /** What stands beside the image is safe: it was read before the first trial. */
  isKept?: boolean;
  /** Why what stands beside the image could not be made safe. */
  unkept?: string;
}

interface Asking {
  readonly recording: Recording;
  readonly ground: TrialGround;
  readonly asked: AskedTrialState;
}

async function mayTry(untried: RecordingExplanation, { recording, ground, asked }: Asking): Promise<boolean> {
  const { models, separatedBy } = untried;
  const [model] = models;
  const { region, trial, say, isOpen, isKnown } = ground;
  asked.untried ??= untried;
  if (separatedBy?.kind !== 'scratch') return false;
  const loader = model && say(untried, model);
  const { operations, restarts } = separatedBy;
  if (!(loader ? (isOpen?.(loader) ?? true) : !isKnown) || !isWritable(operations, recording.shape)) return false;
  // What a loader would change elsewhere was not lost before: the run itself has written no such place.
  if (changesBeyond(recording, models, separatedBy, stretchSpan(trial.sectors)).length > 0) return false;
  const loaders = loader ? [loader.sentence, ...loader.rivals] : [];
  if (!(await trial.options.mayTry(proposalOf(operations, { loaders, region, restarts })))) return false;
  try {
    if (!asked.isKept) await trial.keep?.();
    asked.isKept = true;
    return true;
  } catch (error) {
    // The failure of the run outweighs one of the store, and nothing was erased for a trial.
    asked.unkept = error instanceof Error ? error.message : String(error);
    return false;
  }
}

const brokenOff = (hand: TrialHand, because: string): LoaderTrial => ({
  ...trialFacts(hand),
  outcome: 'broken-off',
  refuted: [],
  because,
});

function told({ untried, explanation, trials }: TriedExplanation, hand: TrialHand, { say }: TrialGround): LoaderTrial {
  const left = new Set(explanation.models.map(keyOfModel));
  const refuted = untried.models.filter((model) => !left.has(keyOfModel(model)));
  const { models, certainty } = explanation;
  const outcome = models.length === 0 ? 'none' : certainty === 'certain' ? 'one' : 'several';
  return {
    ...trialFacts(hand),
    rounds: trials,
    outcome,
    refuted: refuted.map((model) => say(untried, model).sentence),
  };
}

function trialFacts(hand: TrialHand): Pick<LoaderTrial, 'rounds' | 'place' | 'sectors' | 'bytesWritten' | 'bytesRead'> {
  const { sectors, ...rest } = hand.done();
  return { ...rest, place: stretchSpan(sectors), sectors: sectors.length };
}

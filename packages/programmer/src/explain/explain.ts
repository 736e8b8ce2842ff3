/** Explains a failed run: the simplest loader that does all that was seen. It asks no device and has no words. */
import type { Clock } from '../ports/clock.ts';
import type { Range } from '../target/geometry.ts';
import { FAINT_BITS, isCarried, stillCarried, tryCarried } from './exact/carried.ts';
import { type Exact, readsElsewhere, tryModel } from './exact/exact.ts';
import { conditionsLike, placesLike } from './exact/likes.ts';
import { paceOf, type RunPace } from './exact/pace.ts';
import { type SearchProblem, searchProblemOf } from './exact/problem.ts';
import { MOST_EXACT } from './exact/trying.ts';
import { bitsOfModel, keyOfModel, type Model, type Primitive } from './grammar/primitive.ts';
import type { Recording } from './recording/record.ts';
import { type SearchAnewOptions, searchAnew } from './search.ts';
import { needsRestart, type Separation, separate } from './trial/experiment.ts';
import { lesson } from './trial/lesson.ts';
import { type Example, exampleOf } from './verdict/first-difference.ts';
import { isUnshown } from './verdict/unshown.ts';
import { MOST_NAMED, type ModelVerdict, RIVAL_BITS, type WeighOptions, weigh } from './verdict/verdict.ts';

export interface ExplainOptions {
  readonly clock: Clock;
  /** After this the answer is "cannot tell"; default 2 s. After each trial, which takes longer than that, four times as much, but no more than 8 s. */
  readonly limitMs?: number;
  /** Models that are tried at most, so that a clock that stands still ends it as well; default all. */
  readonly mostModels?: number;
  /** Models that are tried after the limit as well, up to twice as long; default none. */
  readonly leastModels?: number;
  /** Sectors that may be erased and written to tell rivals apart. */
  readonly scratch?: Range;
  /** Starts the loader anew, so that it counts from zero: some rivals differ in that alone. */
  readonly restart?: () => Promise<void>;
  /** Whether to look for what would tell rivals apart, which takes about as long as to find them; default true. */
  readonly separates?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * `certain`: one model is exact, and no other of about the same cost predicts otherwise. `undecided`: several are.
 * `cannot-tell`: none is exact, or the time was up.
 */
export type Certainty = 'certain' | 'undecided' | 'cannot-tell';

export interface RecordingExplanation {
  readonly certainty: Certainty;
  /** The simplest exact model and its rivals, at most three, the simplest first. */
  readonly models: readonly Model[];
  /** Every model that could be a rival was tried; otherwise the limit was reached first, and there may be others. */
  readonly isComplete: boolean;
  /** Bytes of all reads that a right loader would have given otherwise. */
  readonly bytesDiffering: number;
  /** Those of them that the first model gives exactly as they were read. */
  readonly bytesExplained: number;
  readonly example?: Example;
  /** Tells the rivals apart, or (with `scratch`) confirms or refutes the one. */
  readonly separatedBy?: Separation;
}

const LIMIT_MS = 2000;
/** A trial is shorter than a job, so that more models can be tried on it, and what it refutes has to be sought among more. */
const MODELS_IN_TRIAL = 6;
const TIMES_IN_TRIAL = 4;

/**
 * Looks for the simplest model of a loader that reproduces everything that was read.
 * @throws `signal.reason`
 */
export async function explainRecording(recording: Recording, options: ExplainOptions): Promise<RecordingExplanation> {
  const { explanation } = await explainOnce(recording, options, { known: [], variant: 0 });
  return explanation;
}

/** Whether a loader that deviates as `model` says may have given everything that was read. */
export const reproduces = (model: Model, recording: Recording): boolean =>
  tryModel(searchProblemOf(recording), model) !== undefined;

/** Trials after which others are looked for though what was named is still exact: it may be nothing that a trial can show. */
const STUCK_AFTER = 3;

export interface KnownSoFar extends Omit<SearchAnewOptions, 'pace'> {
  /** Models that were exact before the last trial: if one still is, no other is looked for. */
  readonly known: readonly Model[];
  readonly variant: number;
  /** The first step of the last trial. */
  readonly trialFrom?: number;
}

export interface ExplainedOnce {
  readonly explanation: RecordingExplanation;
  /** All models that were found exact. */
  readonly exact: readonly Model[];
  /** Deviations that explain most of what is wrong alone. */
  readonly leads: readonly Primitive[];
}

/** As `explainRecording`, with what the next one should know. */
export async function explainOnce(
  recording: Recording,
  options: ExplainOptions,
  { known, variant, trialFrom, ...before }: KnownSoFar,
): Promise<ExplainedOnce> {
  const { restart, separates = true, scratch } = options;
  const pace = paceFor(options, trialFrom !== undefined);
  const problem = searchProblemOf(recording);
  const { differing } = problem.expected;
  const example = exampleOf(problem, recording);
  const seen = { bytesDiffering: differing, ...(example && { example }) };
  // So little fits too much: a trial shows more of what has made it.
  if (problem.differingBits < FAINT_BITS)
    return { explanation: unexplained(seen, recording, options), exact: [], leads: [] };
  const still = stillCarried(problem, known).sort((a, b) => a.total - b.total);
  // Where the one that was named first is refuted, others are looked for: nobody has looked for all of them.
  // So where as many were found as are kept, before the first trial.
  const isStill =
    (known.length < MOST_EXACT || variant > 1) &&
    still.some(({ model }) => model === before.named?.[0]) &&
    leastBits(still.map(({ model }) => model)) <= leastBits(known);
  const weighing = { isTried: known.length > 0, trialFrom };
  const isStuck = isStill && variant === STUCK_AFTER && !weigh(problem, recording.shape, still, weighing).isCertain;
  const anew =
    isStill && !isStuck
      ? undefined
      : await searchAnew(recording, problem, { ...before, pace, ...(isStuck && { named: [] }) });
  const all = anew ? mergedExact(still, anew.exact) : still;
  const { found, candidates, isCertain } = weighWithLikes(problem, recording, all, weighing);
  const exact = found.map(({ model }) => model);
  const leads = anew?.leads ?? [];
  const { trialsFrom } = before;
  const models = candidates.slice(0, isCertain ? 1 : MOST_NAMED).map(({ model }) => model);
  const isComplete = anew?.isComplete ?? true;
  if (models.length === 0)
    return { explanation: { ...unexplained(seen, recording, options), isComplete }, exact, leads };
  const rivals = candidates.slice(0, MOST_SEPARATED).map(({ model }) => model);
  const trial = { variant, canRestart: restart !== undefined, ...(scratch && { scratch }) };
  const separatedBy = separates ? separate(problem, recording, isCertain ? models : rivals, trial) : undefined;
  // Two deviations that were found before the time was up may have rivals that nobody looked at.
  const isFound = isStill || anew?.exact.some(({ model }) => model === models[0]) === true;
  const isSure =
    isCertain &&
    candidates.slice(0, 1).every((each) => isCarried(problem, each)) &&
    (isComplete || (isFound && (known.length > 0 || models[0]?.length === 1))) &&
    models.every((model) => !isUnshown(problem, model)) &&
    !(restart && trialsFrom !== undefined && models.some((model) => needsRestart(recording, model))) &&
    isShownByTrials(recording, models, trialsFrom);
  const certainty = isSure ? 'certain' : 'undecided';
  const told = { ...seen, certainty, models, isComplete, bytesExplained: differing } as const;
  return { explanation: { ...told, ...(separatedBy && { separatedBy }) }, exact, leads };
}

/**
 * Where one would be certain, with the same under other conditions, and with others that do the same: a search that was cut
 * short has not tried them all. If another number fits as well, what was done does not show which it is, however odd one of
 * them is.
 */
function weighWithLikes(
  problem: SearchProblem,
  { shape }: Recording,
  all: readonly Exact[],
  weighing: WeighOptions,
): ModelVerdict & { readonly found: readonly Exact[] } {
  const verdict = weigh(problem, shape, all, weighing);
  const [first] = verdict.isCertain ? verdict.candidates : [];
  if (!first) return { ...verdict, found: all };
  const likes = tryCarried(problem, conditionsLike(problem, first.model));
  const places = tryCarried(problem, placesLike(problem, first.model));
  if (likes.length + places.length === 0) return { ...verdict, found: all };
  const found = mergedExact(all, [...likes, ...places]);
  const others = weigh(problem, shape, found, weighing);
  const isOpen = likes.some(({ total, bits }) => total - bits <= first.total - first.bits + RIVAL_BITS);
  return { ...others, isCertain: others.isCertain && !isOpen, found };
}

/** What is told where nothing explains it, with the trial from which the loader may be learned. */
function unexplained(
  seen: Pick<RecordingExplanation, 'bytesDiffering' | 'example'>,
  recording: Recording,
  { restart, separates = true, scratch }: ExplainOptions,
): RecordingExplanation {
  const mayTeach = separates && scratch !== undefined && seen.bytesDiffering > 0;
  const taught = mayTeach ? lessonIn(scratch, recording, restart !== undefined) : undefined;
  const nothing = { certainty: 'cannot-tell', models: [], bytesExplained: 0, isComplete: true } as const;
  return { ...seen, ...nothing, ...(taught && { separatedBy: taught }) };
}

function paceFor(
  { clock, limitMs = LIMIT_MS, mostModels = Number.POSITIVE_INFINITY, leastModels, signal }: ExplainOptions,
  isOfTrial: boolean,
): RunPace {
  return paceOf({
    clock,
    limitMs: isOfTrial ? TIMES_IN_TRIAL * Math.min(limitMs, LIMIT_MS) : limitMs,
    most: mostModels * (isOfTrial ? MODELS_IN_TRIAL : 1),
    // After a trial all single deviations are tried long before the time is up.
    ...(leastModels && !isOfTrial && { least: leastModels }),
    ...(signal && { signal }),
  });
}

/** Whether trials, where some were made, show what they wrote, and each of two: what the run alone shows was held against none. */
function isShownByTrials(recording: Recording, [model]: readonly Model[], trialsFrom: number | undefined): boolean {
  if (!model || trialsFrom === undefined) return true;
  if (model.some(readsElsewhere) && reproduces(model, withoutChanges(recording, trialsFrom))) return false;
  return model.length < 2 || isCarried(searchProblemOf(recording, trialsFrom), { model, openBits: 0 });
}

/** The same recording without what trials erased and wrote: if it makes no difference, they have shown nothing of that. */
function withoutChanges({ operations, ...recording }: Recording, trialsFrom: number): Recording {
  let steps = 0;
  const kept = operations.filter(({ kind }) => {
    if (kind === 'restart') return true;
    return steps++ < trialsFrom || kind === 'read';
  });
  return { ...recording, operations: kept };
}

/** The trial for a loader of which nothing is known. */
function lessonIn(scratch: Range, recording: Recording, restarts: boolean): Separation | undefined {
  const operations = lesson(scratch, recording);
  return operations.length > 0 ? { kind: 'scratch', operations, restarts } : undefined;
}

/** Where the cheapest is refuted, the search has to go on to dearer ones than it tried before. */
const leastBits = (models: readonly Model[]): number => Math.min(...models.map(bitsOfModel));

/** Both, each model once, the cheapest in total first. */
function mergedExact(some: readonly Exact[], others: readonly Exact[]): Exact[] {
  const byKey = new Map([...some, ...others].map((each) => [keyOfModel(each.model), each]));
  return [...byKey.values()].sort((a, b) => a.total - b.total);
}

/** Rivals that a trial is made for. */
const MOST_SEPARATED = 6;

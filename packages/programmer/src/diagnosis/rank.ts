/** From evidence to causes: each row is weighed, the best is named, and where two fit alike it says so. Pure. */
import type { Chip } from '@sureflash/chips';
import type { Cause, Source } from './cause.ts';
import { CAUSES, type CauseId } from './causes/index.ts';
import type { LoaderModel, LoaderTrial } from './loader-model.ts';
import { isClosed, type Observation } from './observation.ts';
import { asRemedy, type Remedy } from './remedy.ts';
import { textOf } from './words.ts';

/** `undecided`: another cause fits about as well, and `tellApart` says how to know. */
export type Verdict = 'certain' | 'likely' | 'undecided';

export interface RunnerUp {
  readonly cause: CauseId;
  readonly title: string;
}

export interface Diagnosis {
  /** The cause that fits best. */
  readonly cause: CauseId;
  readonly verdict: Verdict;
  /** One sentence; of the best cause alone. */
  readonly title: string;
  /** What was seen, in words: what speaks for the cause first, the strongest first. */
  readonly evidence: readonly string[];
  /** How many of these, from the first on, speak for the cause. */
  readonly speaking: number;
  /** The same as data, in the same order. */
  readonly observations: readonly Observation[];
  /** What to do now, best first. */
  readonly remedies: readonly Remedy[];
  /** Causes that fit about as well; empty unless the verdict is `undecided`. */
  readonly rivals: readonly RunnerUp[];
  /** Causes that fit less well, best first. */
  readonly runnersUp: readonly RunnerUp[];
  /** What would decide between the named cause and its rivals. */
  readonly tellApart: readonly Remedy[];
  readonly sources: readonly Source[];
  /** Signs alone point to it: no loader that was simulated gives all that was read, so that the cause may be another one. */
  readonly isGuess?: true;
  /** What the loader does, where a simulation of it gives every byte that was read and nothing else speaks against it. */
  readonly model?: LoaderModel;
  /** What a trial on the device did and found; absent where none was made. */
  readonly trial?: LoaderTrial;
  /** The error of this program that ended the simulation of loaders; absent where none did. */
  readonly brokeOff?: string;
}

/** Below this nothing is named. */
const LEAST_SCORE = 3;
/** Hints alone name nothing: one sign at least must be this strong. */
const STRONG = 3;
/** From this on, without a rival, a cause counts as certain. */
const CERTAIN_SCORE = 6;
/** Causes this close to the best are not told apart. */
const MARGIN = 1;
const MOST_RUNNERS_UP = 3;

interface Weighed {
  readonly cause: Cause<CauseId>;
  readonly score: number;
  /** Weight that each observation adds. */
  readonly weights: ReadonlyMap<Observation, number>;
}

/** @returns the most likely cause; `undefined` where the evidence explains nothing */
export function diagnose(evidence: readonly Observation[], chip?: Chip): Diagnosis | undefined {
  const weighed = CAUSES.map((cause) => weighCause(cause, evidence))
    .filter(({ score, weights }) => score >= LEAST_SCORE && Math.max(...weights.values()) >= STRONG)
    .sort((a, b) => b.score - a.score);
  const [best, ...others] = weighed;
  if (!best) return undefined;
  return diagnosisFor(best, others, { evidence, chip });
}

/** @returns the diagnosis of this cause, whatever others fit: something beside the rows has decided for it */
export function diagnoseAs(id: CauseId, evidence: readonly Observation[], chip?: Chip): Diagnosis | undefined {
  const cause = CAUSES.find((each) => each.id === id);
  return cause && { ...diagnosisFor(weighCause(cause, evidence), [], { evidence, chip }), verdict: 'certain' };
}

function diagnosisFor(
  best: Weighed,
  others: readonly Weighed[],
  { evidence, chip }: { readonly evidence: readonly Observation[]; readonly chip: Chip | undefined },
): Diagnosis {
  const rivals = others.filter(({ score }) => score >= best.score - MARGIN);
  const undecided = rivals.length > 0;
  const sorted = evidence.toSorted((a, b) => strength(b, best) - strength(a, best));
  return {
    cause: best.cause.id,
    verdict: undecided ? 'undecided' : best.score >= CERTAIN_SCORE ? 'certain' : 'likely',
    title: best.cause.title,
    evidence: sorted.map(textOf),
    speaking: sorted.filter((observation) => strength(observation, best) > 0).length,
    observations: sorted,
    remedies: best.cause
      .remedies(chip, evidence)
      .map(asRemedy)
      .filter(({ action }) => action !== 'unprotect' || isClosed(evidence)),
    rivals: rivals.map(runnerUp),
    runnersUp: others.slice(rivals.length, rivals.length + MOST_RUNNERS_UP).map(runnerUp),
    tellApart: [...new Set(rivals.flatMap(({ cause }) => waysToTell(best.cause, cause)))].map(asRemedy),
    sources: best.cause.sources,
  };
}

const runnerUp = ({ cause: { id, title } }: Weighed): RunnerUp => ({ cause: id, title });
/** What the file tells comes last where it has no part in it. */
function strength(observation: Observation, { weights }: Weighed): number {
  return weights.get(observation) ?? (observation.kind === 'file-concern' ? -1 : 0);
}

function waysToTell(a: Cause<CauseId>, b: Cause<CauseId>): (Remedy | string)[] {
  const way = a.tellApart?.[b.id] ?? b.tellApart?.[a.id];
  return way === undefined ? [] : [way];
}

function weighCause(cause: Cause<CauseId>, evidence: readonly Observation[]): Weighed {
  const weights = new Map<Observation, number>();
  let score = 0;
  for (const { weight, find } of cause.for) {
    const observation = find(evidence);
    if (!observation) continue;
    score += weight;
    weights.set(observation, Math.max(weight, weights.get(observation) ?? 0));
  }
  // What speaks against can only matter where something speaks for.
  if (score === 0) return { cause, score, weights };
  for (const { weight, find } of cause.against) if (find(evidence)) score -= weight;
  return { cause, score, weights };
}

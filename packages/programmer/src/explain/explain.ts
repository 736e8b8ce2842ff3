/** Explains a failed run: the simplest loader that does all that was seen. It asks no device and has no words. */
import type { Clock } from '../ports/clock.ts';
import { paceOf } from './pace.ts';
import { keyOfModel, type Model } from './primitive.ts';
import { type Problem, problemOf } from './problem.ts';
import type { Recording } from './record.ts';
import { search } from './search.ts';
import { weigh } from './verdict.ts';

export interface ExplainOptions {
  readonly clock: Clock;
  /** After this the answer is "cannot tell". */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

export type Certainty = 'certain' | 'undecided' | 'cannot-tell';

export interface Explanation {
  readonly certainty: Certainty;
  /** The simplest model and its rivals, at most three, the simplest first; empty where none is exact. */
  readonly models: readonly Model[];
  readonly bytesDiffering: number;
}

const LIMIT_MS = 2000;
const MOST_NAMED = 3;

export async function explain(recording: Recording, { clock, limitMs = LIMIT_MS, signal }: ExplainOptions): Promise<Explanation> {
  const pace = paceOf({ clock, limitMs, ...(signal && { signal }) });
  const problem: Problem = problemOf(recording);
  const { exact } = await search(problem, pace);
  const { candidates, near } = weigh(problem, recording.shape, exact);
  const models = candidates.slice(0, near === 1 ? 1 : MOST_NAMED).map(({ model }) => model);
  const certainty = models.length === 0 ? 'cannot-tell' : near === 1 ? 'certain' : 'undecided';
  return { certainty, models, bytesDiffering: problem.expected.differing };
}

export { keyOfModel };

/** Explains a failed run: the simplest loader that does all that was seen. It asks no device and has no words. */
import type { Clock } from '../ports/clock.ts';
import type { Range } from '../target/geometry.ts';
import { type Separation, separate } from './experiment.ts';
import { paceOf } from './pace.ts';
import type { Model } from './primitive.ts';
import { type SearchProblem, searchProblemOf } from './problem.ts';
import type { Recording } from './record.ts';
import { search } from './search.ts';
import { weigh } from './verdict.ts';

export interface ExplainOptions {
  readonly clock: Clock;
  /** After this the answer is "cannot tell"; default 2 s. */
  readonly limitMs?: number;
  /** Sectors that may be erased and written to tell rivals apart. */
  readonly scratch?: Range;
  readonly signal?: AbortSignal;
}

/**
 * `certain`: one model is exact, and no other of about the same cost predicts otherwise. `undecided`: several are.
 * `cannot-tell`: none is exact, or the time was up.
 */
export type Certainty = 'certain' | 'undecided' | 'cannot-tell';

/** A place where a right loader would have given something else. */
export interface Example {
  readonly address: number;
  /** What was last asked to be written there; absent where nothing was. */
  readonly asked?: Uint8Array;
  readonly expected: Uint8Array;
  readonly read: Uint8Array;
}

export interface RecordingExplanation {
  readonly certainty: Certainty;
  /** The simplest exact model and its rivals, at most three, the simplest first. */
  readonly models: readonly Model[];
  /** Bytes of all reads that a right loader would have given otherwise. */
  readonly bytesDiffering: number;
  /** Those of them that the first model gives exactly as they were read. */
  readonly bytesExplained: number;
  readonly example?: Example;
  /** Tells the rivals apart. */
  readonly separatedBy?: Separation;
}

const LIMIT_MS = 2000;
const MOST_NAMED = 3;
const EXAMPLE_BYTES = 16;

/**
 * Looks for the simplest model of a loader that reproduces everything that was read.
 * @throws `signal.reason`
 */
export async function explainRecording(recording: Recording, options: ExplainOptions): Promise<RecordingExplanation> {
  const { clock, limitMs = LIMIT_MS, signal, scratch } = options;
  const pace = paceOf({ clock, limitMs, ...(signal && { signal }) });
  const problem = searchProblemOf(recording);
  const { differing } = problem.expected;
  const example = exampleOf(problem, recording);
  const seen = { bytesDiffering: differing, ...(example && { example }) };
  if (differing === 0) return { ...seen, certainty: 'cannot-tell', models: [], bytesExplained: 0 };
  const { exact } = await search(problem, pace);
  const { candidates, isCertain } = weigh(problem, recording.shape, exact);
  const models = candidates.slice(0, isCertain ? 1 : MOST_NAMED).map(({ model }) => model);
  if (models.length === 0) return { ...seen, certainty: 'cannot-tell', models, bytesExplained: 0 };
  const found = { ...seen, models, bytesExplained: differing };
  if (isCertain) return { ...found, certainty: 'certain' };
  const separatedBy = separate(problem, recording, models, scratch ? { scratch } : {});
  return { ...found, certainty: 'undecided', ...(separatedBy && { separatedBy }) };
}

/** The first difference of the read that has most. */
function exampleOf({ expected, steps }: SearchProblem, { shape }: Recording): Example | undefined {
  const most = expected.reads.reduce(
    (best, read) => (read.differing > (best?.differing ?? 0) ? read : best),
    expected.reads[0],
  );
  if (!most || most.differing === 0) return undefined;
  const first = most.differs.indexOf(1);
  const from = Math.max(0, Math.min(first - (first % EXAMPLE_BYTES), most.step.length - EXAMPLE_BYTES));
  const part = (bytes: Uint8Array, start = from): Uint8Array => bytes.slice(start, start + EXAMPLE_BYTES);
  const offset = most.step.address + from;
  const write = steps.findLast(
    (step) => step.kind === 'write' && step.address <= offset && step.address + step.length > offset,
  );
  const asked = write && part(write.bytes, offset - write.address);
  return {
    address: shape.start + offset,
    expected: part(most.value),
    read: part(most.step.bytes),
    ...(asked && { asked }),
  };
}

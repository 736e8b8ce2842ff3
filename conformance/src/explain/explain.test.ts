import { expect, test } from 'vitest';
import { tallyOf } from './tally.ts';
import { tryLoader } from './trial.ts';

/** Seeds by which nothing was developed; the whole trial is `npm run explain-trial`. */
const SEEDS = [9001, 9002, 9003, 9004, 9005, 9006, 9007, 9008];
/** Models instead of time, so that a busy machine changes nothing. */
const MOST_MODELS = 4000;

test('of composed loaders with one deviation nearly all are named, and none is named wrong with certainty', async () => {
  const results = [];
  for (const seed of SEEDS)
    results.push(await tryLoader({ seed, deviations: 1, outside: false }, { mostModels: MOST_MODELS }));
  const { certainWrong, firstRight, trials, untellable } = tallyOf(results, 'tried');
  expect(trials + untellable).toBe(SEEDS.length);
  expect(certainWrong).toBe(0);
  expect(trials - firstRight).toBeLessThanOrEqual(0);
});

/** Erases that are refused in part, beside a second copy of writes: the run shows erases that do nothing. */
const HALF_RIGHT = 890_217;

test('what a trial refutes is half right: the other half is found', async () => {
  const { alone, tried } = await tryLoader({ seed: HALF_RIGHT, deviations: 2, outside: false }, { mostModels: 8000 });
  expect(alone.right).not.toContain(true);
  expect(tried).toMatchObject({ certainty: 'certain', right: [true] });
});

/** Reads of one place, beside blocks that are counted from elsewhere: next to nothing of these is ever seen. */
const SEEN_AT_ONE_PLACE = 902_070;

test('beside reads of one place no other deviation is certain', async () => {
  const id = { seed: SEEN_AT_ONE_PLACE, deviations: 2, outside: false } as const;
  const { tried } = await tryLoader(id, { mostModels: 2000 });
  expect(tried.certainty).toBe('undecided');
  expect(tried.named[0]).toContain('one-place(r');
});

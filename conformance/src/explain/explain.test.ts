import { expect, test } from 'vitest';
import { tallyOf } from './tally.ts';
import { tryLoader } from './trial.ts';

/** Seeds by which nothing was developed; the whole trial is `npm run explain-trial`. */
const SEEDS = [9001, 9002, 9003, 9004, 9005, 9006];

test('composed loaders are explained, and those that are named wrong with certainty are few', async () => {
  const results = [];
  for (const seed of SEEDS) results.push(await tryLoader({ seed, deviations: 1, outside: false }));
  const tally = tallyOf(results, 'tried');
  expect(tally.trials).toBe(SEEDS.length);
  expect(tally.firstRight).toBeGreaterThan(0);
  expect(tally.certainWrong).toBeLessThanOrEqual(1);
});

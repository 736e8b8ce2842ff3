import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { paceOf, type RunPace } from '../exact/pace.ts';
import { searchProblemOf } from '../exact/problem.ts';
import type { Search } from '../exact/trying.ts';
import { keyOf, keyOfModel, type Model, type Primitive } from '../grammar/primitive.ts';
import { tryCovers } from '../pairs/cover-pairs.ts';
import { repeated, swap } from '../primitives/data.ts';
import { eraseNeighbour } from '../primitives/erase.ts';
import { halvesExchanged } from '../primitives/lines.ts';
import { headLost } from '../primitives/part.ts';
import { READS, shift, WRITES } from '../primitives/place.ts';
import { predict } from '../simulate/predict.ts';
import { lesson } from '../trial/lesson.ts';
import { madeUpBytes } from '../verdict/jobs.ts';
import { coversOf, coverWindows } from './cover.ts';
import { evidentIn } from './evident.ts';

const START = FLASH_START;
const SIZE = 128 * 1024;
const shape = pagedFlash(SIZE);
const BLOCK = 2048;
const pace = () => paceOf({ clock: { now: () => 0, sleep: async () => {} }, limitMs: 1, most: 60_000 });

/** The trial on a loader that is as a model says. */
function taught(model: Model) {
  const asked = lesson({ start: START, end: START + SIZE / 2 }, { shape, blockSize: BLOCK, operations: [] });
  const content = madeUpBytes(5, SIZE);
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content }).map(({ value }) => value);
  let next = 0;
  const operations = asked.map((each) =>
    each.kind === 'read' ? { ...each, bytes: answers[next++] ?? new Uint8Array(0) } : each,
  );
  return searchProblemOf({ shape, blockSize: BLOCK, operations });
}

test.each<[string, Model]>([
  ['an erase of the sector before, and heads that are lost', [eraseNeighbour(-1, 1), headLost(WRITES, 8)]],
])('each of two deviations is among the most telling ones: %s', async (_, model) => {
  const problem = taught(model);
  const windows = coverWindows(problem);
  const covers = (await coversOf(problem, pace(), { primitives: problem.candidates, windows })) ?? [];
  const telling = covers
    .slice(0, 30)
    .flatMap(({ primitive, alike }) => [primitive, ...alike])
    .map(keyOf);
  for (const primitive of model) expect(telling).toContain(keyOf(primitive));
});

test.each<[string, Model]>([
  ['an erase of the sector before, and heads that are lost', [eraseNeighbour(-1, 1), headLost(WRITES, 8)]],
  ['an order of bytes, and an offset', [swap(WRITES, 2), shift(WRITES, 0x4000)]],
  ['four bytes over and over, and an offset', [repeated(READS, 4), shift(WRITES, 0x2000)]],
])('two deviations are found by what each explains alone: %s', async (_, model) => {
  const problem = taught(model);
  const state: Search = { problem, pace: pace(), exact: [] };
  await tryCovers(state, evidentIn(problem));
  const [best] = state.exact.sort((a, b) => a.total - b.total);
  const keys = best ? best.model.map(keyOf).sort() : [];
  expect(keys.join(' + ')).toBe(keyOfModel(model).split(' + ').sort().join(' + '));
});

/** How many pieces of work it takes to find a pair, and which deviations are said to explain most of what is wrong. */
async function soughtWith(model: Model, leads: Primitive[]): Promise<{ pieces: number; leads: string[] }> {
  const problem = taught(model);
  let pieces = 0;
  const counted = (own: RunPace): RunPace => ({
    goOn: () => {
      pieces++;
      return state.exact.length === 0 && own.goOn();
    },
    lookUp: own.lookUp,
    isUp: own.isUp,
    part: (share) => counted(own.part(share)),
  });
  const state: Search = { problem, pace: pace(), exact: [], leads };
  await tryCovers({ ...state, pace: counted(pace()) }, evidentIn(problem));
  return { pieces, leads: leads.map(keyOf) };
}

test('what explains most of what is wrong is told, and tried first in the next trial', async () => {
  const elsewhere = halvesExchanged(READS, SIZE);
  const over = repeated(WRITES, 8);
  const alone = await soughtWith([elsewhere, over], []);
  expect(alone.leads).toContain(keyOf(elsewhere));
  const led = await soughtWith([elsewhere, over], [elsewhere]);
  expect(led.pieces).toBeLessThan(alone.pieces);
});

test('one deviation alone needs no second one to be seen through', async () => {
  const problem = taught([swap(READS, 2)]);
  const windows = coverWindows(problem);
  const [first] = (await coversOf(problem, pace(), { primitives: problem.candidates, windows })) ?? [];
  expect(first && keyOf(first.primitive)).toBe(keyOf(swap(READS, 2)));
  expect(first?.explains.every((one) => one === 1)).toBe(true);
});

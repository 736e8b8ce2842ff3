import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { tryModel } from '../exact/exact.ts';
import { paceOf } from '../exact/pace.ts';
import { searchProblemOf } from '../exact/problem.ts';
import type { Search } from '../exact/trying.ts';
import { condition } from '../grammar/condition.ts';
import { keyOfModel, type Model, when } from '../grammar/primitive.ts';
import { bounded, filled, headLost } from '../primitives/part.ts';
import { READS, WRITES } from '../primitives/place.ts';
import { constant } from '../primitives/source.ts';
import { coversOf, coverWindows } from '../ranking/cover.ts';
import type { Change, Operation, ReadRequest, Recording } from '../recording/record.ts';
import { predict } from '../simulate/predict.ts';
import { trySubstitutes } from './substitutes.ts';

const START = FLASH_START;
const SIZE = 0x8000;
const BLOCK = 512;
/** No power of two, and no multiple of a large one. */
const LIMIT = 0x3600;
const shape = pagedFlash(SIZE);

const erases = [0x3000, 0x3800].map((at): Change => ({ kind: 'erase', address: START + at, length: 2048 }));
const blocks = [0x3000, 0x3200, 0x3400, 0x3600, 0x3800].flatMap((at, n) => {
  const block = { base: START + 0x3000, number: n, address: START + at };
  const bytes = Uint8Array.from({ length: BLOCK }, (_, i) => (i * 31 + n * 7 + 3) & 0x7f);
  return [
    { kind: 'write', ...block, bytes },
    { kind: 'read', ...block, length: BLOCK },
  ] satisfies (Change | ReadRequest)[];
});
const asked: readonly (Change | ReadRequest)[] = [...erases, ...blocks];

/** What a loader that is as `model` says would have given. */
function recordingOf(model: Model): Recording {
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content: new Uint8Array(SIZE).fill(0xff) });
  let next = 0;
  const operations = asked.map((operation): Operation => {
    if (operation.kind !== 'read') return operation;
    const { base, number, address } = operation;
    return { kind: 'read', base, number, address, bytes: answers[next++]?.value ?? new Uint8Array(0) };
  });
  return { shape, blockSize: BLOCK, operations };
}

test('a limit that was found for blocks is tried for bytes as well', async () => {
  const truth = [filled(bounded(READS, LIMIT, 1), 0), headLost(WRITES, 16)];
  const found = [when(condition('from-address', LIMIT), constant(0)), headLost(WRITES, 16)];
  const problem = searchProblemOf(recordingOf(truth));
  const exact = tryModel(problem, found);
  expect(exact).toBeDefined();
  const clock = { now: () => 0, sleep: async () => {} };
  const search: Search = { problem, pace: paceOf({ clock, limitMs: 1000 }), exact: exact ? [exact] : [] };
  expect(await trySubstitutes(search)).toBe(true);
  expect(search.exact.map(({ model }) => keyOfModel(model).split(' + ').sort().join(' + '))).toContain(
    truth
      .map((each) => keyOfModel([each]))
      .sort()
      .join(' + '),
  );
});

test('what explains nothing of what one of two does is not tried in its place', async () => {
  const found = [when(condition('from-address', LIMIT), constant(0)), headLost(WRITES, 16)];
  const countedWith = async (most: number): Promise<number> => {
    const problem = searchProblemOf(recordingOf(found));
    const exact = tryModel(problem, found);
    expect(exact).toBeDefined();
    const pace = paceOf({ clock: { now: () => 0, sleep: async () => {} }, limitMs: 1000 });
    let count = 0;
    const goOn = (): boolean | Promise<boolean> => {
      count++;
      return pace.goOn();
    };
    const search: Search = { problem, pace: { ...pace, goOn }, exact: exact ? [exact] : [] };
    const windows = coverWindows(problem);
    const covers = await coversOf(problem, pace, { primitives: problem.candidates.slice(0, most), windows });
    for (const { primitive, explains } of covers ?? []) problem.explained.set(keyOfModel([primitive]), explains);
    await trySubstitutes(search);
    return count;
  };
  expect(await countedWith(Number.POSITIVE_INFINITY)).toBeLessThan((await countedWith(0)) / 2);
});

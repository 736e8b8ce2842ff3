import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { type SearchProblem, searchProblemOf } from '../exact/problem.ts';
import { condition } from '../grammar/condition.ts';
import { type Model, when } from '../grammar/primitive.ts';
import { table } from '../primitives/data.ts';
import { lost } from '../primitives/part.ts';
import { ERASES, WRITES } from '../primitives/place.ts';
import type { Change, ReadRequest } from '../recording/record.ts';
import { predict } from '../simulate/predict.ts';
import { madeUpBytes } from './jobs.ts';
import { isPinned } from './pinned.ts';

const SIZE = 0x8000;
const BLOCK = 512;
const shape = pagedFlash(SIZE);

/** One block in each of the first pages, which are read, erased, written and read, on a loader as `model` says. */
function problemOf(model: Model, pages: number, content = madeUpBytes(9, SIZE)): SearchProblem {
  const used = shape.sectors.slice(0, pages);
  const reads = used.map(
    ({ start }): ReadRequest => ({
      kind: 'read',
      base: start,
      number: 0,
      address: start,
      length: BLOCK,
    }),
  );
  const asked: (Change | ReadRequest)[] = [
    ...reads,
    ...used.map(({ start, end }): Change => ({ kind: 'erase', address: start, length: end - start })),
    ...used.map(
      ({ start }): Change => ({
        kind: 'write',
        base: start,
        number: 0,
        address: start,
        bytes: madeUpBytes(start - FLASH_START + 1, BLOCK),
      }),
    ),
    ...reads,
  ];
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content });
  let next = 0;
  const operations = asked.map((operation) =>
    operation.kind === 'read' ? { ...operation, bytes: answers[next++]?.value ?? new Uint8Array(0) } : operation,
  );
  return searchProblemOf({ shape, blockSize: BLOCK, operations });
}

test.each([
  ['every', lost(WRITES)],
  ['all-but-every', lost(WRITES)],
  ['every', lost(ERASES)],
  ['all-but-every', lost(ERASES)],
  ['all-but-every', table(WRITES, 'and', 0x7f)],
] as const)('what comes %s few operations has a period once it has come twice again', (kind, loss) => {
  const model = [when(condition(kind, 4, 1), loss)];
  expect(isPinned(problemOf(model, 9), model)).toBe(false);
  expect(isPinned(problemOf(model, 10), model)).toBe(true);
});

test('two periods that let one operation through together pin down neither', () => {
  const model = [condition('all-but-every', 2, 1), condition('all-but-every', 3, 0)].map((each) =>
    when(each, lost(WRITES)),
  );
  expect(isPinned(problemOf(model, 15), model)).toBe(false);
  expect(isPinned(problemOf(model, 16), model)).toBe(true);
});

test('a condition that nothing read speaks for is no finding', () => {
  const model = [when(condition('from-count', 3), lost(ERASES))];
  expect(isPinned(problemOf(model, 6), model)).toBe(true);
  // An erase of what is blank shows nothing.
  const blankBegin = madeUpBytes(9, SIZE).fill(0xff, 0, 3 * 2048);
  expect(isPinned(problemOf(model, 6, blankBegin), model)).toBe(false);
});

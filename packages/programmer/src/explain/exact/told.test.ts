import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { check } from '../check/check.ts';
import type { Model } from '../grammar/primitive.ts';
import { READS, shift, WRITES } from '../primitives/place.ts';
import { constant } from '../primitives/source.ts';
import type { Change, ReadRequest } from '../recording/record.ts';
import { machineOf } from '../simulate/machine.ts';
import { predict } from '../simulate/predict.ts';
import { madeUpBytes } from '../verdict/jobs.ts';
import { tryModel } from './exact.ts';
import { paceOf } from './pace.ts';
import { type SearchProblem, searchProblemOf } from './problem.ts';
import { tellsWhere } from './told.ts';
import { type Search, tryAll } from './trying.ts';

const SIZE = 0x8000;
const BLOCK = 512;
const shape = pagedFlash(SIZE);

/** Pages from `offset` on are read, erased, written and read, on a loader as `model` says. */
function problemOf(model: Model, offset: number): SearchProblem {
  const used = shape.sectors.filter(({ start }) => start >= FLASH_START + offset).slice(0, 4);
  const reads = used.map(
    ({ start }): ReadRequest => ({ kind: 'read', base: start, number: 0, address: start, length: BLOCK }),
  );
  const changes = used.flatMap(({ start, end }): Change[] => [
    { kind: 'erase', address: start, length: end - start },
    { kind: 'write', base: start, number: 0, address: start, bytes: madeUpBytes(start - FLASH_START + 1, BLOCK) },
  ]);
  const asked = [...reads, ...changes, ...reads];
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content: madeUpBytes(9, SIZE) });
  let next = 0;
  const operations = asked.map((operation) =>
    operation.kind === 'read' ? { ...operation, bytes: answers[next++]?.value ?? new Uint8Array(0) } : operation,
  );
  return searchProblemOf({ shape, blockSize: BLOCK, operations });
}

const NEAR = [shift(READS, 2048)];
const FAR = [shift(READS, 0x4000)];

/** As `tellsWhere`, where nobody asks whether the model is exact otherwise. */
function tells(problem: SearchProblem, model: Model): boolean {
  const { steps, differs: counted } = problem;
  const result = check(machineOf(model, problem.ground), steps, { limit: 0, counted });
  return tellsWhere(problem, { model, toldBits: result?.toldBits ?? 0 });
}

test('where reads come from is told by what was written there, not by answers that stay the same', () => {
  expect(tells(problemOf(NEAR, 0), NEAR)).toBe(true);
  expect(tells(problemOf(FAR, 0), FAR)).toBe(false);
  expect(tells(problemOf([constant(0)], 0), [constant(0)])).toBe(true);
  expect(tells(problemOf([shift(WRITES, 2048)], 0), [shift(WRITES, 2048)])).toBe(true);
});

/** Six pages are read, erased, written and read, then a seventh that nobody has looked at, on cells that take a byte once. */
function problemElsewhere(model: Model): SearchProblem {
  const refusing = { ...shape, overwrite: 'refuses' as const, writeSize: 2 };
  const content = madeUpBytes(9, SIZE).fill(0xff, 0x4000 + 6 * 2048);
  const pages = Array.from({ length: 7 }, (_, i) => FLASH_START + i * 2048);
  const read = (start: number): ReadRequest => ({
    kind: 'read',
    base: start,
    number: 0,
    address: start,
    length: BLOCK,
  });
  const changes = (start: number): Change[] => [
    { kind: 'erase', address: start, length: 2048 },
    { kind: 'write', base: start, number: 0, address: start, bytes: madeUpBytes(start - FLASH_START + 1, BLOCK) },
  ];
  const asked = [...pages.slice(0, 6).map(read), ...pages.flatMap(changes), ...pages.map(read)];
  const answers = predict(model, refusing, asked, { blockSize: BLOCK, content });
  let next = 0;
  const operations = asked.map((operation) =>
    operation.kind === 'read' ? { ...operation, bytes: answers[next++]?.value ?? new Uint8Array(0) } : operation,
  );
  return searchProblemOf({ shape: refusing, blockSize: BLOCK, operations });
}

test('what was exact before may need the luck that flash is blank where a trial writes', () => {
  const elsewhere = [shift(WRITES, 0x4000), shift(READS, 0x4000)];
  const problem = problemElsewhere(elsewhere);
  expect(tryModel(problem, elsewhere)).toBeUndefined();
  expect(tryModel(problem, elsewhere, { isKnown: true })?.model).toBe(elsewhere);
  expect(tryModel(problem, [shift(WRITES, 0x4000)], { isKnown: true })).toBeUndefined();
});

test('one deviation that tells too little is kept for where nothing better is found', async () => {
  const search = (problem: SearchProblem): Search & { faint: NonNullable<Search['faint']> } => ({
    problem,
    pace: paceOf({ clock: { now: () => 0, sleep: async () => {} }, limitMs: 1 }),
    exact: [],
    faint: [],
  });
  const far = search(problemOf(FAR, 0));
  await tryAll(far, [FAR]);
  expect([far.exact.length, far.faint[0]?.model]).toEqual([0, FAR]);
  const near = search(problemOf(NEAR, 0));
  await tryAll(near, [NEAR]);
  expect([near.exact[0]?.model, near.faint.length]).toEqual([NEAR, 0]);
});

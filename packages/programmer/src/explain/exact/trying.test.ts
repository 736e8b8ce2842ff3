import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { condition } from '../grammar/condition.ts';
import { keyOfModel, type Model, when } from '../grammar/primitive.ts';
import { swap, table } from '../primitives/data.ts';
import { line } from '../primitives/lines.ts';
import { late, lost, padded } from '../primitives/part.ts';
import { pieced } from '../primitives/pieces.ts';
import { WRITES } from '../primitives/place.ts';
import type { Change, Operation, ReadRequest, Recording } from '../recording/record.ts';
import { predict } from '../simulate/predict.ts';
import { tryModel } from './exact.ts';
import { withOtherLimits } from './limits-in-whole.ts';
import { paceOf } from './pace.ts';
import { searchProblemOf } from './problem.ts';
import { type Search, tryAll } from './trying.ts';

const START = FLASH_START;
const SIZE = 0x10000;
const BLOCK = 512;
const shape = pagedFlash(SIZE);
const pace = () => paceOf({ clock: { now: () => 0, sleep: async () => {} }, limitMs: 1, most: 10_000 });

const bytesFrom = (first: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + 7 * i + (i >> 3)) & 0x7f);

/** A block of its own, as a base of its own. */
const write = (at: number, bytes: Uint8Array): Change => ({
  kind: 'write',
  base: START + at,
  number: 0,
  address: START + at,
  bytes,
});

const readOf = (asked: Change): ReadRequest | undefined =>
  asked.kind === 'write'
    ? { kind: 'read', base: asked.base, number: 0, address: asked.address, length: BLOCK }
    : undefined;

/** What was done on blank flash by a loader that is as `model` says, with a read of each place before and after. */
function recorded(model: Model, writes: readonly Change[]): Recording {
  const reads = writes.flatMap((each) => readOf(each) ?? []);
  const asked = [...reads, ...writes, ...reads];
  const content = new Uint8Array(SIZE).fill(0xff);
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content });
  let next = 0;
  const operations = asked.map(
    (each): Operation =>
      each.kind === 'read' ? { ...each, bytes: answers[next++]?.value ?? new Uint8Array(0) } : each,
  );
  return { shape, blockSize: BLOCK, operations };
}

async function exactOf(recording: Recording, model: Model): Promise<string[]> {
  const state: Search = { problem: searchProblemOf(recording), pace: pace(), exact: [] };
  await tryAll(state, [model]);
  return state.exact.map((each) => keyOfModel(each.model));
}

const lostFrom = (count: number): Model => [when(condition('from-count', count), lost(WRITES))];
const blocks = (blankAt?: number): Change[] =>
  Array.from({ length: 12 }, (_, n) =>
    write(0x1000 + n * 0x800, n === blankAt ? new Uint8Array(BLOCK).fill(0xff) : bytesFrom(n + 1, BLOCK)),
  );

test('where the first write that is lost would have left no trace, it may as well begin with the next', async () => {
  const [right, next] = [lostFrom(8), lostFrom(9)];
  expect(await exactOf(recorded(right, blocks(8)), right)).toContain(keyOfModel(next));
  expect(await exactOf(recorded(next, blocks(8)), next)).toContain(keyOfModel(right));
  expect(await exactOf(recorded(right, blocks()), right)).not.toContain(keyOfModel(next));
});

test('where a buffer was filled before, nothing tells what it held at first', async () => {
  const [zeros, ones] = (['buffer', 'blankBuffer'] as const).map((filling): Model => [padded(BLOCK, filling)]);
  const short = blocks().map((each, n) =>
    n % 3 === 1 && each.kind === 'write' ? write(each.address - START, each.bytes.slice(0, 64)) : each,
  );
  expect(await exactOf(recorded(zeros ?? [], short), zeros ?? [])).toContain(keyOfModel(ones ?? []));
  const [first, ...others] = short;
  const early = [...(first?.kind === 'write' ? [write(0x800, first.bytes.slice(0, 64))] : []), ...others];
  expect(await exactOf(recorded(zeros ?? [], early), zeros ?? [])).not.toContain(keyOfModel(ones ?? []));
});

test('a limit that a trial leaves open is looked for where all that was done has one', () => {
  const limit = 0x3800;
  const inverted = table(WRITES, 'invert');
  const model = (address: number): Model => [inverted, when(condition('from-address', address), lost(WRITES))];
  const tried = [0x1200, 0x7200].map((at, n) => write(at, bytesFrom(40 + n, BLOCK)));
  const run = recorded(model(limit), blocks());
  const trial = recorded(model(limit), tried);
  const part = searchProblemOf(trial);
  const whole = searchProblemOf({ ...run, operations: [...run.operations, ...trial.operations] });
  const proposed = withOtherLimits(model(0x7000), part, whole).map(keyOfModel);
  expect(proposed).toContain(keyOfModel(model(limit)));
  // It would have lost both, or none, of what the trial wrote.
  for (const other of [0x1000, 0x8000]) expect(proposed).not.toContain(keyOfModel(model(other)));
});

test('two that are exact in a trial are tried in the orders that show only where a block is cut', async () => {
  const [moved, exchanged] = [line(WRITES, 12, 0), swap(WRITES, 8)];
  const truth = [moved, pieced(exchanged, 0x1000)];
  // One block lies across a multiple of 0x1000, and none of the trial does.
  const run = recorded(truth, [...blocks(), write(0x8f04, bytesFrom(50, BLOCK))]);
  const tried = [0xa000, 0xa800, 0xd000].map((at, n) => write(at, bytesFrom(40 + n, BLOCK)));
  const trial = recorded(truth, tried);
  const whole = searchProblemOf({ ...run, operations: [...run.operations, ...trial.operations] });
  const state: Search = { problem: searchProblemOf(trial), whole, pace: pace(), exact: [] };
  await tryAll(state, [[moved, exchanged]]);
  expect(state.exact.map((each) => keyOfModel(each.model))).toContain(keyOfModel(truth));
});

test('a trial knows of the block that still waits when it begins', () => {
  const model = [late(WRITES, WRITES, 1)];
  const [first, second] = [write(0x1000, bytesFrom(1, BLOCK)), write(0x2000, bytesFrom(2, BLOCK))];
  const look = readOf(first);
  const asked = [look, first, look, second, look].flatMap((each) => each ?? []);
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content: new Uint8Array(SIZE).fill(0xff) });
  let next = 0;
  const operations = asked.map(
    (each): Operation =>
      each.kind === 'read' ? { ...each, bytes: answers[next++]?.value ?? new Uint8Array(0) } : each,
  );
  // What was read in the trial has changed though the trial has written something else.
  expect(answers.map(({ value }) => value.every((byte) => byte === 0xff))).toEqual([true, true, false]);
  expect(tryModel(searchProblemOf({ shape, blockSize: BLOCK, operations }, 2), model)).toBeDefined();
});

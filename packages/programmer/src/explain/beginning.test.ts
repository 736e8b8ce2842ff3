import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../testing/flash-shapes.ts';
import { beginningOf } from './beginning.ts';
import { paceOf } from './exact/pace.ts';
import { searchProblemOf } from './exact/problem.ts';
import { condition } from './grammar/condition.ts';
import { keyOf, type Model, type Primitive, when } from './grammar/primitive.ts';
import { table } from './primitives/data.ts';
import { modulo } from './primitives/lines.ts';
import { lost } from './primitives/part.ts';
import { READS, shift, WRITES } from './primitives/place.ts';
import { tellAlone } from './ranking/rank.ts';
import type { Change, Operation, ReadRequest, Recording } from './recording/record.ts';
import { searchAnew } from './search.ts';
import { predict } from './simulate/predict.ts';
import { madeUpBytes } from './verdict/jobs.ts';

const START = FLASH_START;
const SIZE = 0x2_0000;
const BLOCK = 256;
const shape = pagedFlash(SIZE);
const clock = { now: () => 0, sleep: async () => {} };

/** A job of so many blocks on a loader that deviates as `model` says. */
function jobOf(model: Model, count: number): Recording {
  const image = madeUpBytes(5, count * BLOCK);
  const at = START + 0x800;
  const blocks = Array.from({ length: count }, (_, number) => ({ base: at, number, address: at + number * BLOCK }));
  const reads = blocks.map((block): ReadRequest => ({ kind: 'read', ...block, length: BLOCK }));
  const sectors = shape.sectors.filter(({ start }) => start >= at && start < at + image.length);
  const erases = sectors.map(({ start, end }): Change => ({ kind: 'erase', address: start, length: end - start }));
  const writes = blocks.map(
    (block): Change => ({
      kind: 'write',
      ...block,
      bytes: image.slice(block.number * BLOCK, (block.number + 1) * BLOCK),
    }),
  );
  const asked = [...reads, ...erases, ...writes, ...reads];
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content: madeUpBytes(9, SIZE) });
  let next = 0;
  const operations = asked.map(
    (operation): Operation =>
      operation.kind === 'read' ? { ...operation, bytes: answers[next++]?.value ?? new Uint8Array(0) } : operation,
  );
  return { shape, blockSize: BLOCK, operations };
}

test('the beginning of a long run has the lowest blocks, with what was read and erased there', () => {
  const long = jobOf([], 256);
  const beginning = beginningOf(long);
  const count = (kind: Operation['kind'], { operations }: Recording): number =>
    operations.filter((operation) => operation.kind === kind).length;
  expect(beginning && [count('write', beginning), count('read', beginning)]).toEqual([64, 128]);
  const last = beginning?.operations.findLast((operation) => operation.kind === 'erase');
  expect(last?.kind === 'erase' && last.address + last.length).toBe(START + 0x800 + 64 * BLOCK);
  expect(beginningOf(jobOf([], 60))).toBeUndefined();
});

const masked = table(WRITES, 'and', 0xfe);
const pair: readonly Primitive[] = [shift(WRITES, 0x40), masked];

test('two deviations that leave no byte right are found in a long run, and are exact in all of it', async () => {
  const recording = jobOf(pair, 256);
  const problem = searchProblemOf(recording);
  const { exact, isComplete } = await searchAnew(recording, problem, {
    pace: paceOf({ clock, limitMs: 1, most: 8000 }),
  });
  expect((exact[0]?.model ?? []).map(keyOf).sort()).toEqual(pair.map(keyOf).sort());
  expect(isComplete).toBe(false);
});

test('one deviation that shows only behind the beginning of a long run is found in all of it', async () => {
  const late = when(condition('from-count', 100), lost(WRITES));
  const recording = jobOf([late], 256);
  const { exact } = await searchAnew(recording, searchProblemOf(recording), {
    pace: paceOf({ clock, limitMs: 1, most: 4000 }),
  });
  expect(exact.map(({ model }) => model.map(keyOf).join())).toContain(keyOf(late));
});

test('a deviation that is nearly right is nearer than those that read one place again and again', async () => {
  const problem = searchProblemOf(jobOf(pair, 60));
  const told = await tellAlone({ problem, pace: paceOf({ clock, limitMs: 1 }), exact: [] }, [
    shift(WRITES, 0x40),
    modulo([...READS, ...WRITES], 0x100),
    lost(WRITES),
  ]);
  const [moved, folded, none] = (told ?? []).map(({ gain }) => gain);
  expect(moved).toBeGreaterThan(0.5);
  expect(folded).toBeLessThan(moved ?? 0);
  expect(none).toBeLessThan(moved ?? 0);
});

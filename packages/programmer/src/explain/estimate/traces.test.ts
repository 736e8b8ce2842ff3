import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { searchProblemOf } from '../exact/problem.ts';
import { explainOnce } from '../explain.ts';
import { keyOf, type Model, type Primitive } from '../grammar/primitive.ts';
import { rotated, stripes, swap, table } from '../primitives/data.ts';
import { massErase } from '../primitives/erase.ts';
import { modulo } from '../primitives/lines.ts';
import { lost, tailLost } from '../primitives/part.ts';
import { also, READS, shift, WRITES } from '../primitives/place.ts';
import { lateAnswer } from '../primitives/source.ts';
import type { Change, ReadRequest, Recording } from '../recording/record.ts';
import { predict } from '../simulate/predict.ts';
import { alikeIn } from '../verdict/alike.ts';
import { madeUpBytes, madeUpJobs } from '../verdict/jobs.ts';
import { findTraces, surelyFrom } from './landing.ts';
import { bringsAll } from './traces.ts';

const SIZE = 0x10000;
const BLOCK = 1024;
const BLOCKS = 12;
const shape = pagedFlash(SIZE);

/** A job on a loader that deviates as `model` says. */
function recordedBy(model: Model, image: Uint8Array): Recording {
  const base = FLASH_START + 0x2000;
  const places = Array.from({ length: BLOCKS }, (_, number) => ({ base, number, address: base + number * BLOCK }));
  const reads = places.map((place): ReadRequest => ({ kind: 'read', ...place, length: BLOCK }));
  const erases = shape.sectors
    .filter(({ start, end }) => start >= base && end <= base + 16 * BLOCK)
    .map(({ start, end }): Change => ({ kind: 'erase', address: start, length: end - start }));
  const writes = places.map(
    (place, i): Change => ({ kind: 'write', ...place, bytes: image.subarray(i * BLOCK, (i + 1) * BLOCK) }),
  );
  const asked = [...reads, ...erases, ...writes, ...reads];
  const answers = predict(model, shape, asked, { blockSize: BLOCK, content: madeUpBytes(9, SIZE) });
  let next = 0;
  const operations = asked.map((operation) =>
    operation.kind === 'read' ? { ...operation, bytes: answers[next++]?.value ?? new Uint8Array(0) } : operation,
  );
  return { shape, blockSize: BLOCK, operations };
}

const unlike = madeUpBytes(5, BLOCKS * BLOCK);
const repeating = Uint8Array.from({ length: BLOCKS * BLOCK }, (_, i) => unlike[i % 0x100] ?? 0);
const higher = shift(WRITES, 0x100);

function surelyIn(recording: Recording) {
  const { seen, ground } = searchProblemOf(recording);
  return { surely: surelyFrom(seen, findTraces(seen)), ground };
}

test('bytes that turned up elsewhere refute what does not bring them there', () => {
  const { surely, ground } = surelyIn(recordedBy([higher], unlike));
  expect(surely.length).toBeGreaterThan(6);
  const brings = (model: Model): boolean => bringsAll(surely, model, ground, true);
  // What writes bytes of the block before brings them wherever blocks go.
  const behind = [rotated(READS, 0x100, 'before'), stripes(WRITES, [64, 0, 32], 'before')];
  const may = [higher, shift(READS, -0x100), also(WRITES, 0x100), ...behind, lateAnswer(0)];
  const cannot = [
    shift(WRITES, 0x200),
    modulo(WRITES, 0x2000),
    swap(WRITES, 2),
    table(WRITES, 'and', 0xfe),
    lost(WRITES),
  ];
  expect(may.filter((each) => !brings([each])).map(keyOf)).toEqual([]);
  expect(cannot.filter((each) => brings([each])).map(keyOf)).toEqual([]);
  // What may bring anything anywhere shows nothing of the others.
  expect(bringsAll(surely, [lateAnswer(0)], ground, false)).toBe(false);
});

test('bytes that arrived as they should refute what changes or moves them, where it is known that others stood there', () => {
  const recording = recordedBy([tailLost(WRITES, 64)], unlike);
  const { surely, ground } = surelyIn(recording);
  const left = (all: readonly Primitive[]): string[] =>
    all.filter((each) => bringsAll(surely, [each], ground, true)).map(keyOf);
  const may = [tailLost(WRITES, 64), tailLost(WRITES, 32), massErase(), stripes(WRITES, [BLOCK, BLOCK - 64, BLOCK])];
  expect(left(may)).toEqual(may.map(keyOf));
  expect(left([shift(WRITES, 0x100), lost(WRITES), table(WRITES, 'and', 0xfe), swap(READS, 2)])).toEqual([]);
  const unread = { ...recording, operations: recording.operations.slice(BLOCKS) };
  expect(surelyIn(unread).surely).toEqual([]);
});

test('bytes that an image holds again and again refute nothing: what moves none of them stays a rival', async () => {
  const recording = recordedBy([higher], repeating);
  expect(surelyIn(recording).surely).toEqual([]);
  const { exact } = await explainOnce(
    recording,
    { clock: { now: () => 0, sleep: async () => {} }, mostModels: 3000 },
    { known: [], variant: 0 },
  );
  const named = exact.map((model) => model.map(keyOf).join(' + '));
  expect(named).toEqual(expect.arrayContaining(['shift(w by=256)', 'bounded(w limit=8448 above=0)']));
});

test('bytes that were read somewhere before anything changed may have come from there', () => {
  const model = [higher];
  const recording = recordedBy(model, unlike);
  const looked: Recording = {
    ...recording,
    operations: [
      { kind: 'read', base: FLASH_START, number: 0, address: FLASH_START, bytes: unlike },
      ...recording.operations,
    ],
  };
  expect(surelyIn(looked).surely).toEqual([]);
});

test('models that answer all made-up jobs alike are one, whatever is told apart by the short ones', () => {
  const { ground, steps } = searchProblemOf(recordedBy([higher], unlike));
  const jobs = madeUpJobs(shape, ground, steps);
  const models: Model[] = [[higher], [shift(WRITES, 0x200)], [], [shift(WRITES, 0)], [higher], [swap(WRITES, 2)]];
  const groups = alikeIn(models, (model) => model, ground, jobs);
  expect(groups.map((group) => group.map((model) => models.indexOf(model)))).toEqual([[0, 4], [1], [2, 3], [5]]);
});

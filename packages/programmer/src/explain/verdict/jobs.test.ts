import { expect, test } from 'vitest';
import { pagedFlash } from '../../../testing/flash-shapes.ts';
import { guardCandidates } from '../candidates/candidates.ts';
import type { Model } from '../grammar/primitive.ts';
import { rotated } from '../primitives/data.ts';
import { READS } from '../primitives/place.ts';
import type { Operation, Shape } from '../recording/record.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { alikeIn, vagueAmong } from './alike.ts';
import { madeUpJobs } from './jobs.ts';

const START = 0x0800_0000;

function shapeOf(size: number): Shape {
  const sectors = [{ start: START, end: START + size }];
  return { start: START, end: START + size, sectors, erasedValue: 0xff, cells: 'plain', writeSize: 2 };
}

const read = (address: number, length: number): Operation => ({
  kind: 'read',
  base: address,
  number: 0,
  address,
  bytes: new Uint8Array(length),
});

test.each([
  ['a run that only read', 128 * 1024, 2048, [read(START + 0x5000, 2048)]],
  ['flash of a few blocks', 16 * 1024, 2048, [read(START, 2048)]],
  ['flash of one block', 2048, 2048, [read(START, 2048)]],
  ['no operation at all', 64 * 1024, 1024, []],
])('jobs can be made up after %s, each within the flash', (_, size, blockSize, operations) => {
  const shape = shapeOf(size);
  const jobs = madeUpJobs(shape, groundOf(shape, blockSize), stepsOf(operations, shape, blockSize));
  expect(jobs).toHaveLength(6);
  const writes = jobs.flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'write'));
  expect(writes.length).toBeGreaterThan(0);
  for (const { address, length } of writes) {
    expect(address).toBeGreaterThanOrEqual(0);
    expect(address + length).toBeLessThanOrEqual(size);
  }
});

test('jobs tell at each number of blank bytes, or of zeros, with which a block may begin', () => {
  const shape = shapeOf(128 * 1024);
  const blocks = madeUpJobs(shape, groundOf(shape, 2048), [], true).flatMap(({ steps }) =>
    steps.flatMap(({ kind, bytes }) => (kind === 'write' ? [bytes] : [])),
  );
  for (const value of [0xff, 0]) {
    const lengths = new Set(blocks.map((bytes) => bytes.findIndex((byte) => byte !== value)));
    for (const n of [1, 3, 7, 9, 10, 13, 16, 20, 64]) expect(lengths).toContain(n);
  }
});

test('jobs hold short blocks that are multiples of every power of two from 8 to 512 and of no more', () => {
  const shape = shapeOf(128 * 1024);
  const lengths = madeUpJobs(shape, groundOf(shape, 2048), []).flatMap(({ steps }) =>
    steps.flatMap(({ kind, length }) => (kind === 'write' ? [length & -length] : [])),
  );
  for (let unit = 8; unit <= 512; unit *= 2) expect(lengths).toContain(unit);
});

test('jobs tell apart at how many bytes of a sector an erase or a write looks', () => {
  const shape = pagedFlash(0x20000);
  const writes = Array.from({ length: 20 }, (_, number): Operation => {
    const base = shape.start + 0x2000;
    return { kind: 'write', base, number, address: base + number * 2048, bytes: new Uint8Array(2048) };
  });
  const ground = groundOf(shape, 2048, writes);
  const guards = [...guardCandidates('erase', ground), ...guardCandidates('write', ground)];
  const ofSectors = guards.filter(({ parameters: { place } }) => place !== 0);
  const models = [[], ...ofSectors.map((each): Model => [each])];
  const jobs = madeUpJobs(shape, ground, stepsOf(writes, shape, 2048));
  expect(alikeIn(models, (model) => model, ground, jobs)).toHaveLength(models.length);
});

test('a model that does not say what some bytes are says less than one that does, and is right with all else', () => {
  const shape = pagedFlash(0x2_0000);
  const ground = groundOf(shape, 2048);
  const jobs = madeUpJobs(shape, ground, stepsOf([read(shape.start, 2048)], shape, 2048));
  const [open, ones, zeros] = (['none', 'ones', 'zero'] as const).map((filling) => [rotated(READS, -8, filling)]);
  const vague = (...models: (Model | undefined)[]) =>
    vagueAmong(
      models.flatMap((model) => (model ? [model] : [])),
      ground,
      jobs,
    );
  expect(vague(ones, open)).toEqual([open]);
  expect(vague(zeros, open, ones)).toEqual([open]);
  // They say as much, or something else.
  expect(vague(ones, zeros)).toEqual([]);
  expect(vague(open)).toEqual([]);
});

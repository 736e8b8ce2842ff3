import { expect, test } from 'vitest';
import { FLASH_START, flashOf } from '../../../testing/flash-shapes.ts';
import { searchProblemOf } from '../exact/problem.ts';
import { condition } from '../grammar/condition.ts';
import { type Model, when } from '../grammar/primitive.ts';
import { swap } from '../primitives/data.ts';
import { blankGuard } from '../primitives/guard.ts';
import { line } from '../primitives/lines.ts';
import { bounded, lost } from '../primitives/part.ts';
import { also, ERASES, numberWraps, onePlace, READS, signedDistance, WRITES } from '../primitives/place.ts';
import { constant } from '../primitives/source.ts';
import type { Asked } from '../recording/asked.ts';
import type { Recording, Shape } from '../recording/record.ts';
import { needsRestart, RESTART, separate } from './experiment.ts';
import { scratchTrial } from './scratch.ts';

const START = FLASH_START;
const KB = 1024;
const VARIANTS = [0, 1, 2, 3, 4, 5];

/** RM0008 §3.3.3: pages of 2 KB. RM0090 §3.4: four sectors of 16 KB, one of 64 KB, then some of 128 KB. */
const PAGES = flashOf(Array.from({ length: 128 }, () => 2 * KB));
const SECTORS = flashOf([16, 16, 16, 16, 64, 128, 128, 128].map((size) => size * KB));

test.each<[string, Shape, number, number]>([
  ['many pages', PAGES, 4, 100],
  ['few pages', PAGES, 0, 8],
  ['sectors from 16 to 64 KB', SECTORS, 0, 128],
  ['two sectors', SECTORS, 16, 48],
  ['units of 16 bytes', { ...flashOf(Array.from({ length: 32 }, () => 8 * KB)), writeSize: 16 }, 0, 64],
  ['units of 32 bytes', { ...flashOf([128, 128].map((size) => size * KB)), writeSize: 32 }, 0, 128],
])('it erases and writes only in its place, and writes only what is erased: %s', (_, shape, from, to) => {
  const scratch = { start: START + from * KB, end: START + to * KB };
  const recording: Recording = { shape, blockSize: 2 * KB, operations: [] };
  const models = [
    [blankGuard('erase', 'sector-end', 256)],
    [blankGuard('erase', 'sector-start', 8)],
    [when(condition('from-address', 20 * KB), lost(WRITES))],
    [bounded(WRITES, 33 * KB, 1)],
    [line(READS, 14, 1), swap(READS, 8)],
  ];
  for (const variant of VARIANTS) {
    const isErased = new Uint8Array(shape.end - START);
    const wrote: boolean[] = [];
    for (const operation of scratchTrial(scratch, recording, variant, models)) {
      if (operation.kind === 'read' || operation.kind === 'erase-all') continue;
      const length = operation.kind === 'erase' ? operation.length : operation.bytes.length;
      expect(operation.address).toBeGreaterThanOrEqual(scratch.start);
      expect(operation.address + length).toBeLessThanOrEqual(scratch.end);
      // Sectors are whole units as well.
      expect([operation.address % shape.writeSize, length % shape.writeSize]).toEqual([0, 0]);
      const cells = isErased.subarray(operation.address - START, operation.address - START + length);
      if (operation.kind === 'write') wrote.push(cells.every((one) => one === 1));
      cells.fill(operation.kind === 'erase' ? 1 : 0);
    }
    expect(wrote.length).toBeGreaterThan(0);
    expect(wrote).not.toContain(false);
  }
});

const WIDE = { start: START + 4 * KB, end: START + 100 * KB };

/** What is asked because of these models, and is not asked without them. */
function askedFor(models: readonly Model[]): Asked[] {
  const recording: Recording = { shape: PAGES, blockSize: 2 * KB, operations: [] };
  const textOf = (operation: Asked): string => JSON.stringify(operation);
  const plain = new Set(scratchTrial(WIDE, recording, 0, []).map(textOf));
  return scratchTrial(WIDE, recording, 0, models).filter((operation) => !plain.has(textOf(operation)));
}

/** Whether one of the operations of this kind holds a byte below the offset and one above it. */
const liesAcross = (asked: readonly Asked[], kind: 'write' | 'read', offset: number): boolean =>
  asked.some((operation) => {
    if (operation.kind !== kind) return false;
    const length = operation.kind === 'write' ? operation.bytes.length : operation.length;
    return operation.address < START + offset && operation.address + length > START + offset;
  });

test('nothing longer than a block is written at once, however short blocks are', () => {
  const models = [[bounded(WRITES, 37 * KB, 1)], [line(READS, 14, 1), swap(READS, 8)]];
  const asked = scratchTrial(WIDE, { shape: PAGES, blockSize: 64, operations: [] }, 0, models);
  const lengths = asked.flatMap((each) => (each.kind === 'write' ? [each.bytes.length] : []));
  expect(Math.max(...lengths)).toBe(64);
});

test('blocks begin with one, two, four and eight bytes as though they were blank, or zero', () => {
  const recording: Recording = { shape: PAGES, blockSize: 2 * KB, operations: [] };
  const writes = scratchTrial(WIDE, recording, 0, []).flatMap((each) => (each.kind === 'write' ? [each.bytes] : []));
  for (const value of [0xff, 0]) {
    const lengths = new Set(writes.map((bytes) => bytes.findIndex((byte) => byte !== value)));
    expect([...lengths].sort((a, b) => a - b)).toEqual([0, 1, 2, 4, 8]);
  }
});

test('where blocks that begin with so many blank bytes may be lost, some begin with one fewer, and with so many', () => {
  const recording: Recording = { shape: PAGES, blockSize: 2 * KB, operations: [] };
  const models = [[when(condition('begins-with', 13, 0xff), lost(WRITES))]];
  const writes = scratchTrial(WIDE, recording, 0, models).flatMap((each) =>
    each.kind === 'write' ? [each.bytes] : [],
  );
  const lengths = writes.map((bytes) => bytes.findIndex((byte) => byte !== 0xff));
  expect(lengths).toContain(12);
  expect(lengths).toContain(13);
});

test('a block lies across a limit of writes, and is read', () => {
  const limit = 37 * KB;
  for (const model of [[when(condition('from-address', limit), lost(WRITES))], [bounded(WRITES, limit, 1)]]) {
    const asked = askedFor([model]);
    expect(liesAcross(asked, 'write', limit)).toBe(true);
    expect(liesAcross(asked, 'read', limit)).toBe(true);
  }
});

test('a block lies across a border at which a model cuts what another one changes', () => {
  const border = 16 * KB;
  const asked = askedFor([[line(READS, 14, 1), swap(READS, 8)]]);
  expect(liesAcross(asked, 'write', border)).toBe(true);
  expect(liesAcross(asked, 'read', border)).toBe(true);
  expect(liesAcross(askedFor([[line(READS, 14, 1)]]), 'write', border)).toBe(false);
});

test('where erases seem to do nothing, sectors all over the flash are looked at', () => {
  const far = (asked: readonly Asked[]): number =>
    asked.filter(({ kind, ...place }) => kind === 'read' && 'address' in place && place.address >= WIDE.end).length;
  expect(far(askedFor([[lost(ERASES)]]))).toBeGreaterThan(32);
  expect(far(askedFor([[when(condition('first'), lost(ERASES))]]))).toBe(0);
});

test('where nothing is said to arrive, all that a trial erases is read', () => {
  const sectors = [0, 64, 128].map((at) => ({ start: START + at * KB, end: START + (at + 64) * KB }));
  const recording: Recording = { shape: { ...PAGES, sectors }, blockSize: 2 * KB, operations: [] };
  const place = { start: START, end: START + 128 * KB };
  const bytesRead = (model: Model): number => {
    const asked = scratchTrial(place, recording, 0, [model]);
    const read = new Set(
      asked.flatMap((each) => (each.kind === 'read' && each.length === 2 * KB ? [each.address] : [])),
    );
    return Array.from({ length: 64 }, (_, i) => START + i * 2 * KB).filter((at) => read.has(at)).length * 2 * KB;
  };
  expect(bytesRead([lost(WRITES)])).toBe(128 * KB);
  expect(bytesRead([when(condition('first'), lost(WRITES))])).toBeLessThan(64 * KB);
});

test('where nothing that is written is seen, places are looked at that one wrong address line leads to', () => {
  const [first] = scratchTrial(WIDE, { shape: PAGES, blockSize: 2 * KB, operations: [] }, 0, []).filter(
    ({ kind }) => kind === 'write',
  );
  const at = first && 'address' in first ? first.address : 0;
  const half = START + ((at - START) ^ (128 * KB));
  const looks = askedFor([[constant(0xff)]]).filter((each) => each.kind === 'read' && each.address === half);
  expect(looks.length).toBeGreaterThan(0);
});

const writesIn = (
  asked: readonly Asked[],
): { readonly address: number; readonly number: number; readonly end: number }[] =>
  asked.flatMap((each) =>
    each.kind === 'write'
      ? [{ address: each.address - START, number: each.number, end: each.address - START + each.bytes.length }]
      : [],
  );

test('a piece ends in the middle of a double word, where cells take less at once', () => {
  const ends = (shape: Shape): number[] =>
    writesIn(scratchTrial(WIDE, { shape, blockSize: 2 * KB, operations: [] }, 0, [])).map(({ end }) => end % 8);
  expect(new Set(ends({ ...PAGES, writeSize: 4 }))).toEqual(new Set([0, 4]));
  expect(new Set(ends({ ...PAGES, writeSize: 8 }))).toEqual(new Set([0]));
});

test.each<[string, Model, 'write' | 'read', number]>([
  ['a number that wraps', [numberWraps(WRITES, 12)], 'write', 12],
  ['a distance that is signed', [signedDistance(READS, 15)], 'read', 8],
  ['losses from a number on', [when(condition('from-number', 14), lost(WRITES))], 'write', 14],
  ['all but one block of each run', [when(condition('all-but-every-in-run', 12, 8), lost(WRITES))], 'write', 8],
])('a run is long enough for %s', (_, model, kind, number) => {
  const numbers = askedFor([model]).flatMap((each) => (each.kind === kind ? [each.number] : []));
  expect(Math.max(...numbers)).toBeGreaterThan(number);
});

test('a block lies between two limits that are less than a block apart', () => {
  const models = [
    [when(condition('from-address', 36 * KB), lost(WRITES))],
    [when(condition('ends-from', 37 * KB), lost(WRITES))],
  ];
  const isBetween = ({ address, end }: { address: number; end: number }): boolean =>
    address >= 36 * KB && end < 37 * KB;
  expect(writesIn(askedFor(models)).filter(isBetween)).not.toEqual([]);
});

test('where all reads come from one place, those are written that differ from it in a line of the address', () => {
  const written = writesIn(askedFor([[onePlace(READS, 40 * KB)]])).map(({ address }) => address);
  expect(written).toEqual(expect.arrayContaining([8, 16].map((by) => (40 + by) * KB)));
});

test('what a write looks at first is blank but for its last byte, and a block is written behind it', () => {
  const asked = askedFor([[blankGuard('write', 'sector-start', 4)]]);
  const marked = asked.flatMap((each) => (each.kind === 'write' && each.bytes.length === 8 ? [each] : []));
  expect(marked.map(({ bytes }) => [...bytes])).toEqual([[0xff, 0xff, 0xff, 0x5a, 0xff, 0xff, 0xff, 0xff]]);
  const sector = (marked[0]?.address ?? 0) - START;
  const behind = writesIn(asked).filter(({ address }) => address > sector && address < sector + 2 * KB);
  expect(behind).not.toEqual([]);
});

test('a block is written where a model sends it to another place that may be erased, and looked for there', () => {
  const models = [[also(WRITES, 16 * KB)]];
  const copies = writesIn(askedFor(models)).map(({ address }) => address + 16 * KB);
  const asked = scratchTrial(WIDE, { shape: PAGES, blockSize: 2 * KB, operations: [] }, 0, models);
  const erased = asked.flatMap((each) => (each.kind === 'erase' ? [each.address - START] : []));
  const read = asked.flatMap((each) => (each.kind === 'read' ? [each.address - START] : []));
  expect(copies.filter((at) => erased.includes(at) && read.includes(at))).not.toEqual([]);
});

test('no erase of its first sectors stands beside the one before: a pair that is erased at once is not two erases', () => {
  const distances = VARIANTS.flatMap((variant) => {
    const asked = scratchTrial(WIDE, { shape: PAGES, blockSize: 2 * KB, operations: [] }, variant, []);
    const firstWrite = asked.findIndex(({ kind }) => kind === 'write');
    const erases = asked.slice(0, firstWrite).flatMap((each) => (each.kind === 'erase' ? [each.address] : []));
    return erases.slice(1).map((address, i) => Math.abs(address - (erases[i] ?? 0)));
  });
  expect(distances.length).toBeGreaterThan(0);
  expect(Math.min(...distances)).toBeGreaterThan(2 * KB);
});

test('what is said to have ended for all that comes is held against a loader that starts anew', () => {
  const recording: Recording = {
    shape: PAGES,
    blockSize: 2 * KB,
    operations: [
      { kind: 'erase', address: START, length: 2 * KB },
      { kind: 'read', base: START, number: 0, address: START, bytes: new Uint8Array(64) },
    ],
  };
  const problem = searchProblemOf(recording);
  const restartsFor = (model: Model, variant: number): boolean => {
    const trial = separate(problem, recording, [model], { scratch: WIDE, variant, canRestart: true });
    return trial?.kind === 'scratch' && trial.restarts;
  };
  const ended = [when(condition('from-count', 1), lost(ERASES))];
  const everySecond = [when(condition('every', 2, 1), lost(ERASES))];
  expect([0, 1, 2].map((variant) => restartsFor(ended, variant))).toEqual([false, true, true]);
  expect([0, 1, 2].map((variant) => restartsFor(everySecond, variant))).toEqual([false, true, false]);
  const anew: Recording = { ...recording, operations: [...recording.operations, RESTART] };
  expect(needsRestart(recording, ended)).toBe(true);
  expect(needsRestart(anew, ended)).toBe(false);
});

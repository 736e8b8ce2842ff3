import { expect, test } from 'vitest';
import { keyOfModel, type Model } from '../grammar/primitive.ts';
import { rotated, swap } from '../primitives/data.ts';
import { eraseNeighbour } from '../primitives/erase.ts';
import { headLost, tailLost } from '../primitives/part.ts';
import { CHANGES, ERASES, READS, shift, WRITES } from '../primitives/place.ts';
import { groundOf } from '../recording/steps.ts';
import { predict } from '../simulate/predict.ts';
import { slippedModels, translatedModels } from './translated.ts';

const START = 0x0800_0000;
const sectorsOf = (lengths: readonly number[]) => {
  let end = START;
  return lengths.map((length) => {
    const start = end;
    end += length;
    return { start, end };
  });
};
const shapeWith = (lengths: readonly number[]) =>
  ({
    start: START,
    end: START + lengths.reduce((sum, length) => sum + length, 0),
    sectors: sectorsOf(lengths),
    erasedValue: 0xff,
    cells: 'plain',
    writeSize: 2,
  }) as const;
const groundWith = (lengths: readonly number[]) => groundOf(shapeWith(lengths), 2048);
const SHAPE = shapeWith(Array.from({ length: 4 }, () => 2048));
const BLANK = new Uint8Array(SHAPE.end - SHAPE.start).fill(0xff);
const PAGES = groundWith(Array.from({ length: 64 }, () => 2048));
const SECTORS = groundWith([0x4000, 0x4000, 0x1_0000]);

test.each<[string, Model, string[]]>([
  ['reads, as erases and writes the other way', [shift(READS, 0x1000)], ['shift(ew by=-4096)']],
  [
    'reads and erases, as writes and reads or as writes and erases',
    [shift(READS, 6144), eraseNeighbour(1, 1)],
    ['shift(w by=-2048) + shift(r by=4096)', 'shift(e by=-4096) + shift(w by=-6144)'],
  ],
])('%s', (_, model, expected) => {
  expect(translatedModels(model, PAGES).map(keyOfModel).sort()).toEqual(expected.sort());
});

test('nothing where more than distances deviates, or where sectors are not alike', () => {
  expect(translatedModels([shift(WRITES, 64), swap(WRITES, 2)], PAGES)).toEqual([]);
  expect(translatedModels([shift(CHANGES, 64), eraseNeighbour(1, 0)], PAGES)).toEqual([]);
  expect(translatedModels([eraseNeighbour(1, 1)], SECTORS)).toEqual([]);
  expect(translatedModels([shift(ERASES, 0x4000)], SECTORS).map(keyOfModel)).toEqual(['shift(wr by=-16384)']);
});

test.each<[string, Model, Model]>([
  ['head, read lower', [shift(READS, -508), headLost(WRITES, 4)], [shift(READS, -512), rotated(WRITES, -4, 'ones')]],
  ['end, written higher', [shift(WRITES, 264), tailLost(WRITES, 8)], [shift(WRITES, 256), rotated(WRITES, 8, 'ones')]],
])('blocks that lack their %s, may have slipped', (_, model, slipped) => {
  expect(slippedModels(model).map(keyOfModel)).toContain(keyOfModel(slipped));
  const [place, part] = model;
  // On flash that is blank around them, both give the same.
  const block = Uint8Array.from({ length: 64 }, (__, i) => i + 1);
  const asked = [
    { kind: 'write', base: START + 0x1000, number: 0, address: START + 0x1000, bytes: block },
    { kind: 'read', base: START + 0xe00, number: 0, address: START + 0xe00, length: 0x600 },
  ] as const;
  const answers = [model, slipped].map(
    (each) => predict(each, SHAPE, asked, { blockSize: 2048, content: BLANK })[0]?.value,
  );
  expect(answers[1]).toEqual(answers[0]);
  expect(place && part && slippedModels([place, swap(WRITES, 2)])).toEqual([]);
});

import { expect, test } from 'vitest';
import { keyOfModel, type Model } from './primitive.ts';
import { swap } from './primitives/data.ts';
import { eraseNeighbour } from './primitives/erase.ts';
import { CHANGES, ERASES, READS, shift, WRITES } from './primitives/place.ts';
import { groundOf } from './steps.ts';
import { translatedModels } from './translated.ts';

const START = 0x0800_0000;
const sectorsOf = (lengths: readonly number[]) => {
  let end = START;
  return lengths.map((length) => {
    const start = end;
    end += length;
    return { start, end };
  });
};
const groundWith = (lengths: readonly number[]) =>
  groundOf(
    {
      start: START,
      end: START + lengths.reduce((sum, length) => sum + length, 0),
      sectors: sectorsOf(lengths),
      erasedValue: 0xff,
      cells: 'plain',
      writeSize: 2,
    },
    2048,
  );
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

import { expect, test } from 'vitest';
import { looksWorthMaking, proofOrder } from './looks.ts';

const START = 0x0800_0000;
const shape = {
  start: START,
  end: START + 0x40000,
  sectors: [{ start: START, end: START + 0x40000 }],
  erasedValue: 0xff,
  cells: 'plain',
  writeSize: 2,
} as const;

test('looks lie at the end of the flash, beside the image and at powers of two, and none in the image', () => {
  const image = [{ start: START, end: START + 0x5001 }];
  const looks = looksWorthMaking(shape, image);
  expect(looks.at(-1)).toEqual({ start: START + 0x40000 - 128, end: START + 0x40000 });
  expect(looks.map(({ start }) => start - START)).toContain(0x8000);
  expect(looks.every(({ start }) => start >= START + 0x5001)).toBe(true);
});

test('all looks together read 2 KB at most, with the one outside the flash', () => {
  const outside = { start: 0x1fff_f7e8, end: 0x1fff_f7f4 };
  const big = { ...shape, end: START + 0x200000 };
  const looks = looksWorthMaking(big, [{ start: START + 0x4000, end: START + 0x5000 }], { outside });
  expect(looks[0]).toEqual(outside);
  expect(looks.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThanOrEqual(2048);
});

test('a proof reads the upper half first, and all of it once', () => {
  const [upper, lower] = proofOrder({ start: START, end: START + 10 * 2048 + 100 }, 2048);
  expect(upper).toEqual({ start: START + 5 * 2048, end: START + 10 * 2048 + 100 });
  expect(lower).toEqual({ start: START, end: START + 5 * 2048 });
  expect(proofOrder({ start: START, end: START + 100 }, 2048)).toHaveLength(1);
});

import { expect, test } from 'vitest';
import { LOOK_BYTES, looksAround } from './looks.ts';

const START = 0x0800_0000;
const FLASH = { start: START, end: START + 0x40000 };
const look = (start: number) => ({ start, end: start + LOOK_BYTES });

test('looks lie at the ends of the flash, beside the job and a power of two away, and none in the job', () => {
  const used = { start: START + 0x800, end: START + 0x1_d000 };
  const looks = looksAround(FLASH, [used], {
    changed: START + 0x1234,
    last: { start: FLASH.end - 0x800, end: FLASH.end },
  });
  expect(looks.slice(0, 7)).toEqual([
    look(FLASH.end - LOOK_BYTES),
    look(START),
    look(used.end),
    look(used.start - LOOK_BYTES),
    look(START + 0x2_1200),
    look(FLASH.end - 0x800),
    look(FLASH.end - 0x600),
  ]);
  expect(looks.every(({ start, end }) => end <= used.start || start >= used.end)).toBe(true);
});

test('a job in the upper half is looked for in the lower one', () => {
  const looks = looksAround(FLASH, [{ start: START + 0x3_0000, end: START + 0x4_0000 }], { changed: START + 0x3_0400 });
  expect(looks).toContainEqual(look(START + 0x1_0400));
  expect(looks).not.toContainEqual(look(FLASH.end - LOOK_BYTES));
});

test('a job on all of the flash leaves no place to look at', () => {
  expect(looksAround(FLASH, [FLASH])).toEqual([]);
});

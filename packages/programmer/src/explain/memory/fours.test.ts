import { expect, test } from 'vitest';
import { madeUpBytes } from '../verdict/jobs.ts';
import { unknownCells } from './cells.ts';
import { clearBits, filledUpTo, heldUpTo, inFours, onesIn } from './fours.ts';

/** Starts that lie at multiples of four and that do not, and lengths for which views are made and for which none are. */
const CASES = [0, 1, 4, 6].flatMap((from) =>
  [0, 1, 15, 16, 17, 127, 128, 131, 500].map((length) => [from, length] as const),
);

test.each(CASES)(
  'a stretch of one value from %i on ends at the first other one, %i bytes further on',
  (from, length) => {
    const bytes = new Uint8Array(700).fill(0xa5, from, from + length);
    expect(filledUpTo(bytes, 0xa5, from, 700)).toBe(from + length);
    expect(filledUpTo(bytes, 0xa5, from, from + length)).toBe(from + length);
  },
);

test.each(CASES)('marks from %i on are counted, %i of them', (from, length) => {
  const marks = madeUpBytes(3, 700).map((byte) => byte & 1);
  const expected = marks.slice(from, from + length).filter((mark) => mark === 1).length;
  expect(onesIn(marks, from, from + length)).toBe(expected);
});

test.each(CASES)('bits from %i on are cleared in %i bytes and in no others', (from, length) => {
  const bytes = madeUpBytes(5, 700);
  const mask = madeUpBytes(7, 700);
  const expected = bytes.map((byte, at) =>
    at >= from && at < from + length ? byte & (mask[at - from + 8] ?? 0) : byte,
  );
  clearBits(bytes, from, mask, 8, length);
  expect(bytes).toEqual(expected);
});

test.each(CASES)(
  'cells from %i on hold what was read up to one that does not, or is open, %i bytes further on',
  (from, length) => {
    const by = 8;
    for (const isOpen of [true, false]) {
      const [span] = unknownCells([[0, 720]], {
        size: 1024,
        unit: 1,
        erasedValue: 0xff,
        isAlone: true,
        isEcc: false,
        known: [],
      });
      if (!span) throw new Error('no cells');
      const bytes = madeUpBytes(9, 700);
      span.value.set(bytes, by);
      span.unknown.fill(0);
      const last = from + length;
      if (isOpen) span.unknown[last + by] = 1;
      else span.value[last + by] = (bytes[last] ?? 0) ^ 0x10;
      expect(heldUpTo(bytes, span, from, 700, by)).toBe(last);
    }
  },
);

test.each(CASES)('bytes from %i on come four by four, %i of them, and then zeros', (from, length) => {
  const bytes = madeUpBytes(11, 700);
  const view = new DataView(new Uint8Array([...bytes.slice(from, from + length), 0, 0, 0]).buffer);
  const expected = Array.from({ length: Math.ceil(length / 4) }, (_, n) => view.getInt32(4 * n, true));
  expect([...inFours(bytes.subarray(from, from + length))]).toEqual(expected);
});

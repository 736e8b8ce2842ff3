import { expect, test } from 'vitest';
import { writtenPages } from '../../../testing/written-pages.ts';
import { condition } from '../grammar/condition.ts';
import { keyOf, when } from '../grammar/primitive.ts';
import { table } from '../primitives/data.ts';
import { foldedOnce, line, modulo } from '../primitives/lines.ts';
import { lost } from '../primitives/part.ts';
import { READS, shift, WRITES } from '../primitives/place.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { placesLike } from './likes.ts';

/** Twelve pages of 2 KB are written, the first of them at the start of the flash. */
const { shape, blockSize, operations } = writtenPages(0x10000);
const steps = stepsOf(operations, shape, blockSize);
const ground = groundOf(shape, blockSize, operations);
const stuck = line(WRITES, 13, 0);
const candidates = [
  stuck,
  foldedOnce(WRITES, 0x2000),
  modulo(WRITES, 0x2000),
  foldedOnce(READS, 0x2000),
  shift(WRITES, 8),
];
const likes = (...model: Parameters<typeof placesLike>[1]) =>
  placesLike({ candidates, steps, ground }, model).map(([place, other]) =>
    [place, other].map((each) => each && keyOf(each)),
  );

test('beside writes that are lost from some on, what sends all others to the same places is like it', () => {
  const loss = when(condition('from-count', 6), lost(WRITES));
  expect(likes(stuck, loss)).toEqual([
    [keyOf(foldedOnce(WRITES, 0x2000)), keyOf(loss)],
    [keyOf(modulo(WRITES, 0x2000)), keyOf(loss)],
  ]);
});

test('what sends a write elsewhere that takes effect is not like it', () => {
  expect(likes(stuck, when(condition('from-count', 11), lost(WRITES)))).toEqual([]);
  expect(likes(stuck, table(WRITES, 'invert'))).toEqual([]);
});

test('of one deviation all others were tried', () => {
  expect(likes(stuck)).toEqual([]);
});

test('under a condition the other one stands under it too', () => {
  const few = condition('up-to-count', 6);
  const first = when(few, stuck);
  const other = table(WRITES, 'invert');
  expect(likes(first, other)).toEqual([
    [keyOf(when(few, foldedOnce(WRITES, 0x2000))), keyOf(other)],
    [keyOf(when(few, modulo(WRITES, 0x2000))), keyOf(other)],
  ]);
});

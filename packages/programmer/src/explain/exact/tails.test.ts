import { expect, test } from 'vitest';
import { pagedFlash } from '../../../testing/flash-shapes.ts';
import { condition } from '../grammar/condition.ts';
import { when } from '../grammar/primitive.ts';
import { swap, table } from '../primitives/data.ts';
import { READS, WRITES } from '../primitives/place.ts';
import type { Change } from '../recording/record.ts';
import { stepsOf } from '../recording/steps.ts';
import { keyWhereNoneIsCut } from './tails.ts';

const BLOCK = 512;
const shape = pagedFlash(0x2000);
const runOfLength = (length: number) => {
  const write: Change = {
    kind: 'write',
    base: shape.start,
    number: 0,
    address: shape.start,
    bytes: new Uint8Array(length),
  };
  return { steps: stepsOf([write], shape, BLOCK) };
};

test('swaps that differ in what becomes of a cut group are one where none is cut', () => {
  const whole = runOfLength(40);
  const keys = [0, 1, 2, 3].map((tail) => keyWhereNoneIsCut(swap(WRITES, 8, 1, tail), [whole]));
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toBeDefined();
  expect(keyWhereNoneIsCut(swap(WRITES, 8, 2), [whole])).not.toBe(keys[0]);
});

test('they are not where one is, under a condition, or where there is no group', () => {
  const cut = runOfLength(42);
  expect(keyWhereNoneIsCut(swap(WRITES, 8), [cut])).toBeUndefined();
  // Only what a swap acts on counts.
  expect(keyWhereNoneIsCut(swap(READS, 8), [cut])).toBeDefined();
  expect(keyWhereNoneIsCut(when(condition('first'), swap(READS, 8)), [cut])).toBeUndefined();
  expect(keyWhereNoneIsCut(table(WRITES, 'invert'), [cut])).toBeUndefined();
});

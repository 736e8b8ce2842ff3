import { expect, test } from 'vitest';
import { writtenPages } from '../../../testing/written-pages.ts';
import { condition } from '../grammar/condition.ts';
import { type Primitive, when } from '../grammar/primitive.ts';
import { table } from '../primitives/data.ts';
import { halvesExchanged, line } from '../primitives/lines.ts';
import { lost } from '../primitives/part.ts';
import { baseIgnored, ERASES, shift, WRITES } from '../primitives/place.ts';
import { groundOf, stepsOf } from '../recording/steps.ts';
import { effectOf } from './effects.ts';

const SIZE = 0x10000;
const { shape, blockSize, operations } = writtenPages(SIZE);
const steps = stepsOf(operations, shape, blockSize);
const ground = groundOf(shape, blockSize, operations);
const effect = (one: Primitive) => effectOf({ steps, ground }, [one]);

test('an address line that is stuck at 1 and one that is inverted send all blocks to the same places where it was always 0', () => {
  expect(effect(line(WRITES, 15, 1))).toBe(effect(line(WRITES, 15, 2)));
  expect(effect(line(WRITES, 15, 1))).toBe(effect(halvesExchanged(WRITES, SIZE)));
  expect(effect(line(WRITES, 15, 1))).not.toBe(effect(line(WRITES, 14, 1)));
  expect(effect(line(WRITES, 15, 1))).not.toBe(effect(line(ERASES, 15, 1)));
});

test('under a condition a deviation does the same as always only where it holds for all', () => {
  const moved = shift(WRITES, 0x100);
  expect(effect(when(condition('from-address', 0), moved))).toBe(effect(moved));
  expect(effect(when(condition('from-count', 3), moved))).not.toBe(effect(moved));
});

test('what changes more than places has effects of which places say nothing', () => {
  expect(effect(lost(WRITES))).toBeUndefined();
  expect(effect(table(WRITES, 'invert'))).toBeUndefined();
  expect(effectOf({ steps, ground }, [shift(WRITES, 8), shift(ERASES, 8)])).toBeUndefined();
  expect(effect(baseIgnored(WRITES, 0x100))).toBeDefined();
});

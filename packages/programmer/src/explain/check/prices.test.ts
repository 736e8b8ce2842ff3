import { expect, test } from 'vitest';
import { stepsOf } from '../recording/steps.ts';
import { isInPattern, pricesOf } from './prices.ts';

test('content that comes again every ten bytes is known by its place, also where it was not read', () => {
  const bytes = Uint8Array.from({ length: 2048 }, (_, i) => (i * 7) % 10);
  const steps = stepsOf(
    [
      { kind: 'read', base: 0, number: 0, address: 0, bytes },
      { kind: 'erase', address: 0, length: 2048 },
    ],
    { start: 0, end: 4096 },
    2048,
  );
  const prices = pricesOf(steps);
  expect(prices.pattern).toHaveLength(10);
  expect([isInPattern(prices, 3011, 7), isInPattern(prices, 3011, 8)]).toEqual([true, false]);
});

import { expect, test } from 'vitest';
import { stepsOf } from '../recording/steps.ts';
import { madeUpBytes } from '../verdict/jobs.ts';
import { freshCheck } from './check-state.ts';
import { pay } from './pay.ts';
import { pricesOf } from './prices.ts';

const bytes = madeUpBytes(3, 2048).fill(0xff, 100, 300).fill(0x20, 900, 1000);
const steps = stepsOf(
  [
    { kind: 'read', base: 0, number: 0, address: 0, bytes },
    { kind: 'erase', address: 0, length: 2048 },
  ],
  { start: 0, end: 4096 },
  2048,
);
const [read] = steps;
const prices = pricesOf(steps);

/** What is paid for the read in pieces that end there. */
function paid(ends: readonly number[], sureNow = new Uint8Array(2048)) {
  const state = freshCheck();
  let from = 0;
  for (const to of ends) {
    if (read) pay({ state, prices, sureNow, erasedValue: 0xff, size: 4096 }, read, from, to, 0xff, true);
    from = to;
  }
  return state;
}

test('a read costs the same as a whole, once more, and piece by piece', () => {
  const sure = new Uint8Array(2048).fill(1, 700);
  const whole = paid([2048], sure);
  expect(whole.cost).toBeGreaterThan(1000);
  expect(whole.luckCost).toBeGreaterThan(1000);
  expect(whole.luckCost).toBeLessThan(whole.cost);
  expect(paid([2048], sure)).toEqual(whole);
  expect(paid([1, 150, 151, 950, 2047, 2048], sure)).toEqual(whole);
});

test('what a read costs is not kept for another knowledge of what is right', () => {
  paid([2048], new Uint8Array(2048).fill(1));
  expect(paid([2048]).luckCost).toBe(0);
});

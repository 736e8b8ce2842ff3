import { expect, test } from 'vitest';
import { paceOf } from './pace.ts';

/** A clock that goes on by `ms` whenever it is looked at. */
function clockOf(ms: number) {
  let now = 0;
  return { now: () => (now += ms), sleep: async () => await Promise.resolve() };
}

async function piecesUntilEnd(pace: ReturnType<typeof paceOf>): Promise<number> {
  for (let pieces = 0; ; pieces++) if (pieces === 100_000 || !(await pace.goOn())) return pieces;
}

test('work ends when the time is up', async () => {
  expect(await piecesUntilEnd(paceOf({ clock: clockOf(10), limitMs: 200 }))).toBeLessThan(200 * 16);
});

test('what comes first has a time of its own, and ends with the limit once it is done', async () => {
  const alone = await piecesUntilEnd(paceOf({ clock: clockOf(10), limitMs: 200 }));
  const granted = await piecesUntilEnd(paceOf({ clock: clockOf(10), limitMs: 200, firstMs: 2000 }));
  expect(granted).toBeGreaterThan(5 * alone);
  const pace = paceOf({ clock: clockOf(10), limitMs: 200, firstMs: 2000 });
  pace.endFirst();
  expect(Math.abs((await piecesUntilEnd(pace)) - alone)).toBeLessThan(2 * 16);
});

test('a shorter time for what comes first does not shorten the limit', async () => {
  const alone = await piecesUntilEnd(paceOf({ clock: clockOf(10), limitMs: 200 }));
  expect(await piecesUntilEnd(paceOf({ clock: clockOf(10), limitMs: 200, firstMs: 20 }))).toBe(alone);
});

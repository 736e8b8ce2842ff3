import { ANSWER_STYLES } from '@sureflash/virtual';
import { describe, expect, it } from 'vitest';
import { DISGUISES, meetStranger, STRANGER_LIMIT_MS } from './campaign/strangers.ts';

const RUNS = 40;
const MOST_TRANSFERS = 20_000;

describe.each(ANSWER_STYLES)('a device that $name', (mood) => {
  it.each(DISGUISES)('behind the descriptors of %s ends in a typed error in bounded time', async (scenario) => {
    const results = [];
    for (let seed = 1; seed <= RUNS; seed++) results.push(await meetStranger(scenario, mood, seed));
    expect(results.filter(({ ending }) => ending.kind !== 'error')).toEqual([]);
    expect(Math.max(...results.map(({ ending }) => ending.ms))).toBeLessThan(STRANGER_LIMIT_MS);
    expect(Math.max(...results.map(({ transfers }) => transfers))).toBeLessThan(MOST_TRANSFERS);
  });
});

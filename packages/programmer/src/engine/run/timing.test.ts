import { findChipByName } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { eraseMs, leastMs, writeMs } from './timing.ts';

const F105 = findChipByName('STM32F105');
const KB = 1024;
const sectors = (...sizes: readonly number[]): { start: number; end: number }[] =>
  sizes.map((size) => ({ start: 0, end: size }));

describe('the least time', () => {
  it('is 20 ms for each page of 2 KB and 40 µs for each half-word of an F105 (DS5319)', () => {
    expect(leastMs({ erase: sectors(2 * KB, 2 * KB), writeBytes: 4 * KB }, F105)).toBeCloseTo(2 * 20 + 2048 * 0.04);
  });

  it('counts the pages of the chip, not the sectors that a device announces', () => {
    expect(leastMs({ erase: sectors(16 * KB), writeBytes: 0 }, F105)).toBe(8 * 20);
  });

  it('makes 117 KB in 0.364 s impossible', () => {
    const erase = sectors(16 * KB, 16 * KB, 16 * KB, 16 * KB, 64 * KB);
    expect(leastMs({ erase, writeBytes: 119_910 }, F105)).toBeGreaterThan(3_000);
  });

  it('claims little about an unknown chip', () => {
    expect(leastMs({ erase: sectors(16 * KB), writeBytes: 1_000 }, undefined)).toBeLessThanOrEqual(2);
  });
});

describe('the usual time', () => {
  it('takes the datasheet where the chip is known, and is never 0', () => {
    expect(eraseMs(2 * KB, F105?.timing)).toBe(20);
    expect(eraseMs(2 * KB, undefined)).toBeGreaterThan(0);
    expect(writeMs(2 * KB, F105?.timing)).toBeGreaterThan(1024 * 0.0525);
  });
});

import { findChipByName } from '@sureflash/chips';
import { describe, expect, it } from 'vitest';
import { diagnose, type Evidence } from './diagnosis.ts';
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

describe('diagnose', () => {
  const sector = { index: 0, start: 0x0800_0000, end: 0x0800_4000, readable: true, erasable: true, writable: true };
  const first = [{ address: 0x0800_01e4, expected: 0, found: 0xff }];
  const comparison = { compared: 1000, differing: 10, first, sectors: [sector] };
  const run = { comparison, writtenBytes: 119_910, sectorsErased: 5, tookMs: 364, leastMs: 3_000, unchanged: true };
  const evidence: Evidence = { isRom: false, device: 'DFU device "x"', doubts: [], run, ...(F105 && { chip: F105 }) };

  it('says nothing where nothing is to be explained', () => {
    expect(diagnose({ isRom: true, device: 'a', doubts: [] })).toBeUndefined();
  });

  it('takes an application that is too quick and changes nothing for a stub, and shows the place', () => {
    const found = diagnose(evidence);
    expect(found?.cause).toBe('stub-media');
    expect(found?.evidence).toContain('what answers is a DFU device "x"');
    expect(found?.evidence.join('\n')).toContain(
      'mismatch at 0x080001E4: 0xFF instead of 0x00; 10 of 1000 bytes differ',
    );
    expect(found?.evidence.join('\n')).toContain(
      '5 sectors erased and 117.1 KB written in 0.36 s: an STM32F105 needs at least 3.00 s',
    );
    expect(found?.remedy.join('\n')).toContain('0x1FFFB000');
  });

  it('takes a flash that did not change behind a ROM for protected', () => {
    expect(diagnose({ ...evidence, isRom: true })?.cause).toBe('writes-ignored');
    expect(diagnose({ ...evidence, run: { ...run, tookMs: 4_000 } })?.cause).toBe('writes-ignored');
  });

  it('calls a flash that changed in part partly written', () => {
    expect(diagnose({ ...evidence, run: { ...run, unchanged: false } })?.cause).toBe('partly-written');
  });
});

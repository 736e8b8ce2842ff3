import { MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { seen } from '../diagnosis/observation.ts';
import { diagnose } from '../diagnosis/rank.ts';
import { type ChangedSample, observeBefore } from './before.ts';

const START = 0x0800_0000;
const RUN = {
  expected: new MemoryImage([{ address: START, bytes: new Uint8Array(64).fill(0x5a) }]),
  regions: [],
  differences: { first: [], differing: 60, compared: 64, sectors: [] },
  sectors: [],
};
const sampleOf = (before: number, found: number): ChangedSample => ({
  address: START,
  action: 'replace',
  before: new Uint8Array(64).fill(before),
  found: new Uint8Array(64).fill(found),
  expected: new Uint8Array(64).fill(0x5a),
});

describe('a place that had to change', () => {
  it('and reads otherwise than before, if wrongly, says that flash did change', () => {
    const told = observeBefore([sampleOf(0xff, 0x33), sampleOf(0xff, 0xff)], RUN);
    expect(told).toEqual([seen('changed', { samples: 2, changed: 1 })]);
  });

  it('and has only lost bits that the image clears was written without an erase', () => {
    const told = observeBefore([sampleOf(0xf0, 0x50)], RUN);
    expect(told.map(({ kind }) => kind)).toEqual(['changed', 'bits-only-cleared']);
  });

  it('and reads as before says that nothing was done there', () => {
    expect(observeBefore([sampleOf(0xff, 0xff)], RUN)).toEqual([seen('unchanged', { samples: 1, blank: true })]);
  });

  it('takes the blame from functions that do nothing', () => {
    const quick = { sectorsErased: 5, bytesWritten: 119_910, tookMs: 100, leastMs: 3_680 };
    const signs = [
      seen('loader', { loader: 'cubemx-application', title: 'an application' }),
      seen('too-quick', quick),
      seen('no-wait-asked', { erases: 5, writes: 118 }),
    ];
    expect(diagnose(signs, undefined)?.cause).toBe('stub-media');
    const changed = seen('changed', { samples: 2, changed: 1 });
    expect(diagnose([...signs, changed], undefined)?.cause).not.toBe('stub-media');
  });
});

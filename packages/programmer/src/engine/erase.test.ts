import { describe, expect, it } from 'vitest';
import { MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { eraseSectors, planErase } from './erase.ts';
import type { Progress } from './progress.ts';

const START = 0x0800_0000;
const flash = (): MemoryTarget =>
  new MemoryTarget([regionOf({ start: START, sizes: [1024, 1024, 1024], readOnly: [2] })], 256);

describe('planErase', () => {
  it('takes every sector that the range touches, whole', () => {
    const sectors = planErase(flash().geometry, { start: START + 1023, end: START + 1025 });
    expect(sectors.map(({ index }) => index)).toEqual([0, 1]);
  });

  it('refuses ranges without flash and sectors that may not be erased', () => {
    const { geometry } = flash();
    expect(() => planErase(geometry, { start: 0, end: 16 })).toThrow(expect.objectContaining({ code: 'plan/outside' }));
    expect(() => planErase(geometry, { start: START, end: START + 2049 })).toThrow(
      expect.objectContaining({ code: 'plan/read-only', facts: { start: START + 2048, end: START + 3072 } }),
    );
  });
});

describe('eraseSectors', () => {
  it('erases, then proves it, in the promised order', async () => {
    const target = flash();
    target.poke(START, new Uint8Array(2048));
    const events: Progress[] = [];
    const sectors = planErase(target.geometry, { start: START, end: START + 2048 });
    await eraseSectors(target, sectors, { onProgress: (event) => events.push(event) });
    expect(target.peek({ start: START, end: START + 2048 }).every((byte) => byte === 0xff)).toBe(true);
    const phases = events.flatMap((event) => (event.type.startsWith('phase') ? [`${event.type} ${event.phase}`] : []));
    expect(phases).toEqual(['phase erase', 'phase-end erase', 'phase verify', 'phase-end verify']);
  });

  it('does not believe an erase that did nothing', async () => {
    const target = flash();
    target.poke(START + 300, Uint8Array.of(7));
    target.deaf = true;
    const sectors = planErase(target.geometry, { start: START, end: START + 1024 });
    await expect(eraseSectors(target, sectors)).rejects.toMatchObject({
      code: 'verify/not-erased',
      facts: { address: START + 300, found: 7 },
    });
    expect(target.settled).toBe(1);
  });
});

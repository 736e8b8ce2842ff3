import { describe, expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../testing/memory-target.ts';
import { erase, planErase } from './erase.ts';
import type { Progress } from './run/progress.ts';

const START = 0x0800_0000;
const flash = (): MemoryTarget =>
  new MemoryTarget([regionOf({ start: START, sizes: [1024, 1024, 1024], readOnly: [2] })], 256);
const EDGE = { start: START + 1023, end: START + 1025 };

describe('planErase', () => {
  it('erases every sector that the range touches as a whole when nothing is kept', () => {
    const { sectors, parts } = planErase(deviceWith(flash()), EDGE, { keepBeside: false });
    expect(sectors.map(({ index }) => index)).toEqual([0, 1]);
    expect(parts).toEqual([]);
  });

  it('erases only the part of each sector that lies in the range when the bytes beside it are kept', () => {
    const { sectors, parts } = planErase(deviceWith(flash()), EDGE);
    expect(sectors).toEqual([]);
    expect(parts).toEqual([
      { start: START + 1023, end: START + 1024 },
      { start: START + 1024, end: START + 1025 },
    ]);
  });

  it('refuses ranges without flash and sectors that may not be erased', () => {
    const device = deviceWith(flash());
    expect(() => planErase(device, { start: 0, end: 16 })).toThrow(expect.objectContaining({ code: 'plan/outside' }));
    expect(() => planErase(device, { start: START, end: START + 2049 })).toThrow(
      expect.objectContaining({ code: 'plan/read-only', facts: { start: START + 2048, end: START + 3072 } }),
    );
  });
});

describe('erase', () => {
  it('erases, then proves it, in the promised order', async () => {
    const target = flash();
    target.poke(START, new Uint8Array(2048));
    const events: Progress[] = [];
    const range = { start: START, end: START + 2048 };
    await erase(deviceWith(target), range, { onProgress: (event) => events.push(event) });
    expect(target.peek(range).every((byte) => byte === 0xff)).toBe(true);
    const phases = events.flatMap((event) =>
      'phase' in event && event.type.startsWith('phase') ? [`${event.type} ${event.phase}`] : [],
    );
    expect(phases).toEqual(['phase erase', 'phase-end erase', 'phase verify', 'phase-end verify']);
  });

  it('keeps the bytes of a sector beside the range', async () => {
    const target = flash();
    const old = Uint8Array.from({ length: 1024 }, (_, i) => i & 0x7f);
    target.poke(START, old);
    await erase(deviceWith(target), { start: START + 100, end: START + 200 });
    const expected = old.slice().fill(0xff, 100, 200);
    expect(target.peek({ start: START, end: START + 1024 })).toEqual(expected);
  });

  it('does not believe an erase that did nothing', async () => {
    const target = flash();
    target.poke(START + 300, Uint8Array.of(7));
    target.deaf = true;
    await expect(erase(deviceWith(target), { start: START, end: START + 1024 })).rejects.toMatchObject({
      code: 'verify/not-erased',
      facts: { address: START + 300, found: 7 },
    });
    expect(target.settled).toBeGreaterThan(0);
  });
});

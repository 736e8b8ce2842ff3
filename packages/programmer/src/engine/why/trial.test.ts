import { describe, expect, it } from 'vitest';
import { deviceWith, MemoryTarget, regionOf } from '../../../testing/memory-target.ts';
import type { Change, ReadRequest } from '../../explain/index.ts';
import { isWritable, longestStretch, proposalOf, scratchSectors, trialHand } from './trial.ts';

const START = 0x0800_0000;
const KB = 1024;
const REGION = regionOf({ start: START, sizes: Array.from({ length: 12 }, () => KB) });
const sector = (n: number) => {
  const found = REGION.sectors[n];
  if (!found) throw new RangeError(`no sector ${n}`);
  return found;
};
const written = (base: number, number: number, length: number): Change => ({
  kind: 'write',
  base,
  number,
  address: base + number * 256,
  bytes: new Uint8Array(length).fill(number + 1),
});
const read = (base: number, number: number, length: number): ReadRequest => ({
  kind: 'read',
  base,
  number,
  address: base + number * 256,
  length,
});

describe('the place of a trial', () => {
  it('is the longest stretch of sectors without a gap, and leaves out its ends where enough is left', () => {
    expect(longestStretch([0, 1, 3, 4, 5].map(sector))).toEqual([3, 4, 5].map(sector));
    expect(longestStretch([0, 2, 3, 4, 5, 6, 7].map(sector))).toEqual([3, 4, 5, 6].map(sector));
  });

  it('is whole sectors of flash that may be changed', () => {
    const device = deviceWith(new MemoryTarget([REGION], 256));
    expect(scratchSectors(device, { start: START + 100, end: START + KB + 1 })).toEqual([sector(0), sector(1)]);
    expect(() => scratchSectors(device, { start: 0x2000_0000, end: 0x2000_0001 })).toThrow('plan/outside');
  });

  it('takes no write that is no whole unit of its cells', () => {
    expect(isWritable([written(START, 0, 24)], { writeSize: 8 })).toBe(true);
    expect(isWritable([written(START, 0, 24)], { writeSize: 32 })).toBe(false);
  });
});

describe('a trial on a device', () => {
  const operations = [
    { kind: 'erase', address: sector(2).start, length: KB },
    written(sector(2).start, 0, 256),
    written(sector(2).start, 1, 256),
    read(sector(2).start, 0, 256),
    read(sector(2).start, 1, 256),
    read(sector(2).start + 13, 0, 40),
  ] as const;

  it('is proposed with the sectors that it erases and the bytes that it writes', () => {
    const asked = { loaders: ['writes do nothing'], region: REGION, restarts: false };
    expect(proposalOf(operations, asked)).toEqual({
      loaders: ['writes do nothing'],
      sectors: [sector(2)],
      writeBytes: 512,
      restarts: false,
    });
  });

  it('answers each read in its order, and leaves its sectors erased when it ends', async () => {
    const target = new MemoryTarget([REGION], 256);
    const place = { sectors: [sector(2)], options: { mayTry: async () => await Promise.resolve(true) } };
    const hand = trialHand(deviceWith(target), REGION, place, {});
    const answers = await hand.carryOut(operations);
    expect(answers.map(({ length }) => length)).toEqual([256, 256, 40]);
    expect(answers[1]?.every((byte) => byte === 2)).toBe(true);
    expect(hand.done()).toMatchObject({ rounds: 1, bytesWritten: 512, bytesRead: 552, sectors: [sector(2)] });
    expect(await hand.end()).toBe(0);
    expect(target.peek(sector(2)).every((byte) => byte === 0xff)).toBe(true);
  });

  it('tells how many of its sectors do not read as erased when it ends', async () => {
    const target = new MemoryTarget([REGION], 256);
    const place = { sectors: [sector(2)], options: { mayTry: async () => await Promise.resolve(true) } };
    const hand = trialHand(deviceWith(target), REGION, place, {});
    await hand.carryOut(operations);
    target.erase = async () => await Promise.resolve();
    expect(await hand.end()).toBe(1);
  });
});

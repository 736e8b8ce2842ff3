import { describe, expect, it } from 'vitest';
import { blocksOf, MOST_BLOCKS, readable, runsOf } from './blocks.ts';

const FLASH = 0x0800_0000;

describe('runsOf', () => {
  it('serves whole blocks with one Set Address', () => {
    const range = { start: FLASH, end: FLASH + 6144 };
    expect(runsOf(range, 2048, MOST_BLOCKS)).toEqual([range]);
  });

  it('gives a shorter tail an address of its own, since loaders count in the size of the block', () => {
    expect(runsOf({ start: FLASH, end: FLASH + 2080 }, 1024, MOST_BLOCKS)).toEqual([
      { start: FLASH, end: FLASH + 2048 },
      { start: FLASH + 2048, end: FLASH + 2080 },
    ]);
  });

  it('starts anew before the 16 bits of the block number run over', () => {
    const runs = runsOf({ start: FLASH, end: FLASH + 256 * 1024 }, 2, MOST_BLOCKS);
    expect(runs.map(({ start }) => start - FLASH)).toEqual([0, 0x1fffc, 0x3fff8]);
    // The last block number of a run is 2 + 0xfffe - 1.
    expect(runs.map(({ start, end }) => 1 + (end - start) / 2)).toEqual([0xffff, 0xffff, 5]);
  });

  it('gives every block an address where a loader counts in blocks that the host cannot send', () => {
    expect(runsOf({ start: 0, end: 10 }, 4, 1).map(({ start }) => start)).toEqual([0, 4, 8]);
  });

  it('has no run for an empty range', () => {
    expect(runsOf({ start: FLASH, end: FLASH }, 4, MOST_BLOCKS)).toEqual([]);
  });
});

describe('blocksOf', () => {
  it('cuts bytes into numbered blocks, of which the last may be shorter', () => {
    expect(blocksOf(Uint8Array.of(1, 2, 3, 4, 5), 2)).toEqual([
      { n: 0, at: 0, bytes: Uint8Array.of(1, 2) },
      { n: 1, at: 2, bytes: Uint8Array.of(3, 4) },
      { n: 2, at: 4, bytes: Uint8Array.of(5) },
    ]);
  });
});

describe('readable', () => {
  const region = { start: FLASH, end: FLASH + 64 };

  it('leaves a read of two bytes or more as it is', () => {
    expect(readable({ start: FLASH + 4, end: FLASH + 6 }, region)).toEqual({ start: FLASH + 4, end: FLASH + 6 });
  });

  it('makes a read of one byte longer, within the region: a ROM reads 2 bytes at least (AN3156 §5.1)', () => {
    expect(readable({ start: FLASH + 4, end: FLASH + 5 }, region)).toEqual({ start: FLASH + 3, end: FLASH + 5 });
    expect(readable({ start: FLASH, end: FLASH + 1 }, region)).toEqual({ start: FLASH, end: FLASH + 2 });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sparseImage } from '../testing/support.ts';
import { compareImages } from './compare.ts';
import { MemoryImage } from './memory-image.ts';

const image = (address: number, ...bytes: number[]) => new MemoryImage([{ address, bytes: Uint8Array.from(bytes) }]);

describe('compareImages', () => {
  it('finds differing bytes, their ranges and what only one image has', () => {
    const a = image(0x10, 1, 2, 3, 4, 5, 6);
    const b = image(0x12, 3, 0, 0, 6, 7);
    expect(compareImages(a, b)).toEqual({
      equal: false,
      firstDifference: 0x10,
      equalBytes: 2,
      differingBytes: 2,
      differences: [
        { address: 0x13, a: 4, b: 0 },
        { address: 0x14, a: 5, b: 0 },
      ],
      differingRanges: [{ start: 0x13, end: 0x15 }],
      differingRangeCount: 1,
      onlyInA: [{ start: 0x10, end: 0x12 }],
      onlyInB: [{ start: 0x16, end: 0x17 }],
    });
  });

  it('keeps long lists to the limit and the numbers exact', () => {
    const a = image(0, ...Array.from({ length: 100 }, () => 0));
    const b = image(0, ...Array.from({ length: 100 }, (_, i) => i % 2));
    const { differences, differingRanges, differingRangeCount, differingBytes } = compareImages(a, b, { limit: 3 });
    expect(differences.map((d) => d.address)).toEqual([1, 3, 5]);
    expect(differingRanges).toHaveLength(3);
    expect([differingRangeCount, differingBytes]).toEqual([50, 50]);
  });

  it('says equal exactly when the images are equal, and counts every byte once', () => {
    fc.assert(
      fc.property(sparseImage([0]), sparseImage([0]), (a, b) => {
        expect(compareImages(a, a)).toMatchObject({ equal: true, equalBytes: a.byteLength });
        const result = compareImages(a, b);
        expect(result.equal).toBe(a.equals(b));
        const only = result.onlyInA.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(result.equalBytes + result.differingBytes + only).toBe(a.byteLength);
      }),
    );
  });
});

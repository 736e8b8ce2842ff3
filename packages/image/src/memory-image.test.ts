import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sparseImage } from '../testing/support.ts';
import { ImageError } from './format-error.ts';
import { MemoryImage } from './memory-image.ts';

describe('MemoryImage', () => {
  it('sorts segments, drops empty ones and joins adjacent ones', () => {
    const image = new MemoryImage([
      { address: 0x14, bytes: Uint8Array.of(5) },
      { address: 0x12, bytes: Uint8Array.of(3, 4) },
      { address: 0x99, bytes: new Uint8Array(0) },
      { address: 0x10, bytes: Uint8Array.of(1, 2) },
      { address: 0x20, bytes: Uint8Array.of(9) },
    ]);
    expect(image.segments).toEqual([
      { address: 0x10, bytes: Uint8Array.of(1, 2, 3, 4, 5) },
      { address: 0x20, bytes: Uint8Array.of(9) },
    ]);
    expect(image.byteLength).toBe(6);
    expect(image.range).toEqual({ start: 0x10, end: 0x21 });
  });

  it('refuses overlapping segments and addresses beyond 32 bits', () => {
    const overlap = () =>
      new MemoryImage([
        { address: 0, bytes: new Uint8Array(4) },
        { address: 3, bytes: new Uint8Array(1) },
      ]);
    expect(overlap).toThrow(ImageError);
    expect(() => new MemoryImage([{ address: 0xffff_ffff, bytes: new Uint8Array(2) }])).toThrow(/32 bits/);
    expect(new MemoryImage([{ address: 0xffff_ffff, bytes: new Uint8Array(1) }]).byteLength).toBe(1);
  });

  it('reads any range byte by byte as its segments say, with the fill elsewhere', () => {
    const cases = fc.tuple(sparseImage(), fc.nat(0x600), fc.nat(0x600));
    fc.assert(
      fc.property(cases, ([image, from, length]) => {
        const start = (image.range?.start ?? 0) + from;
        const range = { start, end: start + length };
        const expected = Array.from({ length: range.end - range.start }, (_, i) => {
          const address = range.start + i;
          const segment = image.segments.find((s) => s.address <= address && address < s.address + s.bytes.length);
          return segment?.bytes[address - segment.address] ?? 0xee;
        });
        expect([...image.read(range, 0xee)]).toEqual(expected);
      }),
    );
  });

  it('has nothing inside an empty range', () => {
    const image = new MemoryImage([{ address: 0, bytes: Uint8Array.of(1, 2) }]);
    expect(image.within({ start: 1, end: 1 })).toEqual([]);
    expect(image.without([{ start: 1, end: 1 }])).toEqual(image);
  });

  it('leaves out just the bytes of the ranges that it is to be without', () => {
    const cases = fc.tuple(sparseImage(), fc.array(fc.tuple(fc.nat(0x400), fc.nat(0x200)), { maxLength: 5 }));
    fc.assert(
      fc.property(cases, ([image, gaps]) => {
        let next = image.range?.start ?? 0;
        const ranges = gaps.map(([gap, size]) => {
          const start = next + gap;
          next = Math.min(start + size, 0x1_0000_0000);
          return { start: Math.min(start, next), end: next };
        });
        const left = image.without(ranges);
        for (const range of ranges) expect(left.within(range)).toEqual([]);
        const taken = new Set(
          ranges.flatMap((range) =>
            image.within(range).flatMap(({ address, bytes }) => [...bytes.keys()].map((i) => address + i)),
          ),
        );
        expect(left.byteLength).toBe(image.byteLength - taken.size);
        for (const { address, bytes } of left.segments) {
          expect(image.read({ start: address, end: address + bytes.length })).toEqual(bytes);
        }
      }),
    );
  });
});

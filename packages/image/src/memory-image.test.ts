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
});

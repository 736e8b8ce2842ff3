import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessPieces } from './access-pieces.ts';

const V2 = { pageBytes: 1024, mostBytes: 6144, bytesAtOnce: 64, can16: true } as const;
const textOf = (address: number, length: number, more = {}): string[] =>
  [...accessPieces({ address, length, width: undefined, ...V2, ...more })].map(
    ({ at, bytes, width }) => `${at.toString(16)} ${bytes} by ${width}`,
  );

describe('an access of memory in pieces', () => {
  it('goes by bytes to the first word, by words, and by bytes to the end', () => {
    expect(textOf(0x2000_0003, 10)).toEqual(['20000003 1 by 1', '20000004 8 by 4', '2000000c 1 by 1']);
  });

  it('ends at each page of the address register', () => {
    expect(textOf(0x2000_03f0, 32)).toEqual(['200003f0 16 by 4', '20000400 16 by 4']);
    expect(textOf(0x2000_03f0, 32, { pageBytes: 4096 })).toEqual(['200003f0 32 by 4']);
  });

  it('takes at most 64 bytes by 8-bit accesses, and 6144 by words', () => {
    expect(textOf(0x2000_0000, 130, { width: 1 })).toEqual(['20000000 64 by 1', '20000040 64 by 1', '20000080 2 by 1']);
    expect(textOf(0, 8192, { pageBytes: 65_536 })).toEqual(['0 6144 by 4', '1800 2048 by 4']);
  });

  it('refuses widths that do not fit, and those that old firmware does not have', () => {
    expect(() => textOf(0x2000_0002, 4, { width: 4 })).toThrow(RangeError);
    expect(() => textOf(0x2000_0000, 4, { width: 2, can16: false })).toThrow(RangeError);
  });

  it('covers every byte once, whatever is asked for', () => {
    const any = fc.record({ address: fc.nat(5000), length: fc.nat(9000), large: fc.boolean() });
    fc.assert(
      fc.property(any, ({ address, length, large }) => {
        const pageBytes = large ? 4096 : 1024;
        let next = address;
        for (const { at, bytes, width } of accessPieces({ address, length, width: undefined, ...V2, pageBytes })) {
          expect([at, at % width, bytes % width, bytes > 0]).toEqual([next, 0, 0, true]);
          expect(Math.floor(at / pageBytes)).toBe(Math.floor((at + bytes - 1) / pageBytes));
          next += bytes;
        }
        expect(next).toBe(address + length);
      }),
    );
  });
});

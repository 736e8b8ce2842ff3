import { readFileSync } from 'node:fs';
import { parseFirmware } from '@sureflash/image';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkedBase } from './linked-base.ts';

const FLASH = 0x0800_0000;
const example = (name: string): Uint8Array => {
  const url = new URL(`../../../../examples/firmware/out/${name}`, import.meta.url);
  return parseFirmware(readFileSync(url), { name }).image.segments[0]?.bytes.slice() ?? new Uint8Array(0);
};

/** The firmware as if it had been linked `offset` higher: its vectors point there, its code is where it was. */
function moved(bytes: Uint8Array, offset: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let i = 1; i < 128; i++) {
    const word = view.getUint32(4 * i, true);
    if (word % 2 === 1 && word > FLASH && word < FLASH + 0x10_0000) view.setUint32(4 * i, word + offset, true);
  }
  return copy;
}

describe.each(['dashboard-v1.elf', 'dashboard-v2.elf'])('linkedBase of %s', (name) => {
  const bytes = example(name);

  it('says nothing where the image lies at the address that it was linked for', () => {
    expect(linkedBase(bytes, FLASH)).toBeUndefined();
  });

  it.each([0x400, 0x800, 0x2000, 0x8000, 0x1_0000, 0x4_0000])('finds that it was linked %i bytes higher', (offset) => {
    expect(linkedBase(moved(bytes, offset), FLASH)).toBe(FLASH + offset);
    expect(linkedBase(moved(bytes, offset), FLASH + offset)).toBeUndefined();
  });

  it('finds the address of a raw binary that nobody stated', () => {
    expect(linkedBase(bytes)).toBe(FLASH);
    expect(linkedBase(moved(bytes, 0x2000))).toBe(FLASH + 0x2000);
  });

  it('counts vectors in the secure alias of the flash as those in the flash', () => {
    expect(linkedBase(moved(bytes, 0x0400_0000), FLASH)).toBeUndefined();
    expect(linkedBase(moved(bytes, 0x0400_4000), FLASH)).toBe(FLASH + 0x4000);
  });
});

describe('linkedBase of a program that has little but a default handler', () => {
  const DEFAULT = 0x16a;

  /** Reset, and one `B .` for all other vectors; the code is of no kind that is known. */
  function small(base: number, vectors = 40): Uint8Array {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => Math.imul(i + 1, 0x9e37_79b1) >>> 24);
    const words = [0x2000_5000, base + 0x131, ...Array.from({ length: vectors }, () => base + DEFAULT + 1), 7];
    for (const [i, word] of words.entries()) new DataView(bytes.buffer).setUint32(4 * i, word, true);
    bytes.set([0xfe, 0xe7], DEFAULT);
    return bytes;
  }

  it.each([0x2000, 0x8000])('finds that it was linked %i bytes higher', (offset) => {
    expect(linkedBase(small(FLASH + offset), FLASH)).toBe(FLASH + offset);
  });

  it('says nothing where it lies at its address, and where few vectors share the handler', () => {
    expect(linkedBase(small(FLASH), FLASH)).toBeUndefined();
    expect(linkedBase(small(FLASH + 0x2000, 9), FLASH)).toBeUndefined();
  });

  it('says nothing where another address fits as well', () => {
    const bytes = small(FLASH + 0x2000);
    bytes.set([0xfe, 0xe7], DEFAULT + 0x400);
    expect(linkedBase(bytes, FLASH)).toBeUndefined();
  });
});

describe('linkedBase of other bytes', () => {
  it('says nothing of data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
        expect(linkedBase(bytes)).toBeUndefined();
      }),
    );
  });

  it('says nothing of a vector table with a stack pointer and one handler', () => {
    const bytes = new Uint8Array(64).fill(0xff);
    new DataView(bytes.buffer).setUint32(4, FLASH + 0x2001, true);
    expect(linkedBase(bytes, FLASH)).toBeUndefined();
  });
});

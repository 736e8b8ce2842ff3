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

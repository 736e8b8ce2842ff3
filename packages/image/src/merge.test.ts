import { describe, expect, it } from 'vitest';
import { imageError } from '../testing/support.ts';
import { MemoryImage } from './memory-image.ts';
import { mergeImages } from './merge.ts';

const at = (address: number, ...bytes: number[]): MemoryImage =>
  new MemoryImage([{ address, bytes: Uint8Array.from(bytes) }]);

describe('mergeImages', () => {
  it('makes one image of a bootloader and an application behind it', () => {
    const merged = mergeImages([
      { name: 'app.hex', image: at(0x0800_4000, 3) },
      { name: 'boot.hex', image: at(0x0800_0000, 1, 2) },
    ]);
    expect(merged.segments.map(({ address }) => address)).toEqual([0x0800_0000, 0x0800_4000]);
    expect(merged.byteLength).toBe(3);
  });

  it('refuses two files that have bytes for one address, and names both, also where the bytes are equal', () => {
    const boot = { name: 'boot.hex', image: at(0x0800_0000, 1, 2, 3) };
    const app = { name: 'app.elf', image: at(0x0800_0002, 3) };
    const error = imageError(() => mergeImages([boot, { name: 'other.hex', image: at(0, 1) }, app]));
    expect(error.code).toBe('image/overlap');
    expect(error.message).toBe('boot.hex and app.elf both have bytes for 0x08000002.');
  });
});

import { formatFirmware, MemoryImage, parseFirmware } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

const hexFile = (address: number, ...bytes: readonly number[]): Uint8Array =>
  formatFirmware(new MemoryImage([{ address, bytes: Uint8Array.from(bytes) }]), 'intel-hex');

const files = (more: readonly (readonly [string, Uint8Array])[] = []): FakeIo =>
  fakeIo({
    files: [
      ['boot.hex', hexFile(0x0800_0000, 1, 2, 3, 4)],
      ['app.bin', Uint8Array.of(5, 6, 7, 8)],
      ['all.bin', Uint8Array.of(0)],
      ...more,
    ],
  });

describe('sureflash merge', () => {
  it('puts files of any format into one, a raw binary at the address behind its name', async () => {
    const { code, out, io } = await sureflash('merge boot.hex app.bin@0x08000010 all.hex', files());
    expect(code).toBe(0);
    expect(out).toMatch(/^Written {6}all\.hex, Intel HEX: 8 B at 0x08000000\.\.0x08000014 in 2 segments, /);
    const { image } = parseFirmware(io.files.get('all.hex') ?? new Uint8Array(), { name: 'all.hex' });
    expect(image.segments.map(({ address, bytes }) => [address, ...bytes])).toEqual([
      [0x0800_0000, 1, 2, 3, 4],
      [0x0800_0010, 5, 6, 7, 8],
    ]);
  });

  it('takes bytes that two files have alike once', async () => {
    const { code, io } = await sureflash(
      'merge boot.hex b.hex all.hex',
      files([['b.hex', hexFile(0x0800_0002, 3, 4, 9)]]),
    );
    expect(code).toBe(0);
    const { image } = parseFirmware(io.files.get('all.hex') ?? new Uint8Array(), { name: 'all.hex' });
    expect(image.segments.map(({ address, bytes }) => [address, ...bytes])).toEqual([[0x0800_0000, 1, 2, 3, 4, 9]]);
  });

  it('refuses files that have different bytes at one address, and writes nothing', async () => {
    const { code, err, io } = await sureflash('merge boot.hex app.bin@0x08000002 all.hex', files());
    expect(code).toBe(5);
    expect(err).toMatch(/boot\.hex and app\.bin have different bytes at 0x08000002 to 0x08000003; nothing was written/);
    expect(io.files.has('all.hex')).toBe(false);
  });

  it('does not replace the last file when the one to write was forgotten', async () => {
    const { code, err, io } = await sureflash('merge boot.hex app.bin@0x08000010 all.bin', files());
    expect(code).toBe(5);
    expect(err).toMatch(/The file all\.bin already exists; it was not touched\. \[cli\/exists\]\n +.*--overwrite/);
    expect(io.files.get('all.bin')).toEqual(Uint8Array.of(0));
  });

  it('wants two files and one to write', async () => {
    const { code, err } = await sureflash('merge boot.hex all.hex', files());
    expect(code).toBe(2);
    expect(err).toMatch(/takes two files or more, and the one to write/);
  });
});

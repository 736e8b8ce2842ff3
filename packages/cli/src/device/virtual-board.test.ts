import { formatFirmware, MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

function fileFor(...addresses: readonly number[]): FakeIo {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const image = new MemoryImage(addresses.map((address) => ({ address, bytes })));
  return fakeIo({ files: [['x.hex', formatFirmware(image, 'intel-hex')]] });
}

describe('--load', () => {
  it.each([
    ['flash and EEPROM', 'stm32l072-rom', [0x0800_0000, 0x0808_0000]],
    ['OTP', 'stm32f407-rom', [0x1fff_7800]],
  ])('fills %s', async (_, board, addresses) => {
    const { code, out } = await sureflash(
      `verify x.hex --virtual ${board} --instant --load x.hex`,
      fileFor(...addresses),
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^Verified .* read back and equal/);
  });

  it.each(['stm32l072-rom', 'faulty-echo'])(
    'of a file with bytes where %s has no memory for them is an error of the file',
    async (board) => {
      const words = `info --virtual ${board} --instant --load x.hex`;
      const { code, err } = await sureflash(words, fileFor(0x2000_0000));
      expect(code).toBe(5);
      expect(err).toMatch(/x\.hex cannot be loaded into .*0x20000000.*\[cli\/file\]\n +Give --load a file/s);
    },
  );
});

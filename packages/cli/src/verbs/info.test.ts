import { describe, expect, it } from 'vitest';
import { sureflash } from '../testing/harness.ts';

describe('sureflash info', () => {
  it.each([
    ['stm32f105-rom', /^Protection .*read-out protection level 0, no sector closed against writing$/m],
    ['stm32f105-rom-wrp', /^Protection .*level 0, 4 sectors closed against writing, the first is 4$/m],
    ['stm32f105-rom-rdp1', /^Protection .*read-protected: it refuses every read$/m],
    ['stm32f105-cubemx-stub', /^Protection .*not told/m],
  ])('of %s tells its protection', async (board, told) => {
    const { out, code } = await sureflash(`info --virtual ${board} --instant`);
    expect(out).toMatch(told);
    expect(code).toBe(0);
  });

  it('tells the DEV_ID, and whether the chip or the table says so', async () => {
    const { out } = await sureflash('info --virtual stm32f105-rom --instant');
    expect(out).toMatch(/^DEV_ID +0x418, (read from the chip|by the chip table)/m);
  });

  it('has both in JSON', async () => {
    const { result } = await sureflash('info --virtual stm32f407-rom --instant --json');
    expect(result).toMatchObject({ devIds: [0x413], protection: { readOut: 'level 0', writeProtected: [] } });
  });
});

describe('sureflash info --verbose', () => {
  it('tells more of the device on standard error, and nothing more on standard output', async () => {
    const words = 'read 0x08000000+16 --virtual stm32f105-rom --instant';
    const plain = await sureflash(words);
    const told = await sureflash(`${words} -v`);
    expect(told.out).toBe(plain.out);
    expect(told.err).toMatch(/^Because /m);
    expect(told.err).toMatch(/^Memory {7}Internal Flash 0x08000000\.\.0x08040000, 128 sectors$/m);
    expect(plain.err).not.toMatch(/^Because/m);
  });
});

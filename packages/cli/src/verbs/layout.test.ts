import { describe, expect, it } from 'vitest';
import { sureflash } from '../testing/harness.ts';

const CUBEMX = '@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg';

describe('sureflash layout', () => {
  it('makes a string for a chip and the border of its application, which its own check finds right', async () => {
    const { out } = await sureflash('layout make --chip STM32F105RB --application 0x08005000');
    expect(out.trim()).toBe('@Internal Flash   /0x08000000/10*002Ka,54*002Kg');
    const checked = await sureflash(['layout', 'check', out.trim(), '--chip', 'STM32F105RB']);
    expect(checked).toMatchObject({ code: 0 });
    expect(await sureflash(['layout', 'check', out.trim(), '--chip', 'STM32F105RC'])).toMatchObject({ code: 5 });
    expect(checked.out).toContain('nothing is wrong');
  });

  it('shows the sectors of a string, neighbours that are alike as one line', async () => {
    const { code, out } = await sureflash(['layout', 'parse', CUBEMX]);
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 5)).toEqual([
      'Internal Flash',
      '  0x08000000  3 sectors of 16 KB  read',
      '  0x0800C000  1 sector of 16 KB  read, erase, write',
      '  0x08010000  1 sector of 64 KB  read, erase, write',
      '  0x08020000  7 sectors of 128 KB  read, erase, write',
    ]);
  });

  it('says what is wrong with the string that CubeMX writes for an F105, and gives the right one', async () => {
    const { code, err } = await sureflash(['layout', 'check', CUBEMX, '--chip', 'STM32F105RB']);
    expect(code).toBe(5);
    expect(err).toContain('16384 bytes');
    expect(err).toContain('*002Kg');
  });

  it.each([
    [['layout', 'check'], 2],
    [['layout', 'make'], 2],
    [['layout', 'parse', 'DFU MEDIA'], 5],
  ])('%j ends with %i', async (words, code) => {
    expect(await sureflash(words)).toMatchObject({ code });
  });
});

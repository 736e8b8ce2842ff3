import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../test/harness.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const io = () => fakeIo({ files: [['settings.bin', BYTES]] });

describe('program', () => {
  it('writes the data EEPROM of an L0 without an erase, and proves it', async () => {
    const words = 'program settings.bin --at 0x08080000 --virtual stm32l072-rom --instant';
    const { code, out, err } = await sureflash(words, io());
    expect(code).toBe(0);
    expect(err).toMatch(/Plan +DATA Memory at 0x08080000\.\.0x08080008: write 8 B, without an erase/);
    expect(out).toBe('Verified     DATA Memory: 8 B written, 8 B read back and equal\n');
  });

  it('writes OTP only with its own option', async () => {
    const words = 'program settings.bin --at 0x1FFF7800 --virtual stm32f407-rom --instant';
    const refused = await sureflash(words, io());
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('[plan/one-time]');
    const { code, err, out } = await sureflash(`${words} --one-time`, io());
    expect(code).toBe(0);
    expect(err).toContain('write 8 B, for ever');
    expect(out).toMatch(/^Verified +OTP Memory: 8 B written/);
  });

  it('has a plan that changes nothing', async () => {
    const words = 'plan settings.bin --at 0x1FFF7800 --virtual stm32f407-rom --instant';
    const { code, err } = await sureflash(words, io());
    expect(code).toBe(0);
    expect(err).toContain('write 8 B, for ever');
  });

  it('ends with one result where there is nothing for the flash', async () => {
    const words = 'program --json settings.bin --at 0x08080000 --virtual stm32l072-rom --instant';
    const { json, result } = await sureflash(words, io());
    expect(json.filter(({ type }) => type === 'result')).toHaveLength(1);
    expect(result).toMatchObject({ ok: true, outcome: 'programmed', memories: 'DATA Memory', bytesWritten: 8 });
  });

  it('does the flash after the EEPROM when a file has both, with one result at the end', async () => {
    const hex = [
      ':020000040800F2',
      ':080000000102030405060708D4',
      ':020000040808EA',
      ':040000000A0B0C0DCE',
      ':00000001FF',
    ].join('\n');
    const files = [['both.hex', hex]] as const;
    const words = 'program --json both.hex --force --virtual stm32l072-rom --instant';
    const { code, json, result } = await sureflash(words, fakeIo({ files }));
    expect(code).toBe(0);
    expect(json.find(({ type }) => type === 'memory')).toMatchObject({ memories: 'DATA Memory', bytesWritten: 4 });
    expect(result).toMatchObject({ ok: true, outcome: 'programmed', bytesWritten: 8 });
  });
});

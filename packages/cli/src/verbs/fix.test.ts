import { describe, expect, it } from 'vitest';
import { fakeIo, sureflash } from '../testing/harness.ts';

const textIn = (files: ReadonlyMap<string, Uint8Array>, path: string): string =>
  new TextDecoder().decode(files.get(path));

describe('sureflash fix', () => {
  it('writes the jump of the thread, for PA9 of an F105, and says what to do with it', async () => {
    const io = fakeIo();
    const { code, out } = await sureflash('fix bootloader-jump --chip STM32F105 --when vbus:PA9', io);
    expect(code).toBe(0);
    expect(textIn(io.files, 'bootloader_jump.c')).toContain('0x1FFFB000');
    expect(textIn(io.files, 'bootloader_jump.h')).toContain('bootloader_jump_if_asked');
    expect(out).toContain('bootloader_jump_if_asked() first of all');
  });

  it('writes a media file and an application check into a folder, with headers where they are asked for', async () => {
    const io = fakeIo();
    await sureflash('fix dfu-media --chip STM32F407VG --out src/ --standalone', io);
    await sureflash('fix application-check --chip STM32L476 --out src', io);
    const names = [...io.files.keys()].filter((path) => path.startsWith('src/'));
    expect(names).toContain('src/usbd_dfu_if.c');
    expect(names.some((name) => name.startsWith('src/application_check'))).toBe(true);
    expect(names.length).toBeGreaterThan(4);
  });

  it('writes for the flash of the very part where its name tells the size, and for signatures where they are asked for', async () => {
    const io = fakeIo();
    await sureflash('fix application-check --chip STM32F105RB --proof ed25519', io);
    const source = textIn(io.files, 'application_check.c');
    expect(source).toContain('#define RECORD 0x0801FF40u');
    expect(source).toContain('proof=ed25519');
  });

  it('replaces no file unasked, and writes none then', async () => {
    const io = fakeIo({ files: [['bootloader_jump.c', 'mine']] });
    const words = 'fix bootloader-jump --chip STM32F105 --when magic';
    expect(await sureflash(words, io)).toMatchObject({ code: 5 });
    expect(textIn(io.files, 'bootloader_jump.c')).toBe('mine');
    expect(io.files.has('bootloader_jump.h')).toBe(false);
    expect(await sureflash(`${words} --overwrite`, io)).toMatchObject({ code: 0 });
    expect(textIn(io.files, 'bootloader_jump.c')).not.toBe('mine');
  });

  it('says why no code can do it, and what works instead', async () => {
    const { code, err } = await sureflash('fix bootloader-jump --chip STM32L072 --when magic');
    expect(code).toBe(6);
    expect(err).toContain('What works: BOOT0 high');
  });

  it.each([
    ['fix bootloader-jump --when magic', '--chip STM32F105'],
    ['fix bootloader-jump --chip STM32F105', '--when vbus:PA9'],
    ['fix bootloader-jump --chip STM32F105 --when midnight', 'midnight'],
  ])('%s ends with 2 and says what is missing', async (words, missing) => {
    const { code, err } = await sureflash(words);
    expect(code).toBe(2);
    expect(err).toContain(missing);
  });
});

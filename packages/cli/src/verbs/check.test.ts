import { describe, expect, it } from 'vitest';
import { exampleFile } from '../files/example-files.ts';
import { fakeIo, sureflash } from '../testing/harness.ts';

const V2 = exampleFile('dashboard-v2.elf');

describe('sureflash check', () => {
  it('finds the empty DFU class in the firmware of the thread, and that alone is no danger', async () => {
    const ended = await sureflash(['check', V2, '--chip', 'STM32F105'], fakeIo());
    expect(ended.code).toBe(0);
    expect(ended.out).toContain('MEM_If_Erase_FS, MEM_If_Write_FS, MEM_If_Read_FS do nothing');
    expect(ended.out).toContain('usbd_dfu_if.c');
  });

  it('ends with 5 for a firmware of another family', async () => {
    const ended = await sureflash(['check', V2, '--chip', 'STM32F407', '--json'], fakeIo());
    expect(ended.code).toBe(5);
    expect(ended.out).toContain('"code":"preflight/danger"');
    expect(ended.out).toContain('other-family');
  });
});

describe('the look at the file before a device is programmed', () => {
  it('stops what is built for another chip, unless it is forced', async () => {
    const words = ['program', V2, '--virtual', 'stm32f407-rom', '--chip', 'STM32F407', '--instant'];
    const stopped = await sureflash(words, fakeIo());
    expect(stopped.code).toBe(5);
    expect(stopped.err).toContain('the vector table is that of an STM32F1');
    expect((await sureflash([...words, '--force'], fakeIo())).code).toBe(0);
  });
});

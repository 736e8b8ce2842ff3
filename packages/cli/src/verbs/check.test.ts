import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { exampleFile } from '../files/example-files.ts';
import { type FakeIo, fakeIo, sureflash } from '../testing/harness.ts';

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

describe('a firmware that carries a generated module', () => {
  const TEXT = 'sureflash-fix bootloader-jump 1 chip=stm32f105 when=vbus:PA9\0';

  /** The example with the string of a module behind it, as Intel HEX. */
  async function ioWithModule(): Promise<FakeIo> {
    const bytes = await readFile(exampleFile('dashboard-v2.bin'));
    return fakeIo({ files: [['with.bin', new Uint8Array([...bytes, ...new TextEncoder().encode(TEXT)])]] });
  }

  it('is recognised, with what the module says of itself', async () => {
    const { code, out } = await sureflash('check with.bin --at 0x08000000 --chip STM32F105', await ioWithModule());
    expect(code).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'Module the jump to the ROM bootloader, made by sureflash for stm32f105: when vbus:PA9 (at 0x0801D468)',
    );
    const { result } = await sureflash('check with.bin --at 0x08000000 --json', await ioWithModule());
    expect(result['modules']).toEqual([
      { kind: 'bootloader-jump', chip: 'stm32f105', address: 0x0801_d468, facts: { when: 'vbus:PA9' } },
    ]);
  });

  it('is warned of when the module was made for another chip', async () => {
    const { out } = await sureflash('check with.bin --at 0x08000000 --chip STM32F407', await ioWithModule());
    expect(out.replaceAll(/\s+/g, ' ')).toContain('this module was made for stm32f105, not for stm32f405');
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

import { readFileSync } from 'node:fs';
import { findChipByName } from '@sureflash/chips';
import { type Firmware, MemoryImage, parseFirmware } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { type Concern, checkFirmware } from './check.ts';

const file = new Uint8Array(
  readFileSync(new URL('../../../../examples/firmware/out/dashboard-v2.elf', import.meta.url)),
);
const elf = parseFirmware(file);
const F105 = findChipByName('STM32F105');
const F407 = findChipByName('STM32F407');

const kinds = (concerns: readonly Concern[]): string[] => concerns.map(({ kind, severity }) => `${severity} ${kind}`);

/** A firmware of some bytes at an address, with a vector table where one is asked for. */
function binary(address: number, vectors: readonly number[], length = 64): Firmware {
  const bytes = new Uint8Array(length);
  bytes.set(new Uint8Array(Uint32Array.from(vectors).buffer));
  return { format: 'binary', image: new MemoryImage([{ address, bytes }]), details: { format: 'binary' } };
}

const check = (firmware: Firmware, chip = F105): string[] => kinds(checkFirmware(firmware, { chip }));

describe('a firmware that STM32CubeMX gave an empty DFU class', () => {
  it('is found in the ELF, by its strings, its map and the code of its callbacks', () => {
    const [stub, ...others] = checkFirmware({ ...elf, file }, { chip: F105 });
    expect(others).toEqual([]);
    expect(stub).toMatchObject({ kind: 'dfu-stub', severity: 'warning' });
    expect(stub?.seen).toContain('MEM_If_Erase_FS, MEM_If_Write_FS, MEM_If_Read_FS do nothing');
  });

  it('is found without symbols too, by the map that nobody changed', () => {
    expect(check({ ...elf, format: 'binary', details: { format: 'binary' } })).toEqual(['warning dfu-stub']);
  });
});

describe('a firmware file', () => {
  it('for this chip raises nothing', () => {
    expect(check(binary(0x0800_0000, [0x2001_0000, 0x0800_0009]))).toEqual([]);
  });

  it('whose stack pointer is beyond the RAM of the chip is for another one', () => {
    expect(check(binary(0x0800_0000, [0x2002_0000, 0x0800_0009]))).toEqual(['danger stack-outside-ram']);
  });

  it('with the vector table of another family is for another chip', () => {
    expect(kinds(checkFirmware({ ...elf, file }, { chip: F407 }))).toContain('danger other-family');
  });

  it('without a vector table is told of', () => {
    expect(check(binary(0x0800_0000, [0x1234_5678, 0]))).toEqual(['warning no-vector-table']);
    expect(check(binary(0x0800_0000, [0x2001_0000, 0x0800_0008]))).toEqual(['warning no-vector-table']);
  });

  it('whose reset vector points out of it is told of', () => {
    expect(check(binary(0x0800_0000, [0x2001_0000, 0x0800_8001]))).toEqual(['warning reset-outside-image']);
  });

  it('that begins further up expects a bootloader', () => {
    expect(check(binary(0x0800_5000, [0x2001_0000, 0x0800_5009]))).toEqual(['warning needs-bootloader']);
  });

  it('that reaches beyond the flash, or into option bytes, is dangerous', () => {
    expect(check(binary(0x0803_fff0, [0x2001_0000, 0x0803_fff9]))).toContain('danger outside-flash');
    expect(check(binary(0x1fff_f800, [0, 0], 16))).toEqual(['danger option-bytes']);
  });

  it('that has something for the data EEPROM of its chip is not dangerous', () => {
    const found = check(binary(0x0808_0000, [1, 2], 16), findChipByName('STM32L072'));
    expect(found.filter((kind) => kind.startsWith('danger'))).toEqual([]);
  });
});

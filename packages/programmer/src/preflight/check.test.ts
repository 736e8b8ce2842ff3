import { readFileSync } from 'node:fs';
import { findChipByName } from '@sureflash/chips';
import { type Firmware, formatFirmware, MemoryImage, parseFirmware } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import { checkFirmware } from './check.ts';
import type { Concern } from './concern.ts';

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

  it.each([
    ['RAM', 0x2000_0131],
    ['AXI SRAM', 0x2400_0131],
    ['CCM', 0x1000_0131],
    ['QSPI flash', 0x9000_0131],
    ['external NOR flash', 0x6000_0131],
    ['external SDRAM', 0xc000_0131],
  ])('that was linked for %s cannot start in flash', (_where, reset) => {
    expect(check(binary(0x0800_0000, [0x2001_0000, reset]))).toEqual(['danger linked-elsewhere']);
    expect(check(binary(0x0800_4000, [0x2001_0000, reset]))).toContain('warning linked-elsewhere');
  });

  it('that was linked for the alias of the flash at 0 starts as one that was linked for the flash', () => {
    expect(check(binary(0x0800_0000, [0x2001_0000, 0x0000_0009]), F407)).toEqual([]);
    expect(check(binary(0x0800_0000, [0x2001_0000, 0x0020_0009]), findChipByName('STM32F767'))).toEqual([]);
    // There, 0 is RAM.
    expect(check(binary(0x0800_0000, [0x2001_0000, 0x0000_0009]), findChipByName('STM32F767'))).toEqual([
      'danger linked-elsewhere',
    ]);
  });

  it('whose reset vector enters the ROM bootloader raises no danger', () => {
    expect(check(binary(0x0800_0000, [0x2001_0000, 0x1fff_b001]))).toEqual(['warning no-vector-table']);
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

describe('a UF2 file that says for which chips it is', () => {
  const program = binary(0x0800_0000, [0x2001_0000, 0x0800_0009]);
  const stating = (...ids: readonly number[]): Firmware =>
    parseFirmware(
      Uint8Array.from(
        ids.flatMap((family, i) => {
          const one = formatFirmware(
            new MemoryImage([
              { address: 0x0800_0000 + 0x1000 * i, bytes: program.image.segments[0]?.bytes ?? new Uint8Array(4) },
            ]),
            'uf2',
            { family },
          );
          return [...one];
        }),
      ),
    );
  const [F4, L4, RP2040, OWN] = [0x5775_5a57, 0x00ff_6919, 0xe48b_ff56, 0x1234_5678];

  it('fits a chip of one of its families', () => {
    expect(check(stating(F4), F407)).toEqual([]);
    expect(check(stating(L4, F4), F407)).toEqual([]);
    expect(check(stating(0x8fb0_60fe), F407)).toEqual([]);
    expect(check(stating(L4), findChipByName('STM32L4R5'))).toEqual([]);
  });

  it('is for another chip where no family fits', () => {
    expect(check(stating(L4), F407)).toEqual(['danger other-family']);
    expect(check(stating(0x2dc3_09c5), F407)).toEqual(['danger other-family']);
    expect(kinds(checkFirmware(stating(L4)))).toEqual([]);
  });

  it('is for no STM32, whatever the chip and wherever it goes', () => {
    expect(kinds(checkFirmware(stating(RP2040)))).toEqual(['danger other-family']);
    const elsewhere = formatFirmware(new MemoryImage([{ address: 0x1000_0000, bytes: new Uint8Array(64) }]), 'uf2', {
      family: RP2040,
    });
    expect(check(parseFirmware(elsewhere), F407)).toEqual(['danger other-family']);
  });

  it('with a family of its own is told of only where the chip is known', () => {
    expect(check(stating(OWN), F407)).toEqual(['warning other-family']);
    expect(kinds(checkFirmware(stating(OWN)))).toEqual([]);
  });

  it('is held against every chip that a device may have', () => {
    const candidates = [F407, findChipByName('STM32F205')].filter((chip) => chip !== undefined);
    expect(kinds(checkFirmware(stating(L4), { candidates }))).toEqual(['danger other-family']);
    expect(kinds(checkFirmware(stating(F4), { candidates }))).toEqual([]);
  });
});

describe('a firmware file for another place than the flash', () => {
  const at = (address: number, length = 64): Firmware => binary(address, [], length);
  const seenOf = (firmware: Firmware, chip = F407): string => checkFirmware(firmware, { chip })[0]?.seen ?? '';

  it('is told once however many pieces lie in external flash, and what that is', () => {
    const bytes = new Uint8Array(16);
    const image = new MemoryImage([0x9000_0000, 0x9000_1000, 0x9000_2000].map((address) => ({ address, bytes })));
    const concerns = checkFirmware({ image }, { chip: F407 });
    expect(kinds(concerns)).toEqual(['danger outside-flash']);
    expect(concerns[0]?.seen).toContain('(3 pieces)');
    expect(concerns[0]?.seen).toContain('memory-mapped external flash');
    expect(kinds(checkFirmware({ image }))).toEqual(['warning outside-flash']);
  });

  it.each([
    [0x0000_0000, 'stands for 0x08000000'],
    [0x0020_0000, 'nothing that a memory map'],
    [0x1fff_c000, 'option bytes'],
    [0x2000_c000, 'the RAM'],
    [0xe000_0000, 'the registers of the core'],
  ])('at %i is told what lies there: %s', (address, words) => {
    expect(seenOf(at(address))).toContain(words);
  });

  it('is fine in the data EEPROM of an L1, which is no program and needs no bootloader', () => {
    const chip = findChipByName('STM32L152RE');
    expect(check(at(0x0808_0000), chip)).toEqual([]);
  });
});

describe('a firmware file for a chip with TrustZone', () => {
  const U585 = findChipByName('STM32U585AI');

  it('may have its stack and its reset vector in the secure aliases', () => {
    expect(check(binary(0x0800_0000, [0x3001_0000, 0x0c00_0009]), U585)).toEqual([]);
    expect(check(binary(0x0800_0000, [0x3001_0000, 0x0800_0009]), F407)).toEqual(['danger stack-outside-ram']);
  });

  it('linked to the secure alias itself is told which address that stands for', () => {
    const [concern] = checkFirmware(binary(0x0c00_4000, []), { chip: U585 });
    expect(concern?.seen).toContain('stands for 0x08004000');
  });
});

describe('a firmware that was linked for another base', () => {
  /** The example as if it had been linked 8 KB further up. */
  const moved = ((): MemoryImage => {
    const [segment] = elf.image.segments;
    const bytes = segment?.bytes.slice() ?? new Uint8Array();
    const view = new DataView(bytes.buffer);
    for (let i = 1; i < 128; i++) {
      const word = view.getUint32(4 * i, true);
      if (word % 2 === 1 && word > 0x0800_0000) view.setUint32(4 * i, word + 0x2000, true);
    }
    return new MemoryImage([{ address: 0x0800_0000, bytes }]);
  })();

  it('is told the base that its vectors and its code fit', () => {
    const concern = checkFirmware({ image: moved }).find(({ kind }) => kind === 'linked-elsewhere');
    expect(concern).toMatchObject({ severity: 'warning' });
    expect(concern?.seen).toContain('0x08002000');
  });

  it('is a danger where the chip starts and the reset handler is not in the file', () => {
    const [segment] = moved.segments;
    const bytes = segment?.bytes.slice() ?? new Uint8Array();
    const view = new DataView(bytes.buffer);
    for (let i = 1; i < 128; i++) {
      const word = view.getUint32(4 * i, true);
      if (word % 2 === 1 && word > 0x0800_0000) view.setUint32(4 * i, word + 0x4_0000, true);
    }
    const image = new MemoryImage([{ address: 0x0800_0000, bytes }]);
    expect(kinds(checkFirmware({ image }))).toContain('danger linked-elsewhere');
  });
});

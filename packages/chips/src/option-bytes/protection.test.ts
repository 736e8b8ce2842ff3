import { describe, expect, it } from 'vitest';
import type { Chip } from '../chip.ts';
import { CHIPS } from '../chips.ts';
import { sectorsOf } from '../find.ts';
import { type DecodedField, decodeOptionBytes, encodeOptionBytes } from './codec.ts';
import type { OptionLayout } from './layout.ts';
import { optionLayoutOf, sharedOptionLayout } from './layouts.ts';
import { isOpen, readProtectionName, untoldSectors, writeProtectedSectors } from './protection.ts';

function chipNamed(id: string): Chip {
  const chip = CHIPS.find((each) => each.id === id);
  if (!chip) throw new Error(id);
  return chip;
}

/** The table of a chip, and its banks on the variant that this text is part of the name of. */
function banksOf(id: string, variant: string) {
  const chip = chipNamed(id);
  const layout = optionLayoutOf(chip);
  const flash = chip.variants.find(({ name }) => name.includes(variant));
  if (!layout || !flash) throw new Error(variant);
  return { layout, banks: flash.banks.map((bank) => sectorsOf({ ...flash, banks: [bank] })) };
}

type Values = Readonly<Record<string, number>>;

/** All ones but for these values. */
function fieldsWith(layout: OptionLayout, values: Values): DecodedField[] {
  const blank = layout.blocks.map(() => new Uint8Array(320).fill(0xff));
  const open = new Map(layout.fields.map(({ name, bits }) => [name, 2 ** bits - 1]));
  return decodeOptionBytes(layout, encodeOptionBytes(layout, blank, new Map([...open, ...Object.entries(values)])));
}

function protectedBy(id: string, variant: string, values: Values): number[] {
  const { layout, banks } = banksOf(id, variant);
  return writeProtectedSectors(layout, fieldsWith(layout, values), banks);
}

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('write protection', () => {
  it.each([
    // Four pages of 1 KB or two of 2 KB by bit; the last of 32 stands for all the rest (RM0091, RM0316, PM0075).
    ['stm32f042', '32 KB', { WRP: 0xffff_fffd }, [4, 5, 6, 7]],
    ['stm32f105', '256 KB', { WRP: 0xffff_fffb }, [4, 5]],
    ['stm32f303xc', '256 KB', { WRP: 0x7fff_ffff }, upTo(62, 128)],
    ['stm32f105', '256 KB', { WRP: 0xffff_ffff }, []],
    ['stm32f405', '1 MB', { nWRP: 0xf7e }, [0, 7]],
    // The last bit of F413 stands for two sectors (RM0430).
    ['stm32f413', '1.5 MB', { nWRP: 0x3fff, SPRMOD: 0 }, [14, 15]],
    ['stm32f427', '2 MB', { nWRP: 0xffe, nWRP_BANK2: 0x7ff, SPRMOD: 0 }, [0, 23]],
    ['stm32f427', '1 MB, dual', { nWRP: 0xffe, nWRP_BANK2: 0xffd, SPRMOD: 0 }, [0, 9]],
    // With SPRMOD the bits are PCROP.
    ['stm32f427', '2 MB', { nWRP: 0xffe, SPRMOD: 1 }, []],
    // Two sectors by bit in two banks (RM0410).
    ['stm32f767', 'dual bank', { nWRP: 0xfbf, nDBANK: 0 }, [12, 13]],
    ['stm32f767', 'single bank', { nWRP: 0xfbf, nDBANK: 1 }, [6]],
    ['stm32h743', '2 MB', { WRPSn1: 0xfe, WRPSn2: 0x7f }, [0, 15]],
    ['stm32h743', '1 MB', { WRPSn1: 0xff, WRPSn2: 0xfe }, [4]],
    ['stm32h7a3', '2 MB', { WRPSn1: 0xffff_fffe, WRPSn2: 0xffff_ffff }, [0, 1, 2, 3]],
    [
      'stm32l476',
      '1 MB',
      {
        WRP1A_STRT: 2,
        WRP1A_END: 4,
        WRP1B_STRT: 255,
        WRP1B_END: 0,
        WRP2A_STRT: 0,
        WRP2A_END: 0,
        WRP2B_STRT: 255,
        WRP2B_END: 0,
      },
      [2, 3, 4, 256],
    ],
  ] as const)('of %s, %s, with %j', (id, variant, values, sectors) => {
    expect(protectedBy(id, variant, values)).toEqual(sectors);
  });

  it('protects 4 KB with a 1 on L0 and L1', () => {
    const values = { WRPROT1: 2, WRPROT2: 0, WPRMOD: 0 };
    expect(protectedBy('stm32l072', '192 KB', values)).toEqual(upTo(32, 64));
    expect(protectedBy('stm32l072', '192 KB', { ...values, WPRMOD: 1 })).toEqual([]);
  });

  it('is not read from bytes that were never programmed', () => {
    const chip = chipNamed('stm32l476');
    const layout = optionLayoutOf(chip);
    const blank = [new Uint8Array(40).fill(0xff)];
    const pages = [upTo(0, 256).map((page) => ({ start: page * 2048, end: (page + 1) * 2048 }))];
    expect(layout && writeProtectedSectors(layout, decodeOptionBytes(layout, blank), pages)).toEqual([]);
  });
});

describe('what is not told', () => {
  const untold = (id: string, variant: string, values: Values, shown = (_: DecodedField): boolean => true) => {
    const { layout, banks } = banksOf(id, variant);
    return untoldSectors(layout, fieldsWith(layout, values).filter(shown), banks);
  };
  const noCode = { PCROP1_END: 0, PCROP2_END: 0 };

  it('is nothing where every field is shown and no code is proprietary', () => {
    expect(untold('stm32l476', '1 MB', noCode)).toEqual([]);
    expect(untold('stm32f105', '256 KB', {})).toEqual([]);
    expect(untold('stm32f405', '1 MB', {})).toEqual([]);
  });

  it('is the bank whose block is not shown', () => {
    expect(untold('stm32l476', '1 MB', noCode, ({ field }) => field.block === 0)).toEqual(upTo(256, 512));
    const quiet = { PROT_AREA_END1: 0, SEC_AREA_END1: 0, PROT_AREA_END2: 0, SEC_AREA_END2: 0 };
    expect(untold('stm32h743', '2 MB', quiet, ({ field }) => !field.name.endsWith('2'))).toEqual(upTo(8, 16));
  });

  it('is a bank with proprietary code, and all where the bits stand for that', () => {
    expect(untold('stm32l476', '1 MB', { ...noCode, PCROP2_STRT: 4, PCROP2_END: 9 })).toEqual(upTo(256, 512));
    expect(untold('stm32f427', '2 MB', { SPRMOD: 1 })).toEqual(upTo(0, 24));
    expect(untold('stm32f427', '2 MB', { SPRMOD: 0 })).toEqual([]);
  });

  it('is everything where nothing is shown', () => {
    expect(untold('stm32f105', '256 KB', {}, () => false)).toEqual(upTo(0, 128));
    expect(untold('stm32h563', '2 MB', {})).toEqual(upTo(0, 256));
  });
});

describe('read protection', () => {
  it.each([
    ['stm32f105', [0xa5, 0x5a], true, 'level 0'],
    ['stm32f105', [0x00, 0xff], false, 'level 1'],
    ['stm32f105', [0xff, 0xff], false, 'level 1'],
    ['stm32h563', [0xf8, 0xed, 0, 0, 0, 0, 0, 0], true, 'open'],
    ['stm32h563', [0xf8, 0x72, 0, 0, 0, 0, 0, 0], false, 'closed'],
  ] as const)('of %s with %j', (id, bytes, open, name) => {
    const layout = optionLayoutOf(chipNamed(id));
    if (!layout) throw new Error(id);
    const fields = decodeOptionBytes(layout, [Uint8Array.from(bytes)]);
    expect(isOpen(layout, fields)).toBe(open);
    expect(readProtectionName(layout, fields)).toBe(name);
  });

  it('is unknown where nothing is shown', () => {
    const layout = optionLayoutOf(chipNamed('stm32f105'));
    expect(layout && isOpen(layout, [])).toBeUndefined();
  });
});

describe('several candidates', () => {
  it('have the fields that all of them have alike', () => {
    const shared = sharedOptionLayout([chipNamed('stm32f405'), chipNamed('stm32f412'), chipNamed('stm32f427')]);
    const names = shared?.fields.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['RDP', 'BOR_LEV', 'nWRP']));
    expect(names).not.toContain('SPRMOD');
    expect(names).not.toContain('DB1M');
    expect(shared?.writeProtection).toBeUndefined();
  });

  it('with one table are as good as one chip', () => {
    const shared = sharedOptionLayout([chipNamed('stm32f401xe'), chipNamed('stm32f446')]);
    expect(shared).toBe(optionLayoutOf(chipNamed('stm32f446')));
  });

  it('of different kinds have nothing alike', () => {
    expect(sharedOptionLayout([chipNamed('stm32f105'), chipNamed('stm32f072')])).toBeUndefined();
    expect(sharedOptionLayout([chipNamed('stm32f105'), chipNamed('stm32l476')])).toBeUndefined();
    expect(sharedOptionLayout([])).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { Chip } from '../chip.ts';
import { CHIPS } from '../chips.ts';
import { sectorsOf } from '../find.ts';
import { type DecodedField, decodeOptionBytes, encodeOptionBytes } from './codec.ts';
import type { OptionLayout } from './layout.ts';
import { optionLayoutOf, sharedOptionLayout } from './layouts.ts';
import { closedSectors, isOpen, readProtectionName, untoldSectors, writeProtectedSectors } from './protection.ts';

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

const widthOf = ({ fields }: OptionLayout, name: string): number =>
  fields.find((each) => each.name === name)?.bits ?? 0;

type Values = Readonly<Record<string, number>>;

/** All ones but for these values. */
function fieldsWith(layout: OptionLayout, values: Values): DecodedField[] {
  const blank = layout.blocks.map(() => new Uint8Array(512).fill(0xff));
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
    // Two sectors by bit in two banks; with 1 MB bank 2 begins with sector 12 as well (RM0410).
    ['stm32f767', '2 MB, dual bank', { nWRP: 0xfbf, nDBANK: 0 }, [12, 13]],
    ['stm32f767', '1 MB, dual bank', { nWRP: 0xfbf, nDBANK: 0 }, [8, 9]],
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

  it('of a G491 reaches its last page', () => {
    const { layout } = banksOf('stm32g491', '512 KB');
    const values = { WRP1A_STRT: 200, WRP1A_END: 203, WRP1B_STRT: 0x80, WRP1B_END: 0 };
    expect(protectedBy('stm32g491', '512 KB', values)).toEqual(upTo(200, 204));
    const bits = ['PCROP1_STRT', 'WRP1A_STRT', 'SEC_SIZE1'].map((name) => widthOf(layout, name));
    expect(bits).toEqual([16, 8, 9]);
  });

  it('of bank 2 counts for the whole flash where there is one bank', () => {
    const none = { WRP1A_END: 0, WRP1B_END: 0, WRP2B_END: 0 };
    const values = { ...none, WRP2A_STRT: 3, WRP2A_END: 5 };
    expect(protectedBy('stm32g474', '512 KB, single bank', values)).toEqual([3, 4, 5]);
    expect(protectedBy('stm32g474', '512 KB, dual bank', values)).toEqual([131, 132, 133]);
  });

  it('is not claimed beyond the bits of L1', () => {
    const values = { WRP1: 0, WRP2: 0, WRP3: 0x8000_0000, SPRMOD: 0 };
    expect(protectedBy('stm32l152xe', '512 KB', values)).toEqual(upTo(1520, 1536));
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

describe('what is closed against a bootloader', () => {
  const closed = (id: string, variant: string, values: Values) => {
    const { layout, banks } = banksOf(id, variant);
    return closedSectors(layout, fieldsWith(layout, values), banks).filter(({ by }) => by !== 'WRP');
  };
  const by = (name: string, indices: readonly number[]) => indices.map((index) => ({ index, by: name }));

  it.each([
    // Pages of 8 KB on U5 and WBA, of 2 or 4 KB on L5, sectors of 8 KB on H5 (RM0456, RM0515, RM0438, RM0481).
    [
      'stm32u575',
      '2 MB',
      { TZEN: 1, SECWM1_PSTRT: 4, SECWM1_PEND: 6, SECWM2_PSTRT: 9, SECWM2_PEND: 8 },
      'SECWM1',
      [4, 5, 6],
    ],
    [
      'stm32u575',
      '2 MB',
      { TZEN: 1, SECWM1_PSTRT: 1, SECWM1_PEND: 0, SECWM2_PSTRT: 2, SECWM2_PEND: 2 },
      'SECWM2',
      [130],
    ],
    [
      'stm32l552',
      '512 KB, dual',
      { TZEN: 1, SECWM1_PSTRT: 3, SECWM1_PEND: 4, SECWM2_PSTRT: 1, SECWM2_PEND: 0 },
      'SECWM1',
      [3, 4],
    ],
    ['stm32wba65', '2 MB', { TZEN: 1, SECWM1_PSTRT: 2, SECWM1_PEND: 3 }, 'SECWM1', [2, 3]],
    [
      'stm32h563',
      '2 MB',
      { TZEN: 0xb4, SECWM1_STRT: 1, SECWM1_END: 0, SECWM2_STRT: 0, SECWM2_END: 1 },
      'SECWM2',
      [128, 129],
    ],
    ['stm32f722', '512 KB', { PCROP: 0b1100_0010 }, 'PCROP', [1, 6, 7]],
  ] as const)('are areas of %s, %s, with %j', (id, variant, values, name, sectors) => {
    expect(closed(id, variant, values)).toEqual(by(name, sectors));
  });

  it('is nothing secure without TrustZone', () => {
    const areas = { SECWM1_PSTRT: 0, SECWM1_PEND: 127, SECWM2_PSTRT: 0, SECWM2_PEND: 127 };
    expect(closed('stm32u575', '2 MB', { ...areas, TZEN: 0 })).toEqual([]);
    expect(closed('stm32h563', '2 MB', { SECWM1_STRT: 0, SECWM1_END: 127, TZEN: 0xc3 })).toEqual([]);
  });

  it('is not all of an F722, which may stand for bytes that were never programmed', () => {
    expect(closed('stm32f722', '512 KB', { PCROP: 0xff })).toEqual([]);
    const { layout, banks } = banksOf('stm32f722', '512 KB');
    expect(untoldSectors(layout, fieldsWith(layout, { PCROP: 0xff }), banks)).toEqual(upTo(0, 8));
    expect(untoldSectors(layout, fieldsWith(layout, { PCROP: 0 }), banks)).toEqual([]);
  });
});

describe('what is not told', () => {
  const untold = (
    id: string,
    variant: string,
    values: Values,
    shown: (field: DecodedField) => boolean = () => true,
  ) => {
    const { layout, banks } = banksOf(id, variant);
    return untoldSectors(layout, fieldsWith(layout, values).filter(shown), banks);
  };
  const noCode = { PCROP1_END: 0, PCROP2_END: 0 };
  const noArea = { WRP1A_END: 0, WRP1B_END: 0, WRP2A_END: 0, WRP2B_END: 0 };

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
    expect(untold('stm32l476', '1 MB', { ...noArea, ...noCode, PCROP2_STRT: 4, PCROP2_END: 9 })).toEqual(
      upTo(256, 512),
    );
    expect(untold('stm32f427', '2 MB', { SPRMOD: 1 })).toEqual(upTo(0, 24));
    expect(untold('stm32f427', '2 MB', { SPRMOD: 0 })).toEqual([]);
  });

  it('is known where the units of proprietary code are those of two banks', () => {
    const closed = (id: string, variant: string, values: Values) => {
      const { layout, banks } = banksOf(id, variant);
      return closedSectors(layout, fieldsWith(layout, values), banks).filter(({ by }) => by !== 'WRP');
    };
    const code = { ...noArea, ...noCode, PCROP2_STRT: 256, PCROP2_END: 511 };
    const found = [{ index: 129, by: 'PCROP2' }];
    expect(closed('stm32g474', '512 KB, dual bank', { ...code, DBANK: 1 })).toEqual(found);
    expect(closed('stm32g474', '512 KB, single bank', { ...code, DBANK: 0 })).toEqual([]);
  });

  it('is not what is known to be protected', () => {
    const values = { ...noArea, WRP1A_STRT: 7, WRP1A_END: 8 };
    const told = untold('stm32l476', '1 MB', values, ({ field }) => !field.name.startsWith('PCROP'));
    expect(told).toEqual([...upTo(0, 7), ...upTo(9, 512)]);
  });

  it('is all where proprietary code of bank 2 stands in a flash of one bank', () => {
    const values = { ...noArea, ...noCode, PCROP2_STRT: 4, PCROP2_END: 9 };
    expect(untold('stm32g474', '512 KB, single bank', values)).toEqual(upTo(0, 128));
    expect(untold('stm32g474', '512 KB, dual bank', values)).toEqual(upTo(128, 256));
    expect(untold('stm32g474', '512 KB, single bank', { ...noArea, ...noCode })).toEqual([]);
  });

  it('is all where areas of bank 2 are not shown in a flash of one bank', () => {
    const values = { ...noArea, ...noCode };
    const first = ({ field }: DecodedField): boolean => field.block === 0;
    expect(untold('stm32g474', '512 KB, single bank', values, first)).toEqual(upTo(0, 128));
  });

  it('is the bank of which proprietary code is not shown, or is in disorder', () => {
    const { layout, banks } = banksOf('stm32l476', '1 MB');
    const fields = fieldsWith(layout, { ...noArea, ...noCode });
    const withState = (name: string, state: DecodedField['state']) =>
      untoldSectors(
        layout,
        fields.map((each) => (each.field.name === name ? { ...each, state } : each)),
        banks,
      );
    expect(withState('PCROP1_STRT', 'mismatch')).toEqual(upTo(0, 256));
    expect(withState('PCROP2_END', 'mismatch')).toEqual(upTo(256, 512));
    expect(withState('PCROP2_END', 'unprogrammed')).toEqual([]);
    const hidden = fields.filter(({ field }) => field.name !== 'PCROP2_END');
    expect(untoldSectors(layout, hidden, banks)).toEqual(upTo(256, 512));
  });

  it('is seen in the seventeenth bit of proprietary code on L4+', () => {
    const code = { PCROP1_END: 0, PCROP2_STRT: 0x0_ffff, PCROP2_END: 0x1_0000 };
    expect(untold('stm32l4r5', '2 MB, dual bank', { ...noArea, ...code })).toEqual(upTo(256, 512));
    expect(untold('stm32l4p5', '1 MB, dual bank', { ...noArea, ...code })).toEqual(upTo(128, 256));
  });

  it('is everything where the table does not hold all of the protection', () => {
    expect(untold('stm32f722', '512 KB', {})).toEqual(upTo(0, 8));
    expect(untold('stm32f746', '1 MB', {})).toEqual([]);
    const g0 = { ...noArea, PCROP1A_END: 0, PCROP1B_END: 0, PCROP2A_END: 0, PCROP2B_END: 0 };
    const { layout, banks } = banksOf('stm32g0b1', '512 KB, dual bank');
    const values = Object.fromEntries(Object.entries(g0).filter(([name]) => widthOf(layout, name) > 0));
    expect(untoldSectors(layout, fieldsWith(layout, values), banks)).toEqual(upTo(0, 256));
  });

  it('is what lies behind the last bit, where that does not stand for the rest', () => {
    const values = { WRP1: 0, WRP2: 0, WRP3: 0, SPRMOD: 0 };
    expect(untold('stm32l152xe', '512 KB', values)).toEqual(upTo(1536, 2048));
    expect(untold('stm32l152xe', '384 KB', values)).toEqual([]);
    expect(untold('stm32f303xe', '512 KB', {})).toEqual([]);
    expect(untold('stm32f413', '1.5 MB', { SPRMOD: 0 })).toEqual([]);
  });

  it.each([
    ['stm32l552', '512 KB, dual bank', 256],
    ['stm32u575', '2 MB', 256],
    ['stm32u385', '1 MB', 256],
    ['stm32wba65', '2 MB', 256],
  ])('is everything on %s where TrustZone is on', (id, variant, count) => {
    const { layout } = banksOf(id, variant);
    const ends = layout.fields.flatMap(({ name }) => (/^WRP.*_PEND$/.test(name) ? [[name, 0] as const] : []));
    const quiet: Values = Object.fromEntries<number>(ends);
    expect(untold(id, variant, { ...quiet, TZEN: 1 })).toEqual(upTo(0, count));
    expect(untold(id, variant, { ...quiet, TZEN: 0 })).not.toContain(0);
    expect(untold(id, variant, { ...quiet, TZEN: 0 }, ({ field }) => field.name !== 'TZEN')).toHaveLength(count);
  });

  it('is everything where nothing is shown', () => {
    expect(untold('stm32f105', '256 KB', {}, () => false)).toEqual(upTo(0, 128));
    expect(untold('stm32h563', '2 MB', {}, ({ field }) => !field.name.startsWith('WRPSG'))).toEqual(upTo(0, 256));
    expect(untold('stm32h503', '128 KB', {})).toEqual(upTo(0, 16));
  });
});

describe('areas of pages', () => {
  const tooNarrow = CHIPS.flatMap((chip) => {
    const layout = optionLayoutOf(chip);
    const { writeProtection } = layout ?? {};
    if (!layout || writeProtection?.kind !== 'areas') return [];
    return chip.variants.flatMap(({ name, banks }) => {
      const pages = banks.map(({ runs }) => runs.reduce((sum, { count }) => sum + count, 0));
      const reaches = ({ bank, start, end }: { bank: number; start: string; end: string }): boolean => {
        const needed = pages[banks.length === 1 ? 0 : bank] ?? 0;
        return [start, end].every((field) => 2 ** widthOf(layout, field) >= needed);
      };
      return writeProtection.areas.every(reaches) ? [] : [{ name: `${chip.id} ${name}`, ...writeProtection }];
    });
  });

  it('can name the last page of their bank, but for chips whose table is incomplete', () => {
    expect(tooNarrow.map(({ name }) => name)).toEqual(['stm32g0b1 512 KB, single bank (DUAL_BANK = 0)']);
    expect(tooNarrow.map(({ incomplete }) => incomplete)).toEqual([true]);
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

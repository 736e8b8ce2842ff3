/**
 * Option bytes of G4: words, each with its complement behind it, a block for each bank (RM0440; embassy-rs/stm32-data
 * flash_g4).
 */
import {
  bankBit,
  bootBit,
  bootLock,
  codeAreas,
  codeAreasOfTwoBanks,
  field,
  flagField,
  inBlock,
  pageArea,
  plainBit,
  protectionAreas,
  resetPin,
} from './fields.ts';
import type { OptionField, OptionLayout } from './layout.ts';
import { BOOT0_BITS, LOW_POWER_OPTR, N_BOOT1, optr } from './optr.ts';

const BASIC = [
  ...LOW_POWER_OPTR,
  N_BOOT1,
  flagField('SRAM_PE', optr(24), ['checked', 'not checked'], 'parity of SRAM1 and CCM SRAM'),
  flagField('CCMSRAM_RST', optr(25), ['erased', 'kept'], 'CCM SRAM at a reset'),
  ...BOOT0_BITS,
  ...resetPin(optr(28), optr(30)),
];
const PB4_PUPEN = plainBit('PB4_PUPEN', optr(22), 'pull-up of PB4 at start');

/** Bits of the offsets of proprietary code, which count 8 bytes, of page numbers, and of a number of pages. */
interface Widths {
  readonly code: number;
  readonly page: number;
  readonly size: number;
}
const WIDTHS: Widths = { code: 15, page: 7, size: 8 };

const areas = (bank: 1 | 2, { code, page, size }: Widths): OptionField[] => [
  field(`PCROP${bank}_STRT`, 'proprietary code, first', { at: 8, bit: 0, bits: code }),
  field(`PCROP${bank}_END`, 'proprietary code, last', { at: 16, bit: 0, bits: code }),
  ...pageArea([`WRP${bank}A_STRT`, `WRP${bank}A_END`], 24, page),
  ...pageArea([`WRP${bank}B_STRT`, `WRP${bank}B_END`], 32, page),
  field(`SEC_SIZE${bank}`, 'securable pages', { at: 40, bit: 0, bits: size }),
];
const bank1 = (widths: Widths): OptionField[] => [
  ...areas(1, widths),
  flagField('PCROP_RDP', { at: 16, bit: 31 }, ['kept', 'erased'], 'PCROP when read protection goes'),
  bootLock({ at: 40, bit: 16 }, 'user flash only'),
];
const COMMON = { unit: 4, complement: 'always', readProtection: { field: 'RDP', open: 0xaa } } as const;

const oneBank = (id: string, widths: Widths, source: string): OptionLayout => ({
  ...COMMON,
  id,
  blocks: [0x1fff_7800],
  fields: [...BASIC, PB4_PUPEN, ...bank1(widths)],
  writeProtection: protectionAreas([1]),
  closed: codeAreas(['1'], 8),
  source,
});

/** G43x and G44x. */
export const G4_CATEGORY_2 = oneBank('g4-category-2', WIDTHS, 'RM0440');

/** G49x and G4Ax: 256 pages in one bank. */
export const G4_CATEGORY_4 = oneBank('g4-category-4', { code: 16, page: 8, size: 9 }, 'RM0440');

/** G47x and G48x. */
export const G4_CATEGORY_3: OptionLayout = {
  ...COMMON,
  id: 'g4-category-3',
  blocks: [0x1fff_7800, 0x1fff_f800],
  fields: [
    ...BASIC,
    bootBit('BFB2', optr(20), ['boot from bank 1', 'boot from bank 2']),
    bankBit('DBANK', optr(22), ['one bank', 'two banks']),
    ...bank1(WIDTHS),
    ...inBlock(1, areas(2, WIDTHS)),
  ],
  writeProtection: protectionAreas([1, 2]),
  closed: codeAreasOfTwoBanks(8),
  source: 'RM0440, category 3',
};

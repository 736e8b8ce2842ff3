/**
 * Option bytes of G4: words, each with its complement behind it, a block for each bank (RM0440 §3.4; embassy-rs/stm32-data
 * flash_g4).
 */
import {
  bankBit,
  bootBit,
  bootLock,
  field,
  flag,
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
  flag('SRAM_PE', optr(24), ['checked', 'not checked'], 'parity of SRAM1 and CCM SRAM'),
  flag('CCMSRAM_RST', optr(25), ['erased', 'kept'], 'CCM SRAM at a reset'),
  ...BOOT0_BITS,
  ...resetPin(optr(28), optr(30)),
];
const PB4_PUPEN = plainBit('PB4_PUPEN', optr(22), 'pull-up of PB4 at start');

const areas = (bank: 1 | 2): OptionField[] => [
  field(`PCROP${bank}_STRT`, 'proprietary code, first', { at: 8, bit: 0, bits: 15 }),
  field(`PCROP${bank}_END`, 'proprietary code, last', { at: 16, bit: 0, bits: 15 }),
  ...pageArea([`WRP${bank}A_STRT`, `WRP${bank}A_END`], 24, 7),
  ...pageArea([`WRP${bank}B_STRT`, `WRP${bank}B_END`], 32, 7),
  field(`SEC_SIZE${bank}`, 'securable pages', { at: 40, bit: 0, bits: 8 }),
];
const BANK_1 = [
  ...areas(1),
  flag('PCROP_RDP', { at: 16, bit: 31 }, ['kept', 'erased'], 'PCROP when read protection goes'),
  bootLock({ at: 40, bit: 16 }, 'user flash only'),
];
const COMMON = { unit: 4, complement: 'always', readProtection: { field: 'RDP', open: 0xaa } } as const;

/** G43x, G44x, G49x, G4Ax. */
export const G4_ONE_BANK: OptionLayout = {
  ...COMMON,
  id: 'g4-one-bank',
  blocks: [0x1fff_7800],
  fields: [...BASIC, PB4_PUPEN, ...BANK_1],
  writeProtection: protectionAreas([1]),
  source: 'RM0440 §3.4, categories 2 and 4',
};

/** G47x and G48x. */
export const G4_TWO_BANKS: OptionLayout = {
  ...COMMON,
  id: 'g4-two-banks',
  blocks: [0x1fff_7800, 0x1fff_f800],
  fields: [
    ...BASIC,
    bootBit('BFB2', optr(20), ['boot from bank 1', 'boot from bank 2']),
    bankBit('DBANK', optr(22), ['one bank', 'two banks']),
    ...BANK_1,
    ...inBlock(1, areas(2)),
  ],
  writeProtection: protectionAreas([1, 2]),
  source: 'RM0440 §3.4, category 3',
};

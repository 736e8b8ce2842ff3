/**
 * Option bytes of G0 and C0: words, each with its complement behind it (RM0444, RM0454, RM0490; embassy-rs/stm32-data
 * flash_g0x1, flash_c0). Those of the second bank of G0B and G0C are registers alone: where its ROM shows them no source tells.
 */
import {
  bankBit,
  bootBit,
  bootLock,
  codeAreas,
  field,
  flagField,
  inBlock,
  named,
  pageArea,
  protectionAreas,
  rdp,
  resetPin,
} from './fields.ts';
import type { OptionField, OptionLayout } from './layout.ts';
import { optr, resets, WATCHDOGS } from './optr.ts';

/** Where the securable area and BOOT_LOCK stand. */
const SECR = 0x70;

const BASIC = [
  rdp(optr(0)),
  flagField('BOR_EN', optr(8), ['off', 'on'], 'brown-out reset by level'),
  field(
    'BORF_LEV',
    'brown-out level, falling',
    { ...optr(9), bits: 2 },
    { values: levels('2.0', '2.2', '2.5', '2.8') },
  ),
  field(
    'BORR_LEV',
    'brown-out level, rising',
    { ...optr(11), bits: 2 },
    { values: levels('2.1', '2.3', '2.6', '2.9') },
  ),
  ...resets(13),
  ...WATCHDOGS,
  flagField('RAM_PARITY_CHECK', optr(22), ['checked', 'not checked'], 'parity of the RAM'),
  bootBit('nBOOT_SEL', optr(24), ['BOOT0 is the pin', 'BOOT0 is nBOOT0']),
  bootBit('nBOOT1', optr(25), ['BOOT1 = 1: RAM', 'BOOT1 = 0: system memory']),
  bootBit('nBOOT0', optr(26), ['BOOT0 = 1', 'BOOT0 = 0']),
  ...resetPin(optr(27), optr(29)),
];

function levels(...volts: readonly string[]) {
  return volts.map((text, value) => named(value, `${text} V`));
}

const areas = (pcropBits: number, pageBits: number): OptionField[] => [
  field('PCROP1A_STRT', 'proprietary code, first', { at: 0x08, bit: 0, bits: pcropBits }),
  field('PCROP1A_END', 'proprietary code, last', { at: 0x10, bit: 0, bits: pcropBits }),
  flagField('PCROP_RDP', { at: 0x10, bit: 31 }, ['kept', 'erased'], 'PCROP when read protection goes'),
  ...pageArea(['WRP1A_STRT', 'WRP1A_END'], 0x18, pageBits),
  ...pageArea(['WRP1B_STRT', 'WRP1B_END'], 0x20, pageBits),
  field('PCROP1B_STRT', 'proprietary code, first', { at: 0x28, bit: 0, bits: pcropBits }),
  field('PCROP1B_END', 'proprietary code, last', { at: 0x30, bit: 0, bits: pcropBits }),
];

const security = (sizeBits: number): OptionField[] => [
  field('SEC_SIZE', 'securable pages', { at: SECR, bit: 0, bits: sizeBits }),
  bootLock({ at: SECR, bit: 16 }, 'user flash only'),
];

const COMMON = {
  blocks: [0x1fff_7800],
  unit: 4,
  complement: 'always',
  readProtection: { field: 'RDP', open: 0xaa },
} as const;
const AREAS = protectionAreas([1]);

export const G0: OptionLayout = {
  ...COMMON,
  id: 'g0',
  fields: [...BASIC, ...areas(9, 7), ...security(8)],
  writeProtection: AREAS,
  closed: codeAreas(['1A', '1B'], 512),
  source: 'RM0444, RM0454',
};

/** FLASH_PCROP2ASR is the first of the registers of bank 2 (RM0444). */
const SECOND_BANK = 0x4002_2044;
const bank2Areas: readonly OptionField[] = [
  field('PCROP2A_STRT', 'proprietary code, first', { at: 0x08, bit: 0, bits: 9 }),
  field('PCROP2A_END', 'proprietary code, last', { at: 0x10, bit: 0, bits: 9 }),
  ...pageArea(['WRP2A_STRT', 'WRP2A_END'], 0x18, 7),
  ...pageArea(['WRP2B_STRT', 'WRP2B_END'], 0x20, 7),
  field('PCROP2B_STRT', 'proprietary code, first', { at: 0x28, bit: 0, bits: 9 }),
  field('PCROP2B_END', 'proprietary code, last', { at: 0x30, bit: 0, bits: 9 }),
];

/** Only a debug probe shows the second block. */
export const G0B: OptionLayout = {
  ...G0,
  id: 'g0b',
  blocks: [...COMMON.blocks, SECOND_BANK],
  fields: [
    ...G0.fields,
    bootBit('nSWAP_BANK', optr(20), ['banks swapped', 'banks in order']),
    bankBit('DUAL_BANK', optr(21), ['one bank', 'two banks']),
    ...inBlock(1, bank2Areas),
  ],
  writeProtection: { ...protectionAreas([1, 2]), incomplete: true },
  closed: codeAreas(['1A', '1B', '2A', '2B'], 512),
};

export const C0: OptionLayout = {
  ...COMMON,
  id: 'c0',
  fields: [...BASIC, ...areas(6, 6), ...security(5)],
  writeProtection: AREAS,
  closed: codeAreas(['1A', '1B'], 512),
  source: 'RM0490',
};

/** 128 pages: page numbers have a bit more than those of the smaller parts, and offsets of proprietary code two or three. */
export const C09: OptionLayout = { ...C0, id: 'c09', fields: [...BASIC, ...areas(9, 7), ...security(8)] };

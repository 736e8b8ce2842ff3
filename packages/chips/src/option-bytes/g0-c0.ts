/**
 * Option bytes of G0 and C0: words, each with its complement behind it (RM0444 §3.4, RM0454, RM0490; embassy-rs/stm32-data
 * flash_g0x1, flash_c0). Those of a second bank of G0Bx have no place here yet.
 */
import {
  bankBit,
  bootBit,
  bootLock,
  codeAreas,
  field,
  flagField,
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
  fields: [
    ...BASIC,
    bootBit('nSWAP_BANK', optr(20), ['banks swapped', 'banks in order']),
    bankBit('DUAL_BANK', optr(21), ['one bank', 'two banks']),
    ...areas(9, 7),
    ...security(8),
  ],
  writeProtection: { ...AREAS, incomplete: true },
  closed: codeAreas(['1A', '1B'], 512),
  source: 'RM0444 §3.4, RM0454',
};

export const C0: OptionLayout = {
  ...COMMON,
  id: 'c0',
  fields: [...BASIC, ...areas(6, 6), ...security(5)],
  writeProtection: AREAS,
  closed: codeAreas(['1A', '1B'], 512),
  source: 'RM0490',
};

/**
 * Option bytes of F7: a half-word every 8 bytes (RM0385, RM0410, RM0431); a dump of an F76x shows the
 * complement behind each (community.st.com td-p/410209). F72x and F73x go on with the halves of FLASH_OPTCR2.
 */
import { bankBit, bootBit, brownOut, field, flagField, frozen, HIGH_LEVELS, rdp, resetOn, watchdog } from './fields.ts';
import type { OptionField, OptionLayout } from './layout.ts';

const USER_AND_RDP = 0;
const NWRP = 8;
/** BOOT_ADDx counts 16 KB. */
const BOOT_SHIFT = 14;
const user = (bit: number) => ({ at: USER_AND_RDP, bit });
const BASIC = [
  rdp({ at: USER_AND_RDP, bit: 8 }),
  brownOut({ ...user(2), bits: 2 }, HIGH_LEVELS),
  watchdog('WWDG_SW', user(4)),
  watchdog('IWDG_SW', user(5)),
  resetOn('nRST_STOP', user(6)),
  resetOn('nRST_STDBY', user(7)),
  frozen('IWDG_STDBY', { at: NWRP, bit: 14 }),
  frozen('IWDG_STOP', { at: NWRP, bit: 15 }),
];
const bootAddress = (name: string, at: number, pin: string): OptionField =>
  field(name, `where to start with ${pin}`, { at, bit: 0, bits: 16 }, { addressShift: BOOT_SHIFT });
const BOOT = [bootAddress('BOOT_ADD0', 0x10, 'BOOT0 low'), bootAddress('BOOT_ADD1', 0x18, 'BOOT0 high')];
const nWrp = (bits: number): OptionField => field('nWRP', 'write protection: a 0 protects', { at: NWRP, bit: 0, bits });

const COMMON = {
  blocks: [0x1fff_0000],
  unit: 2,
  complement: 'where-seen',
  readProtection: { field: 'RDP', open: 0xaa },
} as const;

export const F74: OptionLayout = {
  ...COMMON,
  id: 'f74',
  fields: [...BASIC, nWrp(8), ...BOOT],
  writeProtection: { kind: 'bits', fields: ['nWRP'], protects: 0 },
  source: 'RM0385',
};

/** The lower and the upper half of FLASH_OPTCR2, as OPTCR and OPTCR1 stand before it (RM0431). */
const PCROP = 0x20;
const PCROP_RDP = 0x28;

/** A bit of PCROP stands for a sector, and its ROM shows 48 bytes (capture of an F722). */
export const F72: OptionLayout = {
  ...F74,
  id: 'f72',
  fields: [
    ...F74.fields,
    field('PCROP', 'proprietary code: a 1 protects', { at: PCROP, bit: 0, bits: 8 }),
    flagField('PCROP_RDP', { at: PCROP_RDP, bit: 15 }, ['kept', 'erased'], 'PCROP when read protection goes'),
  ],
  codeBits: { kind: 'bits', fields: ['PCROP'], protects: 1 },
  source: 'RM0431',
};

/** In two banks a bit of nWRP stands for two sectors; bank 2 has the last six bits at any size (RM0410). */
export const F76: OptionLayout = {
  ...COMMON,
  id: 'f76',
  fields: [
    ...BASIC,
    bankBit('nDBANK', { at: NWRP, bit: 13 }, ['two banks', 'one bank']),
    bootBit('nDBOOT', { at: NWRP, bit: 12 }, ['dual boot', 'no dual boot']),
    nWrp(12),
    ...BOOT,
  ],
  writeProtection: {
    kind: 'bits',
    fields: ['nWRP'],
    protects: 0,
    perBank: true,
    sectorsPerBit: { field: 'nDBANK', counts: { 0: 2, 1: 1 } },
  },
  source: 'RM0410; dump of an F767, community.st.com td-p/410209',
};

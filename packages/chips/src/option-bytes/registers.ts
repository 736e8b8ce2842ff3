/**
 * Option bytes of L5, U5, U3, U0 and WBA: the registers from FLASH_OPTR on, without complements (RM0438, RM0456, RM0487,
 * RM0503, RM0515; embassy-rs/stm32-data flash_l5, flash_u5, flash_u0, flash_wba).
 */
import {
  bankBit,
  bootBit,
  bootLock,
  brownOut,
  field,
  flagField,
  named,
  pageArea,
  plainBit,
  protectionAreas,
  rdp,
  rdpTrustZone,
  resetPin,
} from './fields.ts';
import type { ClosedArea, OptionField, OptionLayout } from './layout.ts';
import { BOOT0_BITS, BOR_8, optr, resets, SRAM2_PE, SRAM2_RST, WATCHDOGS } from './optr.ts';

const COMMON = { unit: 4, complement: 'never', readProtection: { field: 'RDP', open: 0xaa } } as const;
const TZEN_CAUTION = 'TrustZone divides the chip into a secure and a non-secure world; going back erases everything';
const TZEN = field(
  'TZEN',
  'TrustZone',
  { ...optr(31), bits: 1 },
  {
    values: [named(0, 'off'), { ...named(1, 'on'), caution: TZEN_CAUTION }],
  },
);
const BASIC = [rdpTrustZone(optr(0)), BOR_8, ...resets(12), ...WATCHDOGS, SRAM2_RST, ...BOOT0_BITS, TZEN];
const SWAP_BANK = bootBit('SWAP_BANK', optr(20), ['banks in order', 'banks swapped']);
const PA15_PUPEN = plainBit('PA15_PUPEN', optr(28), 'pull-up of PA15 at start');

/** Bits 31–7 of the address. */
const bootAddress = (name: string, at: number): OptionField =>
  field(name, 'where to start', { at, bit: 7, bits: 25 }, { addressShift: 7 });
const BOOT_ADDRESSES = [
  bootAddress('NSBOOTADD0', 0x04),
  bootAddress('NSBOOTADD1', 0x08),
  bootAddress('SECBOOTADD0', 0x0c),
  bootLock({ at: 0x0c, bit: 0 }, 'SECBOOTADD0 only'),
];

const bank = (n: 1 | 2, bits: number): OptionField[] => {
  const start = n === 1 ? 0x10 : 0x20;
  return [
    ...pageArea([`SECWM${n}_PSTRT`, `SECWM${n}_PEND`], start, bits, 'secure pages of the bank'),
    ...pageArea([`WRP${n}A_PSTRT`, `WRP${n}A_PEND`], start + 8, bits),
    ...pageArea([`WRP${n}B_PSTRT`, `WRP${n}B_PEND`], start + 12, bits),
  ];
};
const PAGES = ['PSTRT', 'PEND'] as const;
const PROTECTED = protectionAreas([1, 2], PAGES);
/** With TrustZone the pages of these areas take no writes from a bootloader that is not secure (RM0438, RM0456). */
const secureAreas = (...banks: readonly (1 | 2)[]): ClosedArea[] =>
  banks.map((n) => ({
    name: `SECWM${n}`,
    bank: n - 1,
    start: `SECWM${n}_PSTRT`,
    end: `SECWM${n}_PEND`,
    unitBytes: 'sector',
    only: { field: 'TZEN', value: 1 },
  }));

export const L5: OptionLayout = {
  ...COMMON,
  id: 'l5',
  blocks: [0x4002_2040],
  fields: [
    ...BASIC,
    SWAP_BANK,
    bankBit('DB256K', optr(21), ['256 KB in one bank', '256 KB in two banks']),
    bankBit('DBANK', optr(22), ['one bank', 'two banks']),
    SRAM2_PE,
    PA15_PUPEN,
    ...BOOT_ADDRESSES,
    ...bank(1, 7),
    ...bank(2, 7),
  ],
  writeProtection: PROTECTED,
  closed: secureAreas(1, 2),
  source: 'RM0438',
};

const DUALBANK = bankBit('DUALBANK', optr(21), ['one bank (smaller parts)', 'two banks']);

export const U5: OptionLayout = {
  ...COMMON,
  id: 'u5',
  blocks: [0x4002_2040],
  fields: [
    ...BASIC,
    plainBit('SRAM1345_RST', optr(15), 'SRAM1, 3, 4, 5 kept at a reset'),
    SWAP_BANK,
    DUALBANK,
    plainBit('BKPSRAM_ECC', optr(22), 'no ECC of the backup RAM'),
    plainBit('SRAM3_ECC', optr(23), 'no ECC of SRAM3'),
    plainBit('SRAM2_ECC', optr(24), 'no ECC of SRAM2'),
    PA15_PUPEN,
    plainBit('IO_VDD_HSLV', optr(29), 'fast pins at low VDD'),
    plainBit('IO_VDDIO2_HSLV', optr(30), 'fast pins at low VDDIO2'),
    ...BOOT_ADDRESSES,
    ...bank(1, 8),
    ...bank(2, 8),
  ],
  writeProtection: PROTECTED,
  closed: secureAreas(1, 2),
  source: 'RM0456',
};

const SRAM1_RST = plainBit('SRAM1_RST', optr(15), 'SRAM1 kept at a reset');

/** U3B5 and U3C5: no document that we have tells how wide the page numbers of 256 pages in a bank are. */
export const U3C: OptionLayout = {
  ...COMMON,
  id: 'u3c',
  blocks: [0x4002_2040],
  fields: [...BASIC, SRAM1_RST, SWAP_BANK, DUALBANK, SRAM2_PE, ...BOOT_ADDRESSES],
  source: 'RM0487',
};

export const U3: OptionLayout = {
  ...U3C,
  id: 'u3',
  fields: [...U3C.fields, ...bank(1, 7), ...bank(2, 7)],
  writeProtection: PROTECTED,
  closed: secureAreas(1, 2),
};

export const WBA: OptionLayout = {
  ...COMMON,
  id: 'wba',
  blocks: [0x4002_2040],
  fields: [...BASIC, SRAM1_RST, SRAM2_PE, ...BOOT_ADDRESSES, ...bank(1, 7)],
  writeProtection: protectionAreas([1], PAGES),
  closed: secureAreas(1),
  source: 'RM0515',
};

/** No TrustZone; boot bits as on G0. */
export const U0: OptionLayout = {
  ...COMMON,
  id: 'u0',
  blocks: [0x4002_2020],
  fields: [
    rdp(optr(0)),
    brownOut({ ...optr(8), bits: 3 }, [named(0, '2.1 V'), named(1, '2.3 V'), named(2, '2.6 V'), named(3, '2.9 V')]),
    ...resets(13),
    ...WATCHDOGS,
    plainBit('BDRST', optr(21), 'no reset of the backup domain at start'),
    flagField('RAM_PARITY_CHECK', optr(22), ['checked', 'not checked'], 'parity of the RAM'),
    plainBit('BKPSRAM_HW_ERASE_DISABLE', optr(23), 'backup RAM kept by tamper'),
    bootBit('nBOOT_SEL', optr(24), ['BOOT0 is the pin', 'BOOT0 is nBOOT0']),
    bootBit('nBOOT1', optr(25), ['BOOT1 = 1: RAM', 'BOOT1 = 0: system memory']),
    bootBit('nBOOT0', optr(26), ['BOOT0 = 1', 'BOOT0 = 0']),
    ...resetPin(optr(27), optr(29)),
    ...pageArea(['WRP1A_STRT', 'WRP1A_END'], 0x0c, 7),
    ...pageArea(['WRP1B_STRT', 'WRP1B_END'], 0x10, 7),
  ],
  writeProtection: protectionAreas([1]),
  source: 'RM0503',
};

/**
 * Option bytes of L0 and L1: half-words, each with its complement behind it (RM0376, RM0367; RM0038). A bit of
 * write protection stands for 4 KB, and a 1 protects.
 */
import { bootBit, brownOut, flagField, mask, named, rdp, resetOn, watchdog } from './fields.ts';
import type { OptionField, OptionLayout, ProtectionBits } from './layout.ts';

const USER = 4;
const user = (bit: number) => ({ at: USER, bit });
const LEVELS = [
  named(0, 'off'),
  named(8, '1.8 V'),
  named(9, '2.0 V'),
  named(10, '2.5 V'),
  named(11, '2.7 V'),
  named(12, '3.0 V'),
];
const protectionMode = (name: string): OptionField =>
  flagField(name, { at: 0, bit: 8 }, ['write protection', 'PCROP'], 'meaning of the protection bits');
const BASIC = [rdp({ at: 0, bit: 0 }), brownOut({ ...user(0), bits: 4 }, LEVELS)];
const COMMON = {
  blocks: [0x1ff8_0000],
  unit: 2,
  complement: 'always',
  readProtection: { field: 'RDP', open: 0xaa },
} as const;

const protection = (name: string, ...units: number[]): OptionField =>
  mask(name, 'write protection: a 1 protects 4 KB', units, 2);

/** @param mode the bit that makes PCROP of it */
const protectionOf = (fields: readonly string[], mode: string): ProtectionBits => ({
  kind: 'bits',
  fields,
  protects: 1,
  bytesPerBit: 4096,
  unless: { field: mode, value: 1 },
});

export const L0: OptionLayout = {
  ...COMMON,
  id: 'l0',
  fields: [
    ...BASIC,
    protectionMode('WPRMOD'),
    watchdog('WDG_SW', user(4)),
    resetOn('nRST_STOP', user(5)),
    resetOn('nRST_STDBY', user(6)),
    bootBit('BFB2', user(7), ['boot from bank 1', 'boot from bank 2']),
    bootBit('nBOOT1', user(15), ['BOOT1 = 1: RAM', 'BOOT1 = 0: system memory']),
    protection('WRPROT1', 8, 12),
    protection('WRPROT2', 16),
  ],
  writeProtection: protectionOf(['WRPROT1', 'WRPROT2'], 'WPRMOD'),
  source: 'RM0376; embassy-rs/stm32-data flash_l0',
};

/** WRP4, of what lies behind the first 384 KB of the largest parts, lies elsewhere and is not shown. */
export const L1: OptionLayout = {
  ...COMMON,
  id: 'l1',
  fields: [
    ...BASIC,
    protectionMode('SPRMOD'),
    watchdog('IWDG_SW', user(4)),
    resetOn('nRST_STOP', user(5)),
    resetOn('nRST_STDBY', user(6)),
    bootBit('nBFB2', user(7), ['boot from bank 2', 'boot from bank 1']),
    protection('WRP1', 8, 12),
    protection('WRP2', 16, 20),
    protection('WRP3', 24, 28),
  ],
  writeProtection: protectionOf(['WRP1', 'WRP2', 'WRP3'], 'SPRMOD'),
  source: 'RM0038; embassy-rs/stm32-data flash_l1',
};

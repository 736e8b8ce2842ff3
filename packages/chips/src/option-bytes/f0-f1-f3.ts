/**
 * Option bytes of F0, F1 and F3: bytes, each with its complement behind it. RDP, USER, Data0, Data1, WRP0–WRP3 (PM0075,
 * RM0091, RM0360; RM0316, RM0313, RM0365, RM0366: option byte description).
 */
import { bootBit, flagField, mask, plainBit, rdp, rdpF1, resetOn, watchdog } from './fields.ts';
import type { OptionField, OptionLayout } from './layout.ts';

const USER = 2;
const user = (bit: number) => ({ at: USER, bit });
const DATA = [mask('Data0', 'for the user', [4], 1), mask('Data1', 'for the user', [6], 1)];
const BASIC = [watchdog('WDG_SW', user(0)), resetOn('nRST_STOP', user(1)), resetOn('nRST_STDBY', user(2))];
const N_BOOT1 = bootBit('nBOOT1', user(4), ['BOOT1 = 1: RAM', 'BOOT1 = 0: system memory']);
const VDDA_MONITOR = flagField('VDDA_MONITOR', user(5), ['off', 'on'], 'supervision of VDDA');
const parity = (name: string): OptionField => flagField(name, user(6), ['checked', 'not checked'], 'parity of the RAM');

interface Kind {
  readonly id: string;
  readonly fields: readonly OptionField[];
  /** Bytes of write protection bits. */
  readonly protectionBytes?: number;
  readonly source: string;
}

/** A bit covers 4 KB of flash, the last of 32 all the rest. */
function layout({ id, fields, protectionBytes = 4, source }: Kind): OptionLayout {
  const units = [8, 10, 12, 14].slice(0, protectionBytes);
  return {
    id,
    blocks: [0x1fff_f800],
    unit: 1,
    complement: 'always',
    fields: [...fields, ...DATA, mask('WRP', 'write protection: a 0 protects 4 KB, the last all the rest', units, 1)],
    readProtection: { field: 'RDP', open: id === 'f1' ? 0xa5 : 0xaa },
    writeProtection: { kind: 'bits', fields: ['WRP'], protects: 0, bytesPerBit: 4096, lastCoversRest: true },
    source,
  };
}

const RDP = rdp({ at: 0, bit: 0 });
const F0_FIELDS = [RDP, ...BASIC, N_BOOT1, VDDA_MONITOR, parity('RAM_PARITY_CHECK')];
const F3_FIELDS = [RDP, ...BASIC, N_BOOT1, VDDA_MONITOR];

export const F1 = layout({ id: 'f1', fields: [rdpF1({ at: 0, bit: 0 }), ...BASIC], source: 'PM0075' });

export const F0 = layout({ id: 'f0', fields: F0_FIELDS, source: 'RM0091, RM0360' });

/** F04x chooses by option bits whether the BOOT0 pin counts. */
export const F04 = layout({
  id: 'f04',
  fields: [
    ...F0_FIELDS,
    bootBit('nBOOT0', user(3), ['BOOT0 = 1', 'BOOT0 = 0']),
    bootBit('BOOT_SEL', user(7), ['BOOT0 is nBOOT0', 'BOOT0 is the pin']),
  ],
  source: 'RM0091',
});

export const F303 = layout({ id: 'f303', fields: [...F3_FIELDS, parity('SRAM_PE')], source: 'RM0316, RM0365' });
export const F373 = layout({
  id: 'f373',
  fields: [...F3_FIELDS, parity('SRAM_PE'), plainBit('SDADC12_VDD_MONITOR', user(7), 'supervision of VDDSD12')],
  source: 'RM0313',
});
export const F302X8 = layout({ id: 'f302x8', fields: F3_FIELDS, protectionBytes: 2, source: 'RM0365, RM0366' });

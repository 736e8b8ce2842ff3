/**
 * Option bytes of F2 and F4: half-words at +0 and +8 of their block (RM0033, RM0090, RM0368, RM0383, RM0390,
 * RM0386, RM0402, RM0430: option byte organization).
 */
import {
  bankBit,
  bootBit,
  brownOut,
  field,
  flagField,
  HIGH_LEVELS,
  inBlock,
  rdp,
  resetOn,
  watchdog,
} from './fields.ts';
import type { OptionField, OptionLayout } from './layout.ts';

const USER_AND_RDP = 0;
const NWRP = 8;
const user = (bit: number) => ({ at: USER_AND_RDP, bit });

const BASIC = [
  rdp({ at: USER_AND_RDP, bit: 8 }),
  brownOut({ ...user(2), bits: 2 }, HIGH_LEVELS),
  watchdog('WDG_SW', user(5)),
  resetOn('nRST_STOP', user(6)),
  resetOn('nRST_STDBY', user(7)),
];
const nWrp = (bits: number, name = 'nWRP'): OptionField =>
  field(name, 'write protection: a 0 protects its sector', { at: NWRP, bit: 0, bits });
const SPRMOD = flagField(
  'SPRMOD',
  { at: NWRP, bit: 15 },
  ['nWRP is write protection', 'nWRP is PCROP'],
  'meaning of nWRP',
);
const BANK_2 = 'nWRP_BANK2';

interface Kind {
  readonly id: string;
  readonly protectionBits: number;
  readonly fields?: readonly OptionField[];
  /** Whether the last bit stands for more than its sector. */
  readonly lastCoversRest?: true;
  readonly source: string;
}

function layout({ id, protectionBits, fields = [], lastCoversRest, source }: Kind): OptionLayout {
  return {
    id,
    blocks: [0x1fff_c000],
    unit: 2,
    complement: 'where-seen',
    fields: [...BASIC, ...fields, nWrp(protectionBits)],
    readProtection: { field: 'RDP', open: 0xaa },
    writeProtection: {
      kind: 'bits',
      fields: ['nWRP'],
      protects: 0,
      ...(lastCoversRest && { lastCoversRest }),
      ...(fields.includes(SPRMOD) && { unless: { field: 'SPRMOD', value: 1 } }),
    },
    source,
  };
}

export const F2_F405 = layout({ id: 'f2-f405', protectionBits: 12, source: 'RM0033, RM0090' });
export const F401 = layout({ id: 'f401', protectionBits: 8, fields: [SPRMOD], source: 'RM0368, RM0383, RM0390' });
export const F412 = layout({ id: 'f412', protectionBits: 12, fields: [SPRMOD], source: 'RM0402' });
export const F413 = layout({
  id: 'f413',
  protectionBits: 15,
  fields: [SPRMOD],
  lastCoversRest: true,
  source: 'RM0430',
});

/** With a second bank: its sectors are protected in a block of their own. */
const F42X_BANK_1 = layout({
  id: 'f42x',
  protectionBits: 12,
  fields: [
    bootBit('BFB2', user(4), ['boot from bank 1', 'boot from bank 2']),
    bankBit('DB1M', { at: NWRP, bit: 14 }, ['1 MB in one bank', '1 MB in two banks']),
    SPRMOD,
  ],
  source: 'RM0090, RM0386',
});
export const F42X: OptionLayout = {
  ...F42X_BANK_1,
  blocks: [0x1fff_c000, 0x1ffe_c000],
  fields: [...F42X_BANK_1.fields, ...inBlock(1, [nWrp(12, BANK_2)])],
  writeProtection: {
    kind: 'bits',
    fields: ['nWRP', BANK_2],
    protects: 0,
    perBank: true,
    unless: { field: 'SPRMOD', value: 1 },
  },
};

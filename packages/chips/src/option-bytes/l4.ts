/**
 * Option bytes of L4 and L4+: words, each with its complement behind it, a block for each bank (RM0351, RM0392,
 * RM0394, RM0432; embassy-rs/stm32-data flash_l4).
 */
import {
  bankBit,
  bootBit,
  codeAreas,
  codeAreasOfTwoBanks,
  field,
  flagField,
  inBlock,
  pageArea,
  protectionAreas,
} from './fields.ts';
import type { OptionField, OptionLayout } from './layout.ts';
import { BOOT0_BITS, LOW_POWER_OPTR, N_BOOT1, optr, SRAM2_PE, SRAM2_RST } from './optr.ts';

const COMMON = {
  unit: 4,
  complement: 'always',
  readProtection: { field: 'RDP', open: 0xaa },
} as const;
const BASIC = [...LOW_POWER_OPTR, N_BOOT1, SRAM2_PE, SRAM2_RST];
const BFB2 = bootBit('BFB2', optr(20), ['boot from bank 1', 'boot from bank 2']);

/** @param codeBits of the offsets of PCROP, which count 8 bytes */
const areas = (bank: 1 | 2, codeBits: number): OptionField[] => [
  field(`PCROP${bank}_STRT`, 'proprietary code, first double word', { at: 8, bit: 0, bits: codeBits }),
  field(`PCROP${bank}_END`, 'proprietary code, last double word', { at: 16, bit: 0, bits: codeBits }),
  ...pageArea([`WRP${bank}A_STRT`, `WRP${bank}A_END`], 24, 8),
  ...pageArea([`WRP${bank}B_STRT`, `WRP${bank}B_END`], 32, 8),
];
const PCROP_RDP = flagField('PCROP_RDP', { at: 16, bit: 31 }, ['kept', 'erased'], 'PCROP when read protection goes');

const CODE_BITS = 16;
/** RM0432: PCROP1_STRT[16:0]. */
const PLUS_CODE_BITS = 17;

/** L41x, L43x and L45x. */
export const L4_ONE_BANK: OptionLayout = {
  ...COMMON,
  id: 'l4-one-bank',
  blocks: [0x1fff_7800],
  fields: [...BASIC, ...BOOT0_BITS, ...areas(1, CODE_BITS), PCROP_RDP],
  writeProtection: protectionAreas([1]),
  closed: codeAreas(['1'], 8),
  source: 'RM0394',
};

interface TwoBanks extends Pick<OptionLayout, 'id' | 'blocks' | 'closed' | 'source'> {
  readonly bits: readonly OptionField[];
  readonly codeBits: number;
}

const twoBanks = ({ bits, codeBits, ...rest }: TwoBanks): OptionLayout => ({
  ...COMMON,
  ...rest,
  fields: [...BASIC, BFB2, ...bits, ...areas(1, codeBits), PCROP_RDP, ...inBlock(1, areas(2, codeBits))],
  writeProtection: protectionAreas([1, 2]),
});

const DUALBANK = bankBit('DUALBANK', optr(21), ['one bank (256 and 512 KB parts)', 'two banks']);
const PLAIN = { blocks: [0x1fff_7800, 0x1fff_f800], codeBits: CODE_BITS, closed: codeAreas(['1', '2'], 8) };

/** L47x and L48x have no bits in the place of the BOOT0 pin. */
export const L47 = twoBanks({ ...PLAIN, id: 'l47', bits: [DUALBANK], source: 'RM0351, RM0392' });
export const L49 = twoBanks({ ...PLAIN, id: 'l49', bits: [DUALBANK, ...BOOT0_BITS], source: 'RM0351' });

const PLUS = {
  blocks: [0x1ff0_0000, 0x1ff0_1000],
  codeBits: PLUS_CODE_BITS,
  closed: codeAreasOfTwoBanks(8),
  source: 'RM0432',
};
const DBANK = bankBit('DBANK', optr(22), ['one bank', 'two banks']);
export const L4R = twoBanks({
  ...PLUS,
  id: 'l4r',
  bits: [bankBit('DB1M', optr(21), ['1 MB in one bank', '1 MB in two banks']), DBANK, ...BOOT0_BITS],
});
export const L4P = twoBanks({
  ...PLUS,
  id: 'l4p',
  bits: [bankBit('DB512K', optr(21), ['512 KB in one bank', '512 KB in two banks']), DBANK, ...BOOT0_BITS],
});

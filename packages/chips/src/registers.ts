/** Where a chip says what it is: its DEV_ID, and the option bits that divide its flash. Facts by family. */
import type { Chip } from './chip.ts';

/** DBGMCU_IDCODE; its bits 11–0 are the DEV_ID (reference manuals, section "Debug support"). */
const IDCODE: Readonly<Record<string, number>> = {
  F0: 0x4001_5800,
  L0: 0x4001_5800,
  G0: 0x4001_5800,
  C0: 0x4001_5800,
  U0: 0x4001_5800,
  F1: 0xe004_2000,
  F2: 0xe004_2000,
  F3: 0xe004_2000,
  F4: 0xe004_2000,
  F7: 0xe004_2000,
  L1: 0xe004_2000,
  L4: 0xe004_2000,
  'L4+': 0xe004_2000,
  G4: 0xe004_2000,
  WB: 0xe004_2000,
  WL: 0xe004_2000,
  L5: 0xe004_4000,
  U3: 0xe004_4000,
  U5: 0xe004_4000,
  H5: 0xe004_4000,
  WBA: 0xe004_4000,
  H7: 0x5c00_1000,
};

/** `undefined` where it is not sourced. */
export const idCodeAddress = ({ family }: Chip): number | undefined => IDCODE[family];

/** A bit of the option bytes as the bootloader shows them, counted from the first byte of their first block. */
export interface OptionBitPlace {
  readonly byte: number;
  readonly bit: number;
}

/** FLASH_OPTR as it stands first in the option bytes of these families; on L5 it is the register itself. */
const optr = (bit: number): OptionBitPlace => ({ byte: bit >> 3, bit: bit & 7 });

/**
 * F4: RM0090 §3.9.1 and RM0386, option bytes, the half-word at +8. F7: RM0410 §4.4; a dump of a part with nDBANK = 0 shows
 * 0xDFFF there (community.st.com td-p/410209). G0: RM0444, G4: RM0440, L4+: RM0432, L5: RM0438, FLASH_OPTR.
 */
const OPTION_BITS: Readonly<Record<string, Readonly<Record<string, OptionBitPlace>>>> = {
  F4: { DB1M: { byte: 9, bit: 6 } },
  F7: { nDBANK: { byte: 9, bit: 5 } },
  G0: { DUAL_BANK: optr(21) },
  G4: { DBANK: optr(22) },
  'L4+': { DBANK: optr(22) },
  L5: { DBANK: optr(22) },
};

/** `undefined` where it is not sourced. */
export function placeOfOptionBit({ family }: Chip, name: string): OptionBitPlace | undefined {
  return OPTION_BITS[family]?.[name];
}

/**
 * Option bytes and identity as L4, L4+, G0, G4, C0 and WB have them: OPTR with RDP in its first byte, then its
 * complement (RM0351).
 */

import { littleEndian } from '../bytes.ts';
import { protectionByte } from '../chip/protection.ts';
import { KB, optionBlock } from './row.ts';

/** OPTR of an L4 and its complement: bit 22 is DBANK of L4+ and G4, bit 21 DUAL_BANK of G0 (RM0432, RM0440, RM0444). */
const OPTR = [0xaa, 0xf8, 0xef, 0xff, 0x55, 0x07, 0x10, 0];
const OPTR_SINGLE_BANK = [0xaa, 0xf8, 0xaf, 0xff, 0x55, 0x07, 0x50, 0];

/** Behind OPTR: no PCROP, and areas of write protection that end before they begin; each word with its complement. */
const NOTHING_PROTECTED = [0xffff_ffff, 0x0000_0000, 0xff00_ffff, 0xff00_ffff].flatMap((word) => [
  ...littleEndian(word, 4),
  ...littleEndian(~word, 4),
]);

export const L4_OPTIONS = 0x1fff_7800;
export const L4_GUARD = protectionByte(0, undefined, 4);

export const optrBlock = (start: number, length: number) => optionBlock(start, [...OPTR, ...NOTHING_PROTECTED], length);
/** DBANK = 0. */
export const singleBankOptrBlock = (start: number, length: number) =>
  optionBlock(start, [...OPTR_SINGLE_BANK, ...NOTHING_PROTECTED], length);

/** UID and flash size of L4, L4+, G0, G4 and WB (RM0351, RM0432, RM0444, RM0440, RM0434). */
export const L4_IDENTITY = { uidAt: 0x1fff_7590, flashSizeAt: 0x1fff_75e0 } as const;

/** What G0, G4 and C0 have in common; C0 keeps its identity elsewhere. */
export const G_COMMON = { ...L4_IDENTITY, otp: [0x1fff_7000, KB], guard: L4_GUARD } as const;

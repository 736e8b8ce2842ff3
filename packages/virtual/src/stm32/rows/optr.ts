/**
 * Option bytes of L5, U0, U3, U5 and WBA: the registers from OPTR on, RDP in the first byte (RM0438, RM0503, RM0487,
 * RM0456, RM0515).
 */

import { protectionByte } from '../guards.ts';
import { optionBlock } from './row.ts';

/** As it leaves the factory; bit 22 is DBANK of L5. */
const OPTR = [0xaa, 0xf8, 0xef, 0x1f];
const OPTR_SINGLE_BANK = [0xaa, 0xf8, 0xaf, 0x1f];

export const OPTR_GUARD = protectionByte(0);
export const optrRegisters = (start: number, length: number) => optionBlock(start, OPTR, length);
/** DBANK = 0. */
export const singleBankOptrRegisters = (start: number, length: number) => optionBlock(start, OPTR_SINGLE_BANK, length);

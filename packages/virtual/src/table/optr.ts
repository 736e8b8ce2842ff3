/**
 * Option bytes of L5, U0, U3, U5 and WBA: the registers from OPTR on, RDP in the first byte (RM0438, RM0503, RM0487,
 * RM0456, RM0515), as they leave the factory.
 */

import { littleEndian } from '../bytes.ts';
import { protectionByte } from '../chip/protection.ts';
import { optionBlock } from './row.ts';

/** Bit 22 is DBANK of L5. */
const OPTR = 0x1fef_f8aa;
const OPTR_SINGLE_BANK = 0x1faf_f8aa;
/** NSBOOTADD0 and NSBOOTADD1: flash and system memory; SECBOOTADD0 without BOOT_LOCK. */
const bootAddresses = (systemMemory: number): number[] => [0x0800_007f, systemMemory + 0x7f, 0x0c00_007c];
/** Where system memory begins on L5, U5 and WBA6. */
const SYSTEM_MEMORY = 0x0bf9_0000;
/** SECWMxR1, SECWMxR2, WRPxAR, WRPxBR of a bank: areas that end before they begin. */
const BANK = [0xff00_ffff, 0xffff_ffff, 0xff00_ffff, 0xff00_ffff];

export const OPTR_GUARD = protectionByte(0);
const registers = (start: number, words: readonly number[], length: number) =>
  optionBlock(
    start,
    words.flatMap((word) => littleEndian(word, 4)),
    length,
  );
export const optrRegisters = (start: number, length: number, systemMemory = SYSTEM_MEMORY) =>
  registers(start, [OPTR, ...bootAddresses(systemMemory), ...BANK, ...BANK], length);
/** DBANK = 0. */
export const singleBankOptrRegisters = (start: number, length: number) =>
  registers(start, [OPTR_SINGLE_BANK, ...bootAddresses(SYSTEM_MEMORY), ...BANK, ...BANK], length);
/** U0 knows no TrustZone: WRP1AR and WRP1BR stand twelve bytes behind OPTR (RM0503). */
export const u0Registers = (start: number, length: number) =>
  registers(start, [OPTR, 0xffff_ffff, 0xffff_ffff, 0xff00_ffff, 0xff00_ffff], length);

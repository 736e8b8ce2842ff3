/** Bits of FLASH_OPTR that the families from L4 on share (RM0351, RM0432, RM0434, RM0438, RM0440, RM0456). */
import { bootBit, brownOut, flagField, frozen, named, rdp, resetOn, watchdog } from './fields.ts';
import type { OptionField } from './layout.ts';

/** FLASH_OPTR stands first in its block. */
export const optr = (bit: number) => ({ at: 0, bit });

const LEVELS = [named(0, '1.7 V'), named(1, '2.0 V'), named(2, '2.2 V'), named(3, '2.5 V'), named(4, '2.8 V')];
export const BOR_8 = brownOut({ ...optr(8), bits: 3 }, LEVELS);
export const BOR_9 = brownOut({ ...optr(9), bits: 3 }, LEVELS);

/** nRST_STOP, nRST_STDBY and nRST_SHDW from `bit` on. */
export const resets = (bit: number): OptionField[] => [
  resetOn('nRST_STOP', optr(bit)),
  resetOn('nRST_STDBY', optr(bit + 1)),
  resetOn('nRST_SHDW', optr(bit + 2)),
];

export const WATCHDOGS: readonly OptionField[] = [
  watchdog('IWDG_SW', optr(16)),
  frozen('IWDG_STOP', optr(17)),
  frozen('IWDG_STDBY', optr(18)),
  watchdog('WWDG_SW', optr(19)),
];

export const N_BOOT1 = bootBit('nBOOT1', optr(23), ['BOOT1 = 1: RAM', 'BOOT1 = 0: system memory']);
export const SRAM2_PE = flagField('SRAM2_PE', optr(24), ['checked', 'not checked'], 'parity of SRAM2');
export const SRAM2_RST = flagField('SRAM2_RST', optr(25), ['erased', 'kept'], 'SRAM2 at a reset');
export const BOOT0_BITS: readonly OptionField[] = [
  bootBit('nSWBOOT0', optr(26), ['BOOT0 is nBOOT0', 'BOOT0 is the pin']),
  bootBit('nBOOT0', optr(27), ['BOOT0 = 1', 'BOOT0 = 0']),
];

/** RDP to WWDG_SW as L4, G4 and L5 have them. */
export const LOW_POWER_OPTR: readonly OptionField[] = [rdp(optr(0)), BOR_8, ...resets(12), ...WATCHDOGS];

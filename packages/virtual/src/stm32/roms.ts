/** ROMs of the table that scenarios and tests know by name, and ROMs with a single deviation. */

import type { RomProfile } from './rom-profile.ts';
import { romRowOf } from './rows/rows.ts';

export const F105_ROM = romRowOf('STM32F105').rom;
export const F407_ROM = romRowOf('STM32F407').rom;
export const L476_ROM = romRowOf('STM32L476').rom;
export const G431_ROM = romRowOf('STM32G431').rom;
export const H743_ROM = romRowOf('STM32H743').rom;

/**
 * The L476's with poll times that are too short and a stall for whoever believes them (dfu-util, dfuse.c: waits the
 * last time again, up to three times). How much too short they are is a guess that this remedy can cope with.
 */
export const L476_ROM_EARLY_STALL: RomProfile = {
  ...L476_ROM,
  earlyPoll: 'stall',
  poll: { setAddress: 1, erase: 10, massErase: 10, write: 10, unprotect: 10, leave: 0 },
};

/** Chips and ROMs of the table that scenarios and tests know by name, and ROMs with a single deviation. */

import { guess } from '../provenance.ts';
import { stallsEarlyRequests } from '../roms/usb-dfu/deviations.ts';
import type { RomProfile } from '../roms/usb-dfu/rom-profile.ts';
import { romRowOf } from './table.ts';

export const { profile: STM32F105, rom: F105_ROM } = romRowOf('STM32F105');
export const { profile: STM32F407, rom: F407_ROM } = romRowOf('STM32F407');
export const { profile: STM32L476, rom: L476_ROM } = romRowOf('STM32L476');
export const { profile: STM32G431, rom: G431_ROM } = romRowOf('STM32G431');
export const { profile: STM32H743, rom: H743_ROM } = romRowOf('STM32H743');

/**
 * The L476's with poll times that are too short and a stall for whoever believes them (dfu-util, dfuse.c: waits the
 * last time again, up to three times).
 */
export const L476_ROM_EARLY_STALL: RomProfile = {
  ...L476_ROM,
  deviations: [...L476_ROM.deviations, stallsEarlyRequests],
  poll: guess({ erase: 10, program: 10 }, 'too short, as dfu-util reports, and such that its remedy helps'),
};

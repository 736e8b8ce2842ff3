/**
 * What the ROM bootloaders of one generation have in common; what no public document or capture gives is said to be a
 * guess.
 */

import type { PollTimes } from '../roms/usb-dfu/commands.ts';
import { vanishesOnLeave } from '../roms/usb-dfu/deviations.ts';
import type { RomProfile } from '../roms/usb-dfu/rom-profile.ts';

type Habits = Omit<RomProfile, 'layouts' | 'serial' | 'connectMs'>;

/**
 * As F4 and F7 ROMs advertise them (fwupd #2696: write 104; modm: erase 100; F405 mass erase 100: dfu-util). The last
 * two, and all of them on other families, are guesses.
 */
const POLL: PollTimes = { setAddress: 5, erase: 100, program: 104, unprotect: 100, leave: 0 };

/** AN3156 §4.2: Get, Set Address Pointer, Erase, Read Unprotect. */
const COMMANDS = [0x00, 0x21, 0x41, 0x92] as const;

const COMMON = {
  transferSize: 2048,
  commands: COMMANDS,
  poll: POLL,
  setAddressWhenProtected: false,
  optionWriteResets: false,
  errorWhenEmpty: false,
  deviations: [],
} as const;

/**
 * F0 to F7, L0, L1, L4 (captures of F4 in dfu-util device-logs; F042, F072, F303, F722, L072, L151, L433, L4R9).
 * bcdDevice is the version of ST's protocol.
 */
export const OLD_ROM: Habits = {
  ...COMMON,
  bcdUsb: 0x0100,
  bcdDevice: 0x2200,
  product: 'STM32  BOOTLOADER',
};

/**
 * H7, G0, G4, L5, U5, WB and what came later (captures of H743, H723, G0B1, G431, L5, U585, WB55). That they vanish
 * before the last answer of a leave was seen on G0B1, U5 and H7. bcdUSB is a guess, and all of it where no ROM of the
 * family was captured.
 */
export const NEW_ROM: Habits = {
  ...COMMON,
  bcdUsb: 0x0200,
  bcdDevice: 0x0200,
  product: 'DFU in FS Mode',
  deviations: [vanishesOnLeave],
};

/** Protocol V3.0: Get leaves out Read Unprotect (seen on H563; AN3156 on V3.0). */
export const NEWEST_ROM: Habits = { ...NEW_ROM, commands: [0x00, 0x21, 0x41] };

/** F0, F3 and F4 ROMs start in dfuERROR while flash holds no program (dfu-util device-logs, F407; AN2606). */
export const OLD_ROM_ERROR_WHEN_EMPTY: Habits = { ...OLD_ROM, errorWhenEmpty: true };

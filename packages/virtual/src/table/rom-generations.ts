/** What the ROM bootloaders of one generation have in common, each figure with where it is known from. */

import { documented, guess, recorded } from '../provenance.ts';
import type { PollTimes } from '../roms/usb-dfu/commands.ts';
import { vanishesOnLeave } from '../roms/usb-dfu/deviations.ts';
import type { RomProfile } from '../roms/usb-dfu/rom-profile.ts';

type Habits = Omit<RomProfile, 'layouts' | 'serial' | 'connectMs'>;

/** F4 and F7. */
export const F4_POLL: PollTimes = {
  erase: recorded(100, 'F401: sector (modm, scons module), F4: mass erase (dfu-util logs), F745: sector (fwupd #2696)'),
  program: recorded(104, 'F401: Set Address (modm, scons module), F745: write (fwupd #2696)'),
};
export const F072_POLL: PollTimes = {
  erase: recorded(40, 'F072: one of its commands (dfu-util ticket 78); 40 ms is the longest page erase'),
  program: guess(40, 'the recording of an F072 does not say which command it shows'),
};
export const L43X_POLL: PollTimes = {
  erase: recorded(21, 'L43x: one of its commands (community.st.com td-p/413773)'),
  program: recorded(21, 'L43x: one of its commands (community.st.com td-p/413773); 21 ms is the time of 2 KB'),
};
/** L0 and L1. */
const OLD_POLL: PollTimes = guess({ erase: 100, program: 104 }, 'as the F4, which has the same generation of the ROM');
const NEW_POLL: PollTimes = guess(
  { erase: 100, program: 104 },
  'as older ROMs; nothing of G0, G4, H5, L5, U5, WB is seen',
);
/** H7 with sectors of 128 KB. */
export const H743_POLL: PollTimes = {
  erase: recorded(1000, 'H743 (dfu-util ticket 88, OpenMV forum 5565)'),
  program: guess(104, 'as older ROMs'),
};

/** Milliseconds from one packet of 64 bytes to the next, where the bus would be quicker. */
const F405_PACKET_MS = recorded(0.116, 'F405: UPLOAD of 81.78 KB in 152 ms, blocks of 2 KB (README log for HydraBus)');

/** AN3156 §4.2: Get, Set Address Pointer, Erase, Read Unprotect. */
const COMMANDS = [0x00, 0x21, 0x41, 0x92] as const;

const COMMON = {
  transferSize: 2048,
  commands: COMMANDS,
  packetMs: guess(F405_PACKET_MS, 'as the F405'),
  setAddressWhenProtected: false,
  optionWriteResets: false,
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
  stringNumbers: recorded({ configuration: 0, firstLayout: 4 }, 'F107, F407, F401xE, F437 (dfu-util device-logs)'),
  firstState: guess(
    'error',
    'as F3, F4, F7 and L43x; one log of an F042, which may have been cleared, begins in dfuIDLE',
  ),
  operatesDuring: guess('second status', 'as the F745'),
  poll: OLD_POLL,
  deviations: [],
};

/** With a program in flash: modm, Betaflight, Klipper, Crazyflie, pyboard, Planck, rusEFI, dfu-util tickets 40 and 231. */
export const BEGINS_WITH_ERROR = recorded('error', 'F303, F401, F405, F407, F411, F76x, F767, L43x: ten logs');

/** F4 and F7. */
export const F4_ROM: Habits = {
  ...OLD_ROM,
  firstState: BEGINS_WITH_ERROR,
  operatesDuring: recorded('second status', 'F745 (fwupd #2696)'),
  packetMs: F405_PACKET_MS,
  poll: F4_POLL,
  optionWriteResets: true,
};

/**
 * H7, G0, G4, L5, U5, WB and what came later (captures of H743, H723, G0B1, G431, L5, U585, WB55). That they vanish
 * before the last answer of a leave was seen on G0B1, U5 and H7. In what was seen of them they are like ST's DFU class.
 */
export const NEW_ROM: Habits = {
  ...COMMON,
  bcdUsb: recorded(0x0200, 'H743 (community.st.com 0D53W00000HM7kF), G0C1 (td-p/839156)'),
  bcdDevice: 0x0200,
  product: 'DFU in FS Mode',
  stringNumbers: guess({ configuration: 2, firstLayout: 6 }, 'as the H743, whose numbers are those of ST’s class'),
  firstState: recorded('idle', 'G0B1, G0C1, H743 (dfu-libusb #4; betaflight-configurator #1861)'),
  operatesDuring: guess('first status', 'as the H743, and as ST’s class'),
  poll: NEW_POLL,
  deviations: [vanishesOnLeave],
};

/** H743: what of the new generation was recorded of it. */
export const H743_ROM_HABITS: Habits = {
  ...NEW_ROM,
  stringNumbers: recorded({ configuration: 2, firstLayout: 6 }, 'H743 (community.st.com 0D53W00000HM7kF)'),
  operatesDuring: recorded('first status', 'H743 rev V (betaflight-configurator #1861)'),
  poll: H743_POLL,
};

/** Protocol V3.0: Get leaves out Read Unprotect (seen on H563; AN3156 on V3.0). */
export const NEWEST_ROM: Habits = { ...NEW_ROM, commands: documented([0x00, 0x21, 0x41], 'AN3156 on V3.0; H563') };

/** STM32U5 (RM0456, AN2606; captures of U585 and U59x). */

import { flashOf, U5_FLASH } from './flash-families.ts';
import { OPTR_GUARD, optrRegisters } from './optr.ts';
import { NEW_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/** What U5 and U3 have in common. */
export const U5_U3 = {
  guard: OPTR_GUARD,
  bootloaderRam: [[0x2000_0000, 16 * KB]],
  flashSizeAt: 0x0bfa_07a0,
  uidAt: 0x0bfa_0700,
  options: optrRegisters(0x4002_2040, 64),
  otp: [0x0bfa_0000, 512],
  connectMs: 300,
} as const;
/** Beside the flash (capture of a U585). */
export const U5_U3_LAYOUTS = ['@Option Bytes   /0x40022040/01*64 e', '@OTP Memory   /0x0BFA0000/01*512 e'] as const;

const U5_COMMON = { ...U5_U3, habits: NEW_ROM, systemMemory: [[0x0bf9_0000, 64 * KB]] } as const;
const SRAM4 = [0x2800_0000, 16 * KB] as const;

const pages = (count: number) => ({
  cells: flashOf(U5_FLASH, [count, 8 * KB]),
  layouts: [`@Internal Flash   /0x08000000/${count}*08Kg`, ...U5_U3_LAYOUTS],
});
const U5_TIMES = 'all flash times';

export const U5: readonly RomRow[] = [
  romRow({
    ...U5_COMMON,
    ...pages(64),
    name: 'STM32U545',
    line: 'STM32U535/U545',
    devId: 0x455,
    ram: [[0x2000_0000, 256 * KB], SRAM4],
    bootloaderId: [0x0bf9_9efe, 0x91],
    source: 'RM0456, AN2606',
    guesses: ['strings in the style of the U585’s', U5_TIMES],
  }),
  romRow({
    ...U5_COMMON,
    ...pages(256),
    name: 'STM32U585',
    line: 'STM32U575/U585',
    devId: 0x482,
    ram: [[0x2000_0000, 768 * KB], SRAM4],
    bootloaderId: [0x0bf9_9efe, 0x93],
    serial: '207136863530',
    source: 'RM0456, AN2606; capture of a U585 (STWINBX1, Zephyr documentation)',
    guesses: [U5_TIMES],
  }),
  romRow({
    ...U5_COMMON,
    ...pages(512),
    name: 'STM32U599',
    line: 'STM32U595/U599/U5A5/U5A9',
    devId: 0x481,
    ram: [[0x2000_0000, 2496 * KB], SRAM4],
    bootloaderId: [0x0bf9_9efe, 0x92],
    serial: '205B396A5242',
    source: 'RM0456, AN2606; capture of the flash string of a U59x',
    guesses: ['other strings as the U585’s; a full-speed bus, where some packages have high speed', U5_TIMES],
  }),
  romRow({
    ...U5_COMMON,
    ...pages(512),
    name: 'STM32U5G9',
    line: 'STM32U5F7/U5F9/U5G7/U5G9',
    devId: 0x476,
    ram: [[0x2000_0000, 3008 * KB], SRAM4],
    bootloaderId: [0x0bf9_9efe, 0x90],
    source: 'RM0456, AN2606',
    guesses: ['strings as the U59x’s; a full-speed bus', U5_TIMES],
  }),
];

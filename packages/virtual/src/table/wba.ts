/** STM32WBA with USB DFU in their ROM (RM0515, AN2606); nothing of their strings was captured. */

import { flashOf, U5_FLASH } from './flash-families.ts';
import { OPTR_GUARD, optrRegisters } from './optr.ts';
import { NEWEST_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

const COMMON = {
  habits: NEWEST_ROM,
  options: optrRegisters(0x4002_2040, 64),
  guard: OPTR_GUARD,
  bootloaderRam: [[0x2000_0000, 16 * KB]],
} as const;

const pages = (count: number, otp: string) => ({
  cells: flashOf(U5_FLASH, [count, 8 * KB]),
  layouts: [
    `@Internal Flash   /0x08000000/${count}*08Kg`,
    '@Option Bytes   /0x40022040/01*64 e',
    `@OTP Memory   /${otp}/01*512 e`,
  ],
});
const WBA25_SYSTEM_MEMORY = 0x0bf8_5000;
const GUESSES = ['all strings, in the style of the U585’s', '16 KB of RAM for the bootloader', 'all flash times'];

export const WBA: readonly RomRow[] = [
  romRow({
    ...COMMON,
    ...pages(64, '0x0BF90000'),
    name: 'STM32WBA25',
    line: 'STM32WBA23/WBA25',
    devId: 0x4b2,
    ram: [[0x2000_0000, 96 * KB]],
    systemMemory: [[WBA25_SYSTEM_MEMORY, 32 * KB]],
    options: optrRegisters(0x4002_2040, 64, WBA25_SYSTEM_MEMORY),
    otp: [0x0bf9_0000, 512],
    connectMs: 180,
    source: 'AN2606',
    guesses: ['512 KB of flash, 96 KB of RAM, the end of the system memory, OTP as on WBA5x', ...GUESSES],
  }),
  romRow({
    ...COMMON,
    ...pages(256, '0x0BFA0000'),
    name: 'STM32WBA65',
    line: 'STM32WBA62/WBA63/WBA64/WBA65',
    devId: 0x4b0,
    ram: [[0x2000_0000, 512 * KB]],
    systemMemory: [[0x0bf9_0000, 32 * KB]],
    bootloaderId: [0x0bf9_7efe, 0xd2],
    flashSizeAt: 0x0bfa_07a0,
    uidAt: 0x0bfa_0700,
    otp: [0x0bfa_0000, 512],
    connectMs: 69,
    source: 'RM0515, AN2606, stm32-data',
    guesses: GUESSES,
  }),
];

/**
 * STM32H5 (RM0481, RM0492, AN2606). No capture of their strings but the flash of an H563; PRODUCT_STATE stands for RDP.
 */

import { protectionByte } from '../chip/protection.ts';
import { flashOf, H5_FLASH } from './flash-families.ts';
import { NEWEST_ROM } from './rom-generations.ts';
import { KB, optionBlock, type RomRow, romRow } from './row.ts';

const COMMON = {
  habits: NEWEST_ROM,
  bootloaderRam: [[0x2000_0000, 16 * KB]],
  flashSizeAt: 0x08ff_f80c,
  uidAt: 0x08ff_f800,
  /** OPTSR_CUR: PRODUCT_STATE in its second byte, open 0xED, closed 0x72, locked 0x5C (RM0481). */
  options: optionBlock(0x4002_2050, [0xf8, 0xed], 128),
  guard: protectionByte(1, [0xed, 0x72, 0x5c]),
  otp: [0x08ff_f000, 2 * KB],
} as const;

const GUESSES = ['option byte and OTP strings in the style of the H7A3’s', 'all flash times'];

/** Sectors of 8 KB, and the strings that follow from their number. */
const sectors = (count: number) => ({
  cells: flashOf(H5_FLASH, [count, 8 * KB]),
  layouts: [
    `@Internal Flash   /0x08000000/${count}*08Kg`,
    '@Option Bytes   /0x40022050/01*128 e',
    '@OTP Memory   /0x08FFF000/01*2048 e',
  ],
});

export const H5: readonly RomRow[] = [
  romRow({
    ...COMMON,
    ...sectors(16),
    name: 'STM32H503',
    line: 'STM32H503',
    devId: 0x474,
    ram: [[0x2000_0000, 32 * KB]],
    systemMemory: [[0x0bf8_7000, 36 * KB]],
    bootloaderId: [0x0bf8_fffe, 0xe2],
    connectMs: 251,
    source: 'RM0492, AN2606',
    guesses: ['flash string in the style of the H563’s', ...GUESSES],
  }),
  romRow({
    ...COMMON,
    ...sectors(64),
    name: 'STM32H523',
    line: 'STM32H523/H533',
    devId: 0x478,
    ram: [[0x2000_0000, 272 * KB]],
    systemMemory: [[0x0bf9_7000, 36 * KB]],
    bootloaderId: [0x0bf9_fafe, 0xe2],
    connectMs: 250,
    source: 'RM0481, AN2606',
    guesses: ['flash string in the style of the H563’s, start-up time as well', ...GUESSES],
  }),
  romRow({
    ...COMMON,
    ...sectors(256),
    name: 'STM32H563',
    line: 'STM32H562/H563/H573',
    devId: 0x484,
    ram: [[0x2000_0000, 640 * KB]],
    systemMemory: [[0x0bf9_7000, 36 * KB]],
    bootloaderId: [0x0bf9_fafe, 0xe5],
    connectMs: 245,
    source: 'RM0481, AN2606; flash string in a public script',
    guesses: GUESSES,
  }),
  romRow({
    ...COMMON,
    ...sectors(512),
    name: 'STM32H5F5',
    line: 'STM32H5E4/H5E5/H5F4/H5F5',
    devId: 0x47a,
    ram: [[0x2000_0000, 1536 * KB]],
    systemMemory: [[0x0bfa_c000, 40 * KB]],
    bootloaderId: [0x0bfb_5ffe, 0xf0],
    connectMs: 217,
    source: 'AN2606',
    guesses: ['4 MB of flash and 1.5 MB of RAM', 'flash string in the style of the H563’s', ...GUESSES],
  }),
];

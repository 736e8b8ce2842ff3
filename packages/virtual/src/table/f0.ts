/** STM32F0 with USB DFU in its ROM (RM0091, AN2606; captures of F042 and F072). */

import { complementedBytes } from '../chip/protection.ts';
import { F0_FLASH, flashOf } from './flash-families.ts';
import { F072_POLL, OLD_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/** RDP, USER, DATA0, DATA1, WRP0–WRP3, each with its complement: nothing is protected (RM0091, RM0316). */
const OPEN = [0xaa, 0x55, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0] as const;

/** What F0 and F3 have in common. */
export const F0_F3 = {
  habits: { ...OLD_ROM, poll: F072_POLL },
  flashSizeAt: 0x1fff_f7cc,
  uidAt: 0x1fff_f7ac,
  options: { start: 0x1fff_f800, initial: OPEN },
} as const;

export const guardOf = (count: number, pageBytes: number) =>
  complementedBytes({ pageBytes, count, open: 0xaa, locked: 0xcc });

const OPTION_LAYOUT = '@Option Bytes  /0x1FFFF800/01*016 e';
const COMMON = { ...F0_F3, habits: { ...F0_F3.habits, optionWriteResets: true } };

/** 32 KB in pages of 1 KB. */
const SMALL = {
  ...COMMON,
  devId: 0x445,
  cells: flashOf(F0_FLASH, [32, KB]),
  guard: guardOf(32, KB),
  ram: [[0x2000_0000, 6 * KB]],
  bootloaderRam: [[0x2000_0000, 6 * KB]],
  systemMemory: [[0x1fff_c400, 13 * KB]],
  layouts: ['@Internal Flash  /0x08000000/032*0001Kg', OPTION_LAYOUT],
} as const;

/** 128 KB in pages of 2 KB. */
const LARGE = {
  ...COMMON,
  devId: 0x448,
  cells: flashOf(F0_FLASH, [64, 2 * KB]),
  guard: guardOf(64, 2 * KB),
  ram: [[0x2000_0000, 16 * KB]],
  bootloaderRam: [[0x2000_0000, 6 * KB]],
  systemMemory: [[0x1fff_c800, 12 * KB]],
  layouts: ['@Internal Flash  /0x08000000/064*0002Kg', OPTION_LAYOUT],
} as const;

export const F0: readonly RomRow[] = [
  /**
   * The captured parts are of a stock without unique ids: all ones, and the serial number FFFFFFFEFFFF. This one has an
   * id.
   */
  romRow({
    ...SMALL,
    name: 'STM32F042',
    line: 'STM32F042/F048',
    bootloaderId: [0x1fff_f6a6, 0xa1],
    connectMs: 350,
    source: 'RM0091, AN2606; captures of F042 (dap42, SolidRun)',
  }),
  romRow({
    ...SMALL,
    name: 'STM32F070x6',
    line: 'STM32F070x6',
    bootloaderId: [0x1fff_f6a6, 0xa2],
    connectMs: 350,
    source: 'RM0360, AN2606',
    guesses: ['strings and start-up time are the F042’s'],
  }),
  romRow({
    ...LARGE,
    name: 'STM32F072',
    line: 'STM32F071/F072/F078',
    bootloaderId: [0x1fff_f6a6, 0xa1],
    serial: '357236543131',
    connectMs: 350,
    source: 'RM0091, AN2606; captures of F072',
    guesses: ['start-up time as the F042’s'],
  }),
  romRow({
    ...LARGE,
    name: 'STM32F070xB',
    line: 'STM32F070xB',
    bootloaderId: [0x1fff_f6a6, 0xa3],
    connectMs: 320,
    source: 'RM0360, AN2606',
    guesses: ['strings as the F072’s'],
  }),
];

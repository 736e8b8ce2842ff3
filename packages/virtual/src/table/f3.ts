/**
 * STM32F3 with USB DFU in its ROM (RM0316, RM0313, AN2606; captures of F303xC). Its option bytes and cells are those of
 * F0.
 */

import { guess } from '../provenance.ts';
import { F0_F3, guardOf } from './f0.ts';
import { F0_FLASH, flashOf } from './flash-families.ts';
import { BEGINS_WITH_ERROR, F072_POLL } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

const COMMON = {
  ...F0_F3,
  habits: {
    ...F0_F3.habits,
    poll: guess(F072_POLL, 'as the F072, which has the same cells'),
    firstState: BEGINS_WITH_ERROR,
  },
  systemMemory: [[0x1fff_d800, 8 * KB]],
} as const;

/** Pages of 2 KB, and what follows from their number. */
const pages = (count: number) => ({
  cells: flashOf(F0_FLASH, [count, 2 * KB]),
  guard: guardOf(count, 2 * KB),
  layouts: [
    `@Internal Flash  /0x08000000/${String(count).padStart(3, '0')}*0002Kg`,
    '@Option Bytes  /0x1FFFF800/01*016 e',
  ],
});

export const F3: readonly RomRow[] = [
  romRow({
    ...COMMON,
    ...pages(128),
    name: 'STM32F373',
    line: 'STM32F373',
    devId: 0x432,
    ram: [[0x2000_0000, 32 * KB]],
    bootloaderRam: [[0x2000_0000, 5 * KB]],
    bootloaderId: [0x1fff_f7a6, 0x41],
    connectMs: 300,
    source: 'RM0313, AN2606',
    guesses: ['strings as the F303xC’s'],
  }),
  romRow({
    ...COMMON,
    ...pages(128),
    name: 'STM32F303xC',
    line: 'STM32F302xB/C, F303xB/C',
    devId: 0x422,
    ram: [
      [0x2000_0000, 40 * KB],
      [0x1000_0000, 8 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 5 * KB]],
    bootloaderId: [0x1fff_f796, 0x41],
    serial: '206B306A2034',
    connectMs: 300,
    source: 'RM0316, AN2606; captures of F303xC (SPARKY and another)',
  }),
  romRow({
    ...COMMON,
    ...pages(32),
    name: 'STM32F302x8',
    line: 'STM32F301, F302x4/6/8',
    devId: 0x439,
    ram: [[0x2000_0000, 16 * KB]],
    bootloaderRam: [[0x2000_0000, 6 * KB]],
    bootloaderId: [0x1fff_f796, 0x40],
    connectMs: 300,
    source: 'RM0365, RM0366, AN2606',
    guesses: ['strings in the style of the F303xC’s'],
  }),
  romRow({
    ...COMMON,
    ...pages(256),
    name: 'STM32F303xE',
    line: 'STM32F302xD/E, F303xD/E',
    devId: 0x446,
    ram: [
      [0x2000_0000, 64 * KB],
      [0x1000_0000, 16 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 6 * KB]],
    bootloaderId: [0x1fff_f796, 0x40],
    connectMs: 100,
    source: 'RM0316, AN2606',
    guesses: ['strings in the style of the F303xC’s'],
  }),
];

/** STM32C0 with USB DFU in their ROM (RM0490, AN2606); nothing of its strings was captured. */

import { flashOf, G0_FLASH } from './flash-families.ts';
import { G_COMMON, L4_OPTIONS, optrBlock } from './l4-options.ts';
import { NEW_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

export const C0: readonly RomRow[] = [
  romRow({
    ...G_COMMON,
    name: 'STM32C071',
    line: 'STM32C071',
    devId: 0x493,
    habits: NEW_ROM,
    cells: flashOf(G0_FLASH, [64, 2 * KB]),
    ram: [[0x2000_0000, 24 * KB]],
    bootloaderRam: [[0x2000_0000, 0x2300]],
    systemMemory: [[0x1fff_0000, 28 * KB]],
    bootloaderId: [0x1fff_67fe, 0xd1],
    flashSizeAt: 0x1fff_75a0,
    uidAt: 0x1fff_7550,
    options: optrBlock(L4_OPTIONS, 128),
    layouts: [
      '@Internal Flash   /0x08000000/64*02Kg',
      '@Option Bytes   /0x1FFF7800/01*128 e',
      '@OTP Memory   /0x1FFF7000/01*1024 e',
    ],
    connectMs: 552,
    source: 'RM0490, AN2606',
    guesses: ['all strings, in the style of G0 and G4'],
  }),
];

/** STM32U0 with USB DFU in their ROM (RM0503, AN2606); nothing of its strings was captured. */

import { flashOf, L4_FLASH } from './flash-families.ts';
import { OPTR_GUARD, u0Registers } from './optr.ts';
import { NEW_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

export const U0: readonly RomRow[] = [
  romRow({
    name: 'STM32U083',
    line: 'STM32U073/U083',
    devId: 0x489,
    habits: NEW_ROM,
    cells: flashOf(L4_FLASH, [128, 2 * KB]),
    ram: [[0x2000_0000, 40 * KB]],
    bootloaderRam: [[0x2000_0000, 0x2170]],
    systemMemory: [[0x1fff_0000, 26 * KB]],
    bootloaderId: [0x1fff_67fe, 0xd0],
    flashSizeAt: 0x1fff_6ea0,
    uidAt: 0x1fff_6e50,
    options: u0Registers(0x4002_2020, 64),
    guard: OPTR_GUARD,
    otp: [0x1fff_6800, KB],
    layouts: [
      '@Internal Flash   /0x08000000/128*02Kg',
      '@Option Bytes   /0x40022020/01*64 e',
      '@OTP Memory   /0x1FFF6800/01*1024 e',
    ],
    connectMs: 241,
    source: 'RM0503, AN2606',
    guesses: ['all strings, in the style of U5 and G0', 'flash times as the L4’s'],
  }),
];

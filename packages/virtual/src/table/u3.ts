/** STM32U3 (RM0487, AN2606, stm32-data); nothing of its strings was captured. */

import { flashOf, L4_FLASH } from './flash-families.ts';
import { optrRegisters } from './optr.ts';
import { NEWEST_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';
import { U5_U3, U5_U3_LAYOUTS } from './u5.ts';

const SYSTEM_MEMORY = 0x0bf8_f000;
const COMMON = {
  ...U5_U3,
  habits: NEWEST_ROM,
  systemMemory: [[SYSTEM_MEMORY, 68 * KB]],
  options: optrRegisters(0x4002_2040, 64, SYSTEM_MEMORY),
} as const;
const pages = (count: number) => ({
  cells: flashOf(L4_FLASH, [count, 4 * KB]),
  layouts: [`@Internal Flash   /0x08000000/${count}*04Kg`, ...U5_U3_LAYOUTS],
});

export const U3: readonly RomRow[] = [
  romRow({
    ...COMMON,
    ...pages(256),
    name: 'STM32U385',
    line: 'STM32U375/U385',
    devId: 0x454,
    ram: [[0x2000_0000, 256 * KB]],
    bootloaderId: [0x0bf9_8ffe, 0xe2],
    connectMs: 210,
    source: 'RM0487, AN2606, stm32-data',
    guesses: ['all strings, in the style of the U585’s', 'flash times as the L4’s'],
  }),
  romRow({
    ...COMMON,
    ...pages(512),
    name: 'STM32U3C5',
    line: 'STM32U3B5/U3C5',
    devId: 0x42a,
    ram: [[0x2000_0000, 640 * KB]],
    bootloaderId: [0x0bf9_8ffe, 0xe0],
    connectMs: 210,
    source: 'AN2606, stm32-data',
    guesses: ['640 KB of RAM', 'all strings, in the style of the U585’s', 'start-up time as the U385’s'],
  }),
];

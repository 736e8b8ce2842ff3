/** STM32G0 with USB DFU in their ROM (RM0444, RM0454, AN2606; captures of G0B1). */

import { flashOf, G0_FLASH } from './flash-families.ts';
import { G_COMMON, L4_OPTIONS, optrBlock } from './l4-options.ts';
import { NEW_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/**
 * All three alternate settings of the G0B1's ROM name the whole flash, and blocks have 1024 bytes (captures: EBB42 and
 * another).
 */
const pages = (count: number) => ({
  cells: flashOf(G0_FLASH, [count, 2 * KB]),
  layouts: Array.from({ length: 3 }, () => `@Internal Flash   /0x08000000/${count}*02Kg`),
});
const G0B = {
  ...G_COMMON,
  habits: { ...NEW_ROM, transferSize: 1024 },
  devId: 0x467,
  ram: [[0x2000_0000, 144 * KB]],
  bootloaderRam: [[0x2000_0000, 16 * KB]],
  systemMemory: [
    [0x1fff_0000, 28 * KB],
    [0x1fff_8000, 28 * KB],
  ],
  options: optrBlock(L4_OPTIONS, 128),
  connectMs: 300,
} as const;
const G0B1 = {
  ...G0B,
  name: 'STM32G0B1',
  line: 'STM32G0B1/G0C1',
  bootloaderId: [0x1fff_9ffe, 0x92],
  serial: '206B327A5841',
  source: 'RM0444, AN2606; captures of G0B1 with 128 KB',
} as const;

export const G0: readonly RomRow[] = [
  romRow({
    ...G0B,
    ...pages(256),
    name: 'STM32G0B0',
    line: 'STM32G0B0',
    bootloaderId: [0x1fff_9ffe, 0xd0],
    source: 'RM0454, AN2606',
    guesses: ['strings and start-up time as the G0B1’s'],
  }),
  romRow({ ...G0B1, ...pages(256), guesses: ['flash strings in the style of the 128 KB part’s'] }),
  romRow({ ...G0B1, ...pages(64), variant: '128 KB' }),
];

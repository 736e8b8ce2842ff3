/** STM32WB (RM0434, AN2606; capture of the flash string of a WB55). */

import { flashOf, L4_FLASH } from './flash-families.ts';
import { L4_GUARD, L4_IDENTITY, optrBlock } from './l4-options.ts';
import { NEW_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

export const WB: readonly RomRow[] = [
  /** A chip without a wireless stack: all of its flash is the host's. */
  romRow({
    ...L4_IDENTITY,
    name: 'STM32WB55',
    line: 'STM32WB30/WB35/WB50/WB55',
    devId: 0x495,
    habits: NEW_ROM,
    cells: flashOf(L4_FLASH, [256, 4 * KB]),
    ram: [
      [0x2000_0000, 256 * KB],
      [0x1000_0000, 64 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 16 * KB]],
    systemMemory: [[0x1fff_0000, 28 * KB]],
    bootloaderId: [0x1fff_6ffe, 0xd5],
    options: optrBlock(0x1fff_8000, 128),
    otp: [0x1fff_7000, KB],
    guard: L4_GUARD,
    layouts: [
      '@Internal Flash   /0x08000000/256*04Kg',
      '@Option Bytes   /0x1FFF8000/01*128 e',
      '@OTP Memory   /0x1FFF7000/01*1024 e',
    ],
    serial: '207F38933036',
    connectMs: 300,
    source: 'RM0434, AN2606; flash string and log of WB55',
    guesses: ['option byte and OTP strings in the style of the G474’s', 'flash times as the L4’s'],
  }),
];

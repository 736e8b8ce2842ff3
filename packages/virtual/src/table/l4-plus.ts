/** STM32L4+ (RM0432, AN2606; captures of L4R9). */

import { flashOf, L4_FLASH } from './flash-families.ts';
import { L4_COMMON, L4_OTP_LAYOUT } from './l4.ts';
import { optrBlock, singleBankOptrBlock } from './l4-options.ts';
import { KB, type RomRow, romRow } from './row.ts';

/** Both banks have option bytes. */
const COMMON = {
  ...L4_COMMON,
  options: optrBlock(0x1ff0_0000, 40),
  moreOptions: optrBlock(0x1ff0_1000, 40),
} as const;

const pages = (count: number, kb: number) => ({
  cells: flashOf(L4_FLASH, [count, kb * KB]),
  layouts: [
    `@Internal Flash  /0x08000000/${count}*000${kb}Kg`,
    '@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e',
    L4_OTP_LAYOUT,
  ],
});

const L4R9 = {
  ...COMMON,
  name: 'STM32L4R9',
  line: 'STM32L4R5/L4R7/L4R9/L4S5/L4S7/L4S9',
  devId: 0x470,
  ram: [
    [0x2000_0000, 640 * KB],
    [0x1000_0000, 64 * KB],
  ],
  bootloaderRam: [[0x2000_0000, 0x3200]],
  bootloaderId: [0x1fff_6ffe, 0x95],
  serial: '204A325D574D',
  connectMs: 322,
  source: 'RM0432, AN2606; captures of L4R9 (Zephyr sensortile_box, Blues notecard)',
} as const;

export const L4_PLUS: readonly RomRow[] = [
  romRow({ ...L4R9, ...pages(512, 4) }),
  romRow({
    ...L4R9,
    ...pages(256, 8),
    options: singleBankOptrBlock(0x1ff0_0000, 40),
    variant: 'single bank',
    guesses: ['strings in the style of those with two banks'],
  }),
  romRow({
    ...COMMON,
    ...pages(256, 4),
    name: 'STM32L4P5',
    line: 'STM32L4P5/L4Q5',
    devId: 0x471,
    ram: [
      [0x2000_0000, 320 * KB],
      [0x1000_0000, 64 * KB],
    ],
    bootloaderRam: [[0x2000_0000, 16 * KB]],
    bootloaderId: [0x1fff_6ffe, 0x90],
    connectMs: 322,
    source: 'RM0432, AN2606',
    guesses: ['strings in the style of the L4R9’s'],
  }),
];

/** STM32L1 with USB DFU in their ROM (RM0038, AN2606; capture of an L151). Erased flash reads 0. */

import { flashOf, L1_FLASH } from './flash-families.ts';
import { L0_L1, L0_L1_OPTION_LAYOUT } from './l0.ts';
import { KB, type RomRow, romRow } from './row.ts';

const COMMON = { ...L0_L1, flashSizeAt: 0x1ff8_00cc, uidAt: 0x1ff8_00d0 } as const;

const HALF_PAGES = 'that the ROM programs by half-pages, and how long that takes';

const pages = (count: number, eepromKb: number) => ({
  cells: flashOf(L1_FLASH, [count, 256]),
  eeprom: [0x0808_0000, eepromKb * KB] as const,
  layouts: [
    `@Internal Flash  /0x08000000/${count}*256 g`,
    L0_L1_OPTION_LAYOUT,
    `@DATA Memory /0x08080000/${String(eepromKb / 4).padStart(2, '0')}*004Ke`,
  ],
});

export const L1: readonly RomRow[] = [
  romRow({
    ...COMMON,
    ...pages(1024, 8),
    name: 'STM32L152xC',
    line: 'STM32L100/L151/L152/L162xC',
    devId: 0x427,
    ram: [[0x2000_0000, 32 * KB]],
    bootloaderId: [0x1ff0_1ffe, 0x40],
    serial: '76B0A1336969',
    connectMs: 849,
    source: 'RM0038, AN2606; capture of an L151 with 256 KB (bttn)',
    guesses: [HALF_PAGES],
  }),
  romRow({
    ...COMMON,
    ...pages(1536, 12),
    name: 'STM32L152xD',
    line: 'STM32L151/L152/L162xD',
    devId: 0x436,
    ram: [[0x2000_0000, 48 * KB]],
    bootloaderId: [0x1ff0_1ffe, 0x45],
    connectMs: 849,
    source: 'RM0038, AN2606',
    guesses: [HALF_PAGES, 'strings in the style of the L151xC’s'],
  }),
  romRow({
    ...COMMON,
    ...pages(2048, 16),
    name: 'STM32L152xE',
    line: 'STM32L151/L152/L162xE',
    devId: 0x437,
    ram: [[0x2000_0000, 80 * KB]],
    bootloaderId: [0x1ff0_1ffe, 0x40],
    connectMs: 849,
    source: 'RM0038, AN2606',
    guesses: [HALF_PAGES, 'strings in the style of the L151xC’s, start-up time as the L152xD’s'],
  }),
];

/** STM32L0 with USB DFU in their ROM (RM0376, AN2606; capture of an L072). Erased flash reads 0. */

import { protectionByte } from '../chip/protection.ts';
import { flashOf, L0_FLASH } from './flash-families.ts';
import { OLD_ROM } from './rom-generations.ts';
import { KB, type RomRow, romRow } from './row.ts';

/**
 * Each half-word is followed by its complement: RDP first, then user options, then write protection (RM0376, RM0038).
 */
const OPTIONS = [0xaa, 0x00, 0x55, 0xff, 0x70, 0x80, 0x8f, 0x7f];
export const L0_L1_OPTION_LAYOUT = '@Option Bytes  /0x1FF80000/01*032 e';

/** What L0 and L1 have in common. */
export const L0_L1 = {
  habits: OLD_ROM,
  systemMemory: [[0x1ff0_0000, 8 * KB]],
  bootloaderRam: [[0x2000_0000, 4 * KB]],
  options: {
    start: 0x1ff8_0000,
    initial: [...OPTIONS, ...Array.from({ length: 24 }, (_, index) => (index % 4 < 2 ? 0x00 : 0xff))],
  },
  guard: protectionByte(0, undefined, 2),
  uidOffsets: [0, 4, 0x14],
} as const;

export const L0: readonly RomRow[] = [
  romRow({
    ...L0_L1,
    name: 'STM32L072',
    line: 'STM32L072/L073/L082/L083',
    devId: 0x447,
    cells: flashOf(L0_FLASH, [1536, 128]),
    ram: [[0x2000_0000, 20 * KB]],
    bootloaderId: [0x1ff0_1ffe, 0x41],
    flashSizeAt: 0x1ff8_007c,
    uidAt: 0x1ff8_0050,
    eeprom: [0x0808_0000, 6 * KB],
    layouts: ['@Internal Flash  /0x08000000/1536*128g', L0_L1_OPTION_LAYOUT, '@DATA Memory /0x08080000/2*3Ke'],
    serial: '7FB4A4356231',
    connectMs: 140,
    source: 'RM0376, AN2606; capture of an L072',
    guesses: ['that the ROM programs by half-pages'],
  }),
];

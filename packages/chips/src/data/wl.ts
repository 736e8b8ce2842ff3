/** STM32WL: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { KB, NO_USB, range, uniform } from './shared.ts';

export const WL: readonly Chip[] = [
  {
    id: 'stm32wle5',
    family: 'WL',
    names: ['STM32WL54', 'STM32WL55', 'STM32WLE4', 'STM32WLE5'],
    devId: 0x497,
    variants: uniform([64, 128, 256], 2 * KB),
    writeSize: 8,
    erasedValue: 0xff,
    cells: 'ecc',
    ram: [range(0x2000_0000, 0x2001_0000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_4000)],
    bootloaderVectors: 0x1fff_0000,
    bootloader: {
      versions: [{ name: 'V12.4', id: 0xc4 }],
      idAddress: 0x1fff_3efe,
      ram: [range(0x2000_0000, 0x2000_2000)],
    },
    usbDfu: false,
    boot: { pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0)', clock: NO_USB },
    flashSizeAddress: 0x1fff_75e0,
    uidAddress: 0x1fff_7590,
    optionBytes: [0x1fff_7800],
    limitations: [],
    doubts: [{ field: 'boot', why: 'assumed to be as on STM32WB' }],
    sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips', 'florisla/stm32loader'],
  },
];

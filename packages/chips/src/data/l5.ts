/** STM32L5: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { HSI48, KB, range, twoBanks, uniform } from './shared.ts';

export const L5: readonly Chip[] = [
  {
    id: 'stm32l552',
    family: 'L5',
    names: ['STM32L552', 'STM32L562'],
    devId: 0x472,
    variants: [
      ...uniform([256], 4 * KB),
      ...uniform([512], 4 * KB, { option: { name: 'DBANK', value: 0 } }),
      ...twoBanks([512], 2 * KB, { option: { name: 'DBANK', value: 1 } }),
    ],
    writeSize: 8,
    erasedValue: 0xff,
    cells: 'ecc',
    ram: [range(0x2000_0000, 0x2004_0000)],
    systemMemory: [range(0x0bf9_0000, 0x0bf9_8000)],
    bootloaderVectors: 0x0bf9_0000,
    bootloader: {
      versions: [{ name: 'V9.2', id: 0x92 }],
      idAddress: 0x0bf9_7ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    usbDfu: true,
    boot: {
      pattern:
        'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0) with NSBOOTADD on system memory and TZEN = 0',
      clock: HSI48,
    },
    flashSizeAddress: 0x0bfa_05e0,
    uidAddress: 0x0bfa_0590,
    optionBytes: [0x4002_2040],
    limitations: [],
    doubts: [{ field: 'variants', why: '256 KB parts in dual-bank mode are not sourced' }],
    sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
  },
];

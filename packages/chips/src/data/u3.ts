/** STM32U3: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { HSI48, KB, range, twoBanks } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'U3',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  systemMemory: [range(0x0bf8_f000, 0x0bfa_0000)],
  bootloaderVectors: 0x0bf8_f000,
  usbDfu: true,
  boot: {
    pattern:
      'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0) with NSBOOTADD1 on system memory and TZEN = 0',
    clock: HSI48,
  },
  flashSizeAddress: 0x0bfa_07a0,
  uidAddress: 0x0bfa_0700,
  optionBytes: [0x4002_2040],
  limitations: [],
  doubts: [
    { field: 'variants', why: 'only the largest flash size is sourced' },
    { field: 'boot', why: 'assumed to be as on STM32U5' },
  ],
  sources: ['AN2606', 'embassy-rs/stm32-data'],
} as const;

export const U3: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32u385',
    names: ['STM32U375', 'STM32U385'],
    devId: 0x454,
    variants: twoBanks([1024], 4 * KB),
    ram: [],
    bootloader: {
      versions: [{ name: 'V14.2', id: 0xe2 }],
      idAddress: 0x0bf9_8ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '3.0',
      connect: [{ ms: 210 }],
    },
  },
  {
    ...COMMON,
    id: 'stm32u3c5',
    names: ['STM32U3B5', 'STM32U3C5'],
    devId: 0x42a,
    variants: twoBanks([2048], 4 * KB),
    ram: [],
    bootloader: {
      versions: [{ name: 'V14.0', id: 0xe0 }],
      idAddress: 0x0bf9_8ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '3.0',
    },
  },
];

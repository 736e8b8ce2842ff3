/** STM32L4+: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { HSI48, KB, range, twoBanks, uniform } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'L4+',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  systemMemory: [range(0x1fff_0000, 0x1fff_7000)],
  bootloaderVectors: 0x1fff_0000,
  usbDfu: true,
  boot: {
    pattern:
      'BOOT0 = 1 and nBOOT1 = 1 at reset (BOOT0 is the pin, or nBOOT0 = 0 where nSWBOOT0 = 0), an empty flash at power-on, or dual-bank boot (BFB2)',
    emptyCheck: true,
    clock: HSI48,
  },
  flashSizeAddress: 0x1fff_75e0,
  uidAddress: 0x1fff_7590,
  optionBytes: [0x1ff0_0000, 0x1ff0_1000],
  doubts: [],
  sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
} as const;

export const L4_PLUS: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32l4r5',
    names: ['STM32L4R5', 'STM32L4R7', 'STM32L4R9', 'STM32L4S5', 'STM32L4S7', 'STM32L4S9'],
    devId: 0x470,
    variants: [
      ...uniform([1024, 2048], 8 * KB, { option: { name: 'DBANK', value: 0 } }),
      ...twoBanks([1024, 2048], 4 * KB, { option: { name: 'DBANK', value: 1 } }),
    ],
    ram: [range(0x2000_0000, 0x200a_0000), range(0x1000_0000, 0x1001_0000)],
    bootloader: {
      versions: [{ name: 'V9.5', id: 0x95 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_3200)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 322 }],
    },
    limitations: ['USB DFU does not work in voltage range 2', 'VDDUSB must be 3.3 V'],
  },
  {
    ...COMMON,
    id: 'stm32l4p5',
    names: ['STM32L4P5', 'STM32L4Q5'],
    devId: 0x471,
    variants: [
      ...uniform([512, 1024], 8 * KB, { option: { name: 'DBANK', value: 0 } }),
      ...twoBanks([512, 1024], 4 * KB, { option: { name: 'DBANK', value: 1 } }),
    ],
    ram: [range(0x2000_0000, 0x2005_0000), range(0x1000_0000, 0x1001_0000)],
    bootloader: {
      versions: [{ name: 'V9.0', id: 0x90 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 322 }],
    },
    limitations: [
      'USB DFU does not work in voltage range 2',
      'VDDUSB must be 3.3 V',
      'PCROP option bytes cannot be written',
    ],
  },
];

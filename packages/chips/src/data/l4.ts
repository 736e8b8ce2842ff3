/** STM32L4: rows of the chip table. */
import type { Chip, FlashTiming } from '../chip.ts';
import { HSI48, KB, range, twoBanks, uniform } from './shared.ts';

const TIMING_476: FlashTiming = {
  programBytes: 8,
  programMinUs: 80,
  programTypUs: 82,
  erase: { [2 * KB]: { minMs: 20, typMs: 22, maxMs: 24.5 } },
  source: 'DS10198 flash memory characteristics',
};
const TIMING: FlashTiming = {
  programBytes: 8,
  programMinUs: 41,
  programTypUs: 82,
  erase: { [2 * KB]: { minMs: 11, typMs: 22, maxMs: 24.5 } },
  source:
    'DS10198 (STM32L476) and, for the maximum, the STM32 flash driver of Zephyr; minima are half of the typical values',
};

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'L4',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  systemMemory: [range(0x1fff_0000, 0x1fff_7000)],
  bootloaderVectors: 0x1fff_0000,
  usbDfu: true,
  boot: {
    pattern:
      'BOOT0 = 1 and nBOOT1 = 1 at reset (BOOT0 is the pin, or nBOOT0 = 0 where nSWBOOT0 = 0), or an empty flash at power-on',
    emptyCheck: true,
    clock: HSI48,
  },
  flashSizeAddress: 0x1fff_75e0,
  uidAddress: 0x1fff_7590,
  optionBytes: [0x1fff_7800],
  timing: TIMING,
  limitations: [],
  doubts: [{ field: 'timing', why: "typical values of STM32L476, maximum from Zephyr's driver" }],
  sources: ['AN2606', 'embassy-rs/stm32-data', 'stm32duino/stm32flash dev_table.c', 'stlink-org/stlink config/chips'],
} as const;

export const L4: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32l412',
    names: ['STM32L412', 'STM32L422'],
    devId: 0x464,
    variants: uniform([64, 128], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_a000), range(0x1000_0000, 0x1000_2000)],
    bootloader: {
      versions: [{ name: 'V13.1', id: 0xd1 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_2100)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 820 }],
    },
    sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
  },
  {
    ...COMMON,
    id: 'stm32l433',
    names: ['STM32L431', 'STM32L432', 'STM32L433', 'STM32L442', 'STM32L443'],
    devId: 0x435,
    variants: uniform([128, 256], 2 * KB),
    ram: [range(0x2000_0000, 0x2001_0000), range(0x1000_0000, 0x1000_4000)],
    bootloader: {
      versions: [{ name: 'V9.1', id: 0x91 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_3100)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 820 }],
    },
    limitations: ['some L4 ROMs report too short a polling time and stall a GETSTATUS that comes early'],
  },
  {
    ...COMMON,
    id: 'stm32l452',
    names: ['STM32L451', 'STM32L452', 'STM32L462'],
    devId: 0x462,
    variants: uniform([256, 512], 2 * KB),
    ram: [range(0x2000_0000, 0x2002_8000), range(0x1000_0000, 0x1000_8000)],
    bootloader: {
      versions: [{ name: 'V9.2', id: 0x92 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_3100)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 330 }],
    },
  },
  {
    ...COMMON,
    id: 'stm32l476',
    names: ['STM32L471', 'STM32L475', 'STM32L476', 'STM32L486'],
    devId: 0x415,
    variants: twoBanks([256, 512, 1024], 2 * KB),
    ram: [range(0x2000_0000, 0x2001_8000), range(0x1000_0000, 0x1000_8000)],
    bootloader: {
      versions: [
        { name: 'V10.3', id: 0xa3 },
        { name: 'V9.2', id: 0x92 },
      ],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_3100)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 300 }],
    },
    boot: {
      pattern:
        'BOOT0 = 1 and nBOOT1 = 1 at reset (BOOT0 is the pin, or nBOOT0 = 0 where nSWBOOT0 = 0), an empty flash at power-on, or dual-bank boot (BFB2)',
      emptyCheck: true,
      clock: 'an LSE crystal of 32.768 kHz, else an HSE crystal',
    },
    optionBytes: [0x1fff_7800, 0x1fff_f800],
    timing: TIMING_476,
    doubts: [{ field: 'bootloader', why: 'stm32flash states other RAM for V10 than AN2606' }],
    sources: [
      'AN2606',
      'embassy-rs/stm32-data',
      'stm32duino/stm32flash dev_table.c',
      'stlink-org/stlink config/chips',
      'RM0351 §3.3',
      'DS10198',
    ],
  },
  {
    ...COMMON,
    id: 'stm32l496',
    names: ['STM32L496', 'STM32L4A6'],
    devId: 0x461,
    variants: twoBanks([512, 1024], 2 * KB),
    ram: [range(0x2000_0000, 0x2005_0000), range(0x1000_0000, 0x1001_0000)],
    bootloader: {
      versions: [{ name: 'V9.3', id: 0x93 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_3100)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 430 }],
    },
    boot: {
      pattern:
        'BOOT0 = 1 and nBOOT1 = 1 at reset (BOOT0 is the pin, or nBOOT0 = 0 where nSWBOOT0 = 0), an empty flash at power-on, or dual-bank boot (BFB2)',
      emptyCheck: true,
      clock: HSI48,
    },
    optionBytes: [0x1fff_7800, 0x1fff_f800],
  },
];

/** STM32G4: rows of the chip table. */
import type { Chip, FlashTiming } from '../chip.ts';
import { HSI48, KB, range, twoBanks, uniform } from './shared.ts';

const TIMING: FlashTiming = {
  programBytes: 8,
  programMinUs: 41,
  programTypUs: 82,
  erase: { [2 * KB]: { minMs: 11, typMs: 22, maxMs: 24.5 }, [4 * KB]: {} },
  source:
    'DS10198 (STM32L476) and, for the maximum, the STM32 flash driver of Zephyr; minima are half of the typical values',
};

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'G4',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  systemMemory: [range(0x1fff_0000, 0x1fff_7000)],
  bootloaderVectors: 0x1fff_0000,
  usbDfu: true,
  boot: { pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0)', clock: HSI48 },
  flashSizeAddress: 0x1fff_75e0,
  uidAddress: 0x1fff_7590,
  optionBytes: [0x1fff_7800],
  timing: TIMING,
  limitations: [],
  doubts: [{ field: 'timing', why: "typical values of STM32L476, maximum from Zephyr's driver" }],
  sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
} as const;

export const G4: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32g431',
    names: ['STM32G431', 'STM32G441'],
    devId: 0x468,
    variants: uniform([32, 64, 128], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_8000), range(0x1000_0000, 0x1000_2800)],
    bootloader: {
      versions: [{ name: 'V13.4', id: 0xd4 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
  },
  {
    ...COMMON,
    id: 'stm32g474',
    names: ['STM32G474', 'STM32G471', 'STM32G473', 'STM32G483', 'STM32G484'],
    devId: 0x469,
    variants: [
      ...uniform([128, 256, 512], 4 * KB, { option: { name: 'DBANK', value: 0 } }),
      ...twoBanks([128, 256, 512], 2 * KB, { second: 0x0804_0000, option: { name: 'DBANK', value: 1 } }),
    ],
    ram: [range(0x2000_0000, 0x2002_0000), range(0x1000_0000, 0x1000_8000)],
    bootloader: {
      versions: [{ name: 'V13.5', id: 0xd5 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    boot: {
      pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0), or dual-bank boot (BFB2)',
      clock: HSI48,
    },
    optionBytes: [0x1fff_7800, 0x1fff_f800],
  },
  {
    ...COMMON,
    id: 'stm32g491',
    names: ['STM32G491', 'STM32G4A1'],
    devId: 0x479,
    variants: uniform([256, 512], 2 * KB),
    ram: [range(0x2000_0000, 0x2001_c000), range(0x1000_0000, 0x1000_4000)],
    bootloader: {
      versions: [{ name: 'V13.2', id: 0xd2 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
  },
];

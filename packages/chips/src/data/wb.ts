/** STM32WB: rows of the chip table. */
import type { Chip, FlashTiming } from '../chip.ts';
import { HSI48, KB, NO_USB, range, uniform } from './shared.ts';

const TIMING: FlashTiming = {
  programBytes: 8,
  programMinUs: 41,
  programTypUs: 82,
  erase: { [4 * KB]: { maxMs: 24.5 } },
  source: 'STM32 flash driver of Zephyr; double words as in DS10198 (STM32L476), their minimum half of that',
};

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'WB',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  bootloaderVectors: 0x1fff_0000,
  flashSizeAddress: 0x1fff_75e0,
  uidAddress: 0x1fff_7590,
} as const;

export const WB: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32wb55',
    names: ['STM32WB55', 'STM32WB50', 'STM32WB35', 'STM32WB30'],
    devId: 0x495,
    variants: uniform([256, 512, 640, 1024], 4 * KB),
    ram: [range(0x2000_0000, 0x2004_0000), range(0x1000_0000, 0x1001_0000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_7000)],
    bootloader: {
      versions: [{ name: 'V13.5', id: 0xd5 }],
      idAddress: 0x1fff_6ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    usbDfu: true,
    boot: { pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0)', clock: HSI48 },
    optionBytes: [0x1fff_8000],
    timing: TIMING,
    limitations: ['pages from SFSA on belong to the radio stack (CPU2) and cannot be used by the host'],
    doubts: [
      { field: 'timing', why: "typical program time of STM32L476, maximum from Zephyr's driver" },
      { field: 'variants', why: 'how the ROM treats the pages of the radio stack is not captured' },
    ],
    sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
  },
  {
    ...COMMON,
    id: 'stm32wb15',
    names: ['STM32WB15', 'STM32WB10'],
    devId: 0x494,
    variants: uniform([320], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_3000), range(0x2003_0000, 0x2003_9000), range(0x1000_0000, 0x1000_9000)],
    systemMemory: [],
    bootloader: { versions: [{ name: 'V11.1', id: 0xb1 }], ram: [] },
    usbDfu: false,
    boot: { pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0)', clock: NO_USB },
    optionBytes: [],
    limitations: [],
    doubts: [
      { field: 'boot', why: 'taken from STM32WB55' },
      { field: 'systemMemory', why: 'its end is not sourced' },
      { field: 'erasedValue', why: 'stm32-data says 0x00' },
      { field: 'bootloader', why: 'RAM and identifier are not sourced' },
    ],
    sources: ['AN2606', 'embassy-rs/stm32-data'],
  },
];

/** STM32C0: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { HSI48, KB, NO_USB, range, uniform } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'C0',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  bootloaderVectors: 0x1fff_0000,
  usbDfu: false,
  boot: {
    pattern:
      'BOOT0 = 1 at reset (the pin, or nBOOT0 where nBOOT_SEL = 1) while BOOT_LOCK = 0, or an empty flash at power-on',
    emptyCheck: true,
    clock: NO_USB,
  },
  flashSizeAddress: 0x1fff_75a0,
  uidAddress: 0x1fff_7550,
  optionBytes: [0x1fff_7800],
  limitations: [],
  doubts: [],
  sources: ['AN2606', 'embassy-rs/stm32-data'],
} as const;

export const C0: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32c011',
    names: ['STM32C011'],
    devId: 0x443,
    variants: uniform([16, 32], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_1800)],
    systemMemory: [range(0x1fff_0000, 0x1fff_1800)],
    bootloader: {
      versions: [{ name: 'V5.1', id: 0x51 }],
      idAddress: 0x1fff_17fe,
      ram: [range(0x2000_0000, 0x2000_1000)],
    },
    sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
  },
  {
    ...COMMON,
    id: 'stm32c031',
    names: ['STM32C031'],
    devId: 0x453,
    variants: uniform([16, 32], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_3000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_1800)],
    bootloader: {
      versions: [{ name: 'V5.2', id: 0x52 }],
      idAddress: 0x1fff_17fe,
      ram: [range(0x2000_0000, 0x2000_1000)],
    },
    sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
  },
  {
    ...COMMON,
    id: 'stm32c051',
    names: ['STM32C051'],
    devId: 0x44c,
    variants: uniform([32, 64], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_3000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_3000)],
    bootloader: {
      versions: [{ name: 'V11.0', id: 0xb0 }],
      idAddress: 0x1fff_2ffe,
      ram: [range(0x2000_0000, 0x2000_1400)],
    },
  },
  {
    ...COMMON,
    id: 'stm32c071',
    names: ['STM32C071'],
    devId: 0x493,
    variants: uniform([64, 128], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_6000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_7000)],
    bootloader: {
      versions: [{ name: 'V13.1', id: 0xd1 }],
      idAddress: 0x1fff_67fe,
      ram: [range(0x2000_0000, 0x2000_2300)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 552 }],
    },
    usbDfu: true,
    boot: {
      pattern:
        'BOOT0 = 1 at reset (the pin, or nBOOT0 where nBOOT_SEL = 1) while BOOT_LOCK = 0, or an empty flash at power-on',
      emptyCheck: true,
      clock: HSI48,
    },
  },
  {
    ...COMMON,
    id: 'stm32c091',
    names: ['STM32C091', 'STM32C092'],
    devId: 0x44d,
    variants: uniform([128, 256], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_9000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_4000)],
    bootloader: {
      versions: [{ name: 'V18.1', id: 0x121 }],
      idAddress: 0x1fff_3ffe,
      ram: [range(0x2000_0000, 0x2000_2400)],
    },
  },
];

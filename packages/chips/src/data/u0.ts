/** STM32U0: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { HSI48, KB, NO_USB, range, uniform } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'U0',
  writeSize: 8,
  erasedValue: 0xff,
  cells: 'ecc',
  bootloaderVectors: 0x1fff_0000,
  optionBytes: [0x4002_2020],
  limitations: [],
  doubts: [],
  sources: ['AN2606', 'embassy-rs/stm32-data'],
} as const;

export const U0: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32u031',
    names: ['STM32U031'],
    devId: 0x459,
    variants: uniform([16, 32, 64], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_3000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_3800)],
    bootloader: {
      versions: [{ name: 'V11.0', id: 0xb0 }],
      idAddress: 0x1fff_37fe,
      ram: [range(0x2000_0000, 0x2000_1500)],
    },
    usbDfu: false,
    boot: {
      pattern:
        'BOOT0 = 1 at reset (the pin, or nBOOT0 where nBOOT_SEL = 1) while BOOT_LOCK = 0, or an empty flash at power-on',
      emptyCheck: true,
      clock: NO_USB,
    },
    flashSizeAddress: 0x1fff_3ea0,
    uidAddress: 0x1fff_3e50,
  },
  {
    ...COMMON,
    id: 'stm32u083',
    names: ['STM32U073', 'STM32U083'],
    devId: 0x489,
    variants: uniform([64, 128, 256], 2 * KB),
    ram: [range(0x2000_0000, 0x2000_a000)],
    systemMemory: [range(0x1fff_0000, 0x1fff_6800)],
    bootloader: {
      versions: [{ name: 'V13.0', id: 0xd0 }],
      idAddress: 0x1fff_67fe,
      ram: [range(0x2000_0000, 0x2000_2170)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 241 }],
    },
    usbDfu: true,
    boot: {
      pattern:
        'BOOT0 = 1 at reset (the pin, or nBOOT0 where nBOOT_SEL = 1) while BOOT_LOCK = 0, or an empty flash at power-on',
      emptyCheck: true,
      clock: HSI48,
    },
    flashSizeAddress: 0x1fff_6ea0,
    uidAddress: 0x1fff_6e50,
  },
];

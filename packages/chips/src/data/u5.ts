/** STM32U5: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { HSI48, KB, range, twoBanks } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'U5',
  writeSize: 16,
  erasedValue: 0xff,
  cells: 'ecc',
  systemMemory: [range(0x0bf9_0000, 0x0bfa_0000)],
  bootloaderVectors: 0x0bf9_0000,
  usbDfu: true,
  flashSizeAddress: 0x0bfa_07a0,
  uidAddress: 0x0bfa_0700,
  optionBytes: [0x4002_2040],
  limitations: [],
  doubts: [],
  sources: ['AN2606', 'embassy-rs/stm32-data', 'stlink-org/stlink config/chips'],
} as const;

export const U5: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32u535',
    names: ['STM32U535', 'STM32U545'],
    devId: 0x455,
    variants: twoBanks([128, 256, 512], 8 * KB),
    ram: [range(0x2000_0000, 0x2004_0000), range(0x2800_0000, 0x2800_4000)],
    bootloader: {
      versions: [{ name: 'V9.1', id: 0x91 }],
      idAddress: 0x0bf9_9efe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    boot: {
      pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0) with NSBOOTADD1 = 0x17F200 and TZEN = 0',
      clock: HSI48,
    },
  },
  {
    ...COMMON,
    id: 'stm32u575',
    names: ['STM32U575', 'STM32U585'],
    devId: 0x482,
    variants: twoBanks([1024, 2048], 8 * KB),
    ram: [range(0x2000_0000, 0x200c_0000), range(0x2800_0000, 0x2800_4000)],
    bootloader: {
      versions: [
        { name: 'V9.2', id: 0x92 },
        { name: 'V9.3', id: 0x93 },
      ],
      idAddress: 0x0bf9_9efe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    boot: {
      pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0) with NSBOOTADD1 = 0x17F200 and TZEN = 0',
      clock: HSI48,
    },
  },
  {
    ...COMMON,
    id: 'stm32u595',
    names: ['STM32U595', 'STM32U599', 'STM32U5A5', 'STM32U5A9'],
    devId: 0x481,
    variants: twoBanks([2048, 4096], 8 * KB),
    ram: [range(0x2000_0000, 0x2027_0000), range(0x2800_0000, 0x2800_4000)],
    bootloader: {
      versions: [{ name: 'V9.2', id: 0x92 }],
      idAddress: 0x0bf9_9efe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    boot: {
      pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0) with NSBOOTADD1 = 0x17F200 and TZEN = 0',
      clock: 'an HSE crystal of 8, 12, 16, 20, 24, 26 or 32 MHz, for its high-speed USB',
      note: 'With another crystal, or none, the bootloader resets the chip',
    },
  },
  {
    ...COMMON,
    id: 'stm32u5f9',
    names: ['STM32U5F7', 'STM32U5F9', 'STM32U5G7', 'STM32U5G9'],
    devId: 0x476,
    variants: twoBanks([2048, 4096], 8 * KB),
    ram: [range(0x2000_0000, 0x202f_0000), range(0x2800_0000, 0x2800_4000)],
    bootloader: {
      versions: [{ name: 'V9.0', id: 0x90 }],
      idAddress: 0x0bf9_9efe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x0200],
      connect: [{ ms: 300 }],
    },
    boot: {
      pattern: 'BOOT0 = 1 at reset (the pin, or nBOOT0 = 0 where nSWBOOT0 = 0) with NSBOOTADD1 = 0x17F200 and TZEN = 0',
      clock: 'an HSE crystal of 8, 12, 16, 20, 24, 26 or 32 MHz, for its high-speed USB',
      note: 'With another crystal, or none, the bootloader resets the chip',
    },
    doubts: [{ field: 'variants', why: 'stm32-data places bank 2 of 2 MB parts at 0x08200000' }],
  },
];

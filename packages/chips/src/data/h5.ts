/** STM32H5: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { HSI48, KB, range, twoBanks } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'H5',
  writeSize: 16,
  erasedValue: 0xff,
  cells: 'ecc',
  usbDfu: true,
  boot: { pattern: 'BOOT0 = 1 at reset (pin or option), as far as PRODUCT_STATE allows', clock: HSI48 },
  flashSizeAddress: 0x08ff_f80c,
  uidAddress: 0x08ff_f800,
  optionBytes: [0x4002_2050],
  doubts: [],
  sources: ['AN2606', 'embassy-rs/stm32-data'],
} as const;

export const H5: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32h503',
    names: ['STM32H503'],
    devId: 0x474,
    variants: twoBanks([128], 8 * KB),
    ram: [range(0x2000_0000, 0x2000_8000)],
    systemMemory: [range(0x0bf8_7000, 0x0bf9_0000)],
    bootloaderVectors: 0x0bf8_7000,
    bootloader: {
      versions: [
        { name: 'V14.1', id: 0xe1 },
        { name: 'V14.2', id: 0xe2 },
      ],
      idAddress: 0x0bf8_fffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '3.0',
      bcdDevice: [0x0200],
      connect: [{ ms: 251 }],
    },
    limitations: [],
  },
  {
    ...COMMON,
    id: 'stm32h523',
    names: ['STM32H523', 'STM32H533'],
    devId: 0x478,
    variants: twoBanks([256, 512], 8 * KB),
    ram: [range(0x2000_0000, 0x2004_4000)],
    systemMemory: [range(0x0bf9_7000, 0x0bfa_0000)],
    bootloaderVectors: 0x0bf9_7000,
    bootloader: {
      versions: [{ name: 'V14.2', id: 0xe2 }],
      idAddress: 0x0bf9_fafe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '3.0',
      bcdDevice: [0x0200],
    },
    limitations: [],
  },
  {
    ...COMMON,
    id: 'stm32h563',
    names: ['STM32H562', 'STM32H563', 'STM32H573'],
    devId: 0x484,
    variants: twoBanks([1024, 2048], 8 * KB),
    ram: [range(0x2000_0000, 0x200a_0000)],
    systemMemory: [range(0x0bf9_7000, 0x0bfa_0000)],
    bootloaderVectors: 0x0bf9_7000,
    bootloader: {
      versions: [{ name: 'V14.3' }, { name: 'V14.4' }, { name: 'V14.5', id: 0xe5 }],
      idAddress: 0x0bf9_fafe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '3.0',
      bcdDevice: [0x0200],
      connect: [{ ms: 245 }],
    },
    limitations: [
      'V14.4: erasing sectors of the data area does not work on 1 MB parts',
      'V14.3 crashes on a jump with TrustZone and HDP level 3',
      'Get answers 00 21 41, without 92',
    ],
  },
  {
    ...COMMON,
    id: 'stm32h5e5',
    names: ['STM32H5E4', 'STM32H5E5', 'STM32H5F4', 'STM32H5F5'],
    devId: 0x47a,
    variants: [],
    ram: [],
    systemMemory: [range(0x0bfa_c000, 0x0bfb_6000)],
    bootloaderVectors: 0x0bfa_c000,
    bootloader: {
      versions: [{ name: 'V15.0', id: 0xf0 }],
      idAddress: 0x0bfb_5ffe,
      ram: [range(0x2000_0000, 0x2000_4000)],
      dfuProtocol: '3.0',
      connect: [{ ms: 217 }],
    },
    boot: {
      pattern: 'BOOT0 = 1 at reset (pin or option), as far as PRODUCT_STATE allows',
      clock: 'no crystal: HSI48; in packages with high-speed USB an HSE crystal of 8, 12, 16, 20, 24, 26, 32 or 48 MHz',
      note: 'Without that crystal, where it is needed, the bootloader resets the chip after enumeration',
    },
    limitations: ['pages of 8 KB in two banks; no public source states the sizes'],
    doubts: [{ field: 'variants', why: 'no public source states the flash sizes' }],
    sources: ['AN2606'],
  },
];

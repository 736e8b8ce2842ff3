/** STM32WBA: rows of the chip table. */
import type { Chip } from '../chip.ts';
import { KB, NO_USB, range, twoBanks, uniform } from './shared.ts';

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'WBA',
  writeSize: 16,
  erasedValue: 0xff,
  cells: 'ecc',
  usbDfu: true,
  boot: {
    pattern: 'boot pattern 16 of AN2606, which is not described here',
    clock: 'a clock that no public source names here (see AN2606)',
  },
  optionBytes: [0x4002_2040],
  limitations: [],
  sources: ['AN2606', 'embassy-rs/stm32-data'],
} as const;

export const WBA: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32wba25',
    names: ['STM32WBA23', 'STM32WBA25'],
    devId: 0x4b2,
    variants: [],
    ram: [],
    systemMemory: [],
    bootloaderVectors: 0x0bf8_5000,
    bootloader: { versions: [{ name: 'V13.0', id: 0xd0 }], ram: [], dfuProtocol: '3.0', connect: [{ ms: 180 }] },
    limitations: ['pages of 8 KB; no public source states the sizes'],
    doubts: [
      { field: 'variants', why: 'no public source states the flash sizes' },
      { field: 'boot', why: 'boot pattern and clock are not captured' },
      { field: 'systemMemory', why: 'its end is not sourced' },
      { field: 'bootloader', why: 'RAM and identifier are not sourced' },
    ],
    sources: ['AN2606'],
  },
  {
    ...COMMON,
    id: 'stm32wba55',
    names: ['STM32WBA50', 'STM32WBA52', 'STM32WBA54', 'STM32WBA55'],
    devId: 0x492,
    variants: uniform([512, 1024], 8 * KB),
    ram: [range(0x2000_0000, 0x2002_0000)],
    systemMemory: [range(0x0bf8_8000, 0x0bf9_0000)],
    bootloaderVectors: 0x0bf8_8000,
    bootloader: {
      versions: [
        { name: 'V11.0', id: 0xb0 },
        { name: 'V11.1', id: 0xb1 },
      ],
      idAddress: 0x0bf8_fefe,
      ram: [],
    },
    usbDfu: false,
    boot: { pattern: 'boot pattern 16 of AN2606, which is not described here', clock: NO_USB },
    flashSizeAddress: 0x0bf9_07a0,
    uidAddress: 0x0bf9_0700,
    doubts: [
      { field: 'boot', why: 'the boot pattern is not captured' },
      { field: 'bootloader', why: 'the end of the RAM that it uses is not sourced' },
    ],
  },
  {
    ...COMMON,
    id: 'stm32wba65',
    names: ['STM32WBA62', 'STM32WBA63', 'STM32WBA64', 'STM32WBA65'],
    devId: 0x4b0,
    variants: twoBanks([1024, 2048], 8 * KB),
    ram: [range(0x2000_0000, 0x2008_0000)],
    systemMemory: [range(0x0bf9_0000, 0x0bf9_8000)],
    bootloaderVectors: 0x0bf9_0000,
    bootloader: {
      versions: [{ name: 'V13.2', id: 0xd2 }],
      idAddress: 0x0bf9_7efe,
      ram: [],
      dfuProtocol: '3.0',
      connect: [{ ms: 69 }],
    },
    flashSizeAddress: 0x0bfa_07a0,
    uidAddress: 0x0bfa_0700,
    doubts: [
      { field: 'boot', why: 'boot pattern and clock are not captured' },
      { field: 'bootloader', why: 'the end of the RAM that it uses is not sourced' },
    ],
  },
];

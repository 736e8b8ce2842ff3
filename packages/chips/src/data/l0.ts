/** STM32L0: rows of the chip table. */
import { type Chip, type FlashTiming, MISSES_QUICK_PACKETS } from '../chip.ts';
import { HSI48, NO_USB, range, twoBanks, uniform } from './shared.ts';

const TIMING: FlashTiming = {
  programBytes: 64,
  programMinUs: 1600,
  programTypUs: 3200,
  erase: { 128: { minMs: 1.6, typMs: 3.2, maxMs: 3.2 } },
  source: 'STM32 flash driver of Zephyr (maximum, which stands in for the typical value); minima are half of that',
};

/** What most rows share; a row that differs says so. */
const COMMON = {
  family: 'L0',
  writeSize: 4,
  erasedValue: 0x00,
  cells: 'ecc',
  systemMemory: [range(0x1ff0_0000, 0x1ff0_1000)],
  bootloaderVectors: 0x1ff0_0000,
  usbDfu: false,
  flashSizeAddress: 0x1ff8_007c,
  uidAddress: 0x1ff8_0050,
  uidOffsets: [0, 4, 0x14],
  optionBytes: [0x1ff8_0000],
  timing: TIMING,
  limitations: ['an application cannot jump to the bootloader'],
  doubts: [
    { field: 'timing', why: "maximum from Zephyr's driver; the half-page program time is not from a datasheet" },
    { field: 'cells', why: 'taken as ECC, the careful choice' },
  ],
  sources: [
    'AN2606',
    'embassy-rs/stm32-data',
    'stm32duino/stm32flash dev_table.c',
    'stlink-org/stlink config/chips',
    'florisla/stm32loader',
  ],
} as const;

export const L0: readonly Chip[] = [
  {
    ...COMMON,
    id: 'stm32l011',
    names: ['STM32L011', 'STM32L021', 'STM32L010x3', 'STM32L010x4'],
    devId: 0x457,
    variants: uniform([8, 16], 128),
    ram: [range(0x2000_0000, 0x2000_0800)],
    eeprom: [
      { start: 0x0808_0000, end: 0x0808_0200, parts: 'STM32L011, L021' },
      { start: 0x0808_0000, end: 0x0808_0080, parts: 'STM32L010x4' },
    ],
    bootloader: {
      versions: [{ name: 'V12.3', id: 0xc3 }],
      idAddress: 0x1ff0_0ffe,
      ram: [range(0x2000_0000, 0x2000_0800)],
    },
    boot: {
      pattern: 'BOOT0 = 1 and nBOOT1 = 1 at reset, or an empty flash at power-on',
      emptyCheck: true,
      clock: NO_USB,
    },
  },
  {
    ...COMMON,
    id: 'stm32l031',
    names: ['STM32L031', 'STM32L041', 'STM32L010x6'],
    devId: 0x425,
    variants: uniform([16, 32], 128),
    ram: [range(0x2000_0000, 0x2000_2000)],
    eeprom: [
      { start: 0x0808_0000, end: 0x0808_0400, parts: 'STM32L031, L041' },
      { start: 0x0808_0000, end: 0x0808_0100, parts: 'STM32L010x6' },
    ],
    bootloader: {
      versions: [{ name: 'V12.0', id: 0xc0 }],
      idAddress: 0x1ff0_0ffe,
      ram: [range(0x2000_0000, 0x2000_1000)],
    },
    boot: { pattern: 'BOOT0 = 1 and nBOOT1 = 1 at reset', clock: NO_USB },
  },
  {
    ...COMMON,
    id: 'stm32l053',
    names: ['STM32L051', 'STM32L052', 'STM32L053', 'STM32L062', 'STM32L063', 'STM32L010x8'],
    devId: 0x417,
    variants: uniform([32, 64], 128),
    ram: [range(0x2000_0000, 0x2000_2000)],
    eeprom: [
      { start: 0x0808_0000, end: 0x0808_0800, parts: 'STM32L05x, L06x' },
      { start: 0x0808_0000, end: 0x0808_0100, parts: 'STM32L010x8' },
    ],
    bootloader: {
      versions: [{ name: 'V12.0', id: 0xc0 }],
      idAddress: 0x1ff0_0ffe,
      ram: [range(0x2000_0000, 0x2000_1000)],
    },
    boot: { pattern: 'BOOT0 = 1 and nBOOT1 = 1 at reset', clock: NO_USB },
    limitations: [
      'STM32L052, L053, L062 and L063: a USB peripheral, but no USB in the bootloader',
      'an application cannot jump to the bootloader',
    ],
  },
  {
    ...COMMON,
    id: 'stm32l072',
    names: ['STM32L072', 'STM32L073', 'STM32L082', 'STM32L083'],
    devId: 0x447,
    variants: [...uniform([64, 128], 128), ...twoBanks([192], 128)],
    ram: [range(0x2000_0000, 0x2000_5000)],
    eeprom: [
      { start: 0x0808_0000, end: 0x0808_1800, parts: '128 and 192 KB' },
      { start: 0x0808_0c00, end: 0x0808_1800, parts: '64 KB' },
    ],
    systemMemory: [range(0x1ff0_0000, 0x1ff0_2000)],
    bootloader: {
      versions: [
        { name: 'V4.0', id: 0x40 },
        { name: 'V4.1', id: 0x41 },
      ],
      idAddress: 0x1ff0_1ffe,
      ram: [range(0x2000_0000, 0x2000_1000)],
      dfuProtocol: '2.2',
      bcdDevice: [0x2200],
      connect: [{ ms: 140 }],
    },
    usbDfu: true,
    boot: { pattern: 'BOOT0 = 1 and nBOOT1 = 1 at reset, or dual-bank boot (BFB2)', clock: HSI48 },
    limitations: [MISSES_QUICK_PACKETS, 'an application cannot jump to the bootloader'],
    doubts: [
      { field: 'timing', why: "maximum from Zephyr's driver; the half-page program time is not from a datasheet" },
      { field: 'cells', why: 'taken as ECC, the careful choice' },
      { field: 'bootloader', why: 'stm32flash states other RAM than AN2606' },
    ],
  },
  {
    ...COMMON,
    id: 'stm32l071',
    names: ['STM32L071', 'STM32L081', 'STM32L010xB'],
    devId: 0x447,
    variants: [...uniform([64, 128], 128), ...twoBanks([192], 128)],
    ram: [range(0x2000_0000, 0x2000_5000)],
    eeprom: [
      { start: 0x0808_0000, end: 0x0808_1800, parts: 'STM32L071, L081 with 128 and 192 KB' },
      { start: 0x0808_0c00, end: 0x0808_1800, parts: 'STM32L071 with 64 KB' },
      { start: 0x0808_0000, end: 0x0808_0200, parts: 'STM32L010xB' },
    ],
    systemMemory: [range(0x1ff0_0000, 0x1ff0_2000)],
    bootloader: {
      versions: [
        { name: 'V11.1', id: 0xb1 },
        { name: 'V11.2', id: 0xb2 },
      ],
      idAddress: 0x1ff0_1ffe,
      ram: [range(0x2000_0000, 0x2000_1400)],
    },
    boot: { pattern: 'BOOT0 = 1 and nBOOT1 = 1 at reset, or dual-bank boot (BFB2)', clock: NO_USB },
    doubts: [
      { field: 'timing', why: "maximum from Zephyr's driver; the half-page program time is not from a datasheet" },
      { field: 'cells', why: 'taken as ECC, the careful choice' },
      { field: 'bootloader', why: 'stm32flash states other RAM than AN2606' },
    ],
  },
];

/** STM32F4: rows of the chip table. */
import type { Bank, Chip, FlashTiming } from '../chip.ts';

const KB = 1024;

const bank = (start: number, large: number): Bank => ({
  start,
  runs: [
    { count: 4, size: 16 * KB },
    { count: 1, size: 64 * KB },
    { count: large, size: 128 * KB },
  ],
});

const TIMING: FlashTiming = {
  programBytes: 4,
  programMinUs: 13.3,
  programTypUs: 16,
  erase: {
    [16 * KB]: { minMs: 100, typMs: 250, maxMs: 1000 },
    [64 * KB]: { minMs: 250, typMs: 550, maxMs: 2400 },
    [128 * KB]: { minMs: 500, typMs: 1000, maxMs: 4000 },
  },
  source: 'DS8626 flash memory programming, x32; minima are half of the typical values (no document gives them)',
};

const CLOCK = 'an HSE crystal of 4 to 26 MHz, a whole number of MHz';

export const F4: readonly Chip[] = [
  {
    id: 'stm32f405',
    family: 'F4',
    names: ['STM32F405', 'STM32F407', 'STM32F415', 'STM32F417'],
    devId: 0x413,
    variants: [
      { name: '512 KB', banks: [bank(0x0800_0000, 3)] },
      { name: '1 MB', banks: [bank(0x0800_0000, 7)] },
    ],
    writeSize: 4,
    erasedValue: 0xff,
    cells: 'plain',
    ram: [
      { start: 0x2000_0000, end: 0x2002_0000 },
      { start: 0x1000_0000, end: 0x1001_0000 },
    ],
    systemMemory: { start: 0x1fff_0000, end: 0x1fff_7800 },
    bootloaderVectors: 0x1fff_0000,
    usbDfu: true,
    boot: { pattern: 'BOOT0 = 1 and BOOT1 = 0 at reset', clock: CLOCK },
    flashSizeAddress: 0x1fff_7a22,
    uidAddress: 0x1fff_7a10,
    optionBytes: [0x1fff_c000],
    timing: TIMING,
    sources: ['AN2606 §STM32F40xxx/41xxx', 'RM0090 §3.4', 'DS8626'],
  },
  {
    id: 'stm32f427',
    family: 'F4',
    names: ['STM32F427', 'STM32F429', 'STM32F437', 'STM32F439'],
    devId: 0x419,
    variants: [
      { name: '1 MB', banks: [bank(0x0800_0000, 7)] },
      { name: '1 MB, dual bank', banks: [bank(0x0800_0000, 3), bank(0x0808_0000, 3)] },
      { name: '2 MB', banks: [bank(0x0800_0000, 7), bank(0x0810_0000, 7)] },
    ],
    writeSize: 4,
    erasedValue: 0xff,
    cells: 'plain',
    ram: [
      { start: 0x2000_0000, end: 0x2003_0000 },
      { start: 0x1000_0000, end: 0x1001_0000 },
    ],
    systemMemory: { start: 0x1fff_0000, end: 0x1fff_7800 },
    bootloaderVectors: 0x1fff_0000,
    usbDfu: true,
    boot: { pattern: 'BOOT0 = 1 and BOOT1 = 0 at reset, or dual-bank boot (BFB2)', clock: CLOCK },
    flashSizeAddress: 0x1fff_7a22,
    uidAddress: 0x1fff_7a10,
    optionBytes: [0x1fff_c000, 0x1ffe_c000],
    timing: TIMING,
    sources: ['AN2606 §STM32F42xxx/43xxx', 'RM0090 §3.4'],
  },
];

/** STM32F1: rows of the chip table. */
import type { Chip } from '../chip.ts';

const KB = 1024;

export const F1: readonly Chip[] = [
  {
    id: 'stm32f105',
    family: 'F1',
    names: ['STM32F105', 'STM32F107'],
    devId: 0x418,
    variants: [64, 128, 256].map((size) => ({
      name: `${size} KB`,
      banks: [{ start: 0x0800_0000, runs: [{ count: size / 2, size: 2 * KB }] }],
    })),
    writeSize: 2,
    erasedValue: 0xff,
    cells: 'plain',
    ram: [{ start: 0x2000_0000, end: 0x2001_0000 }],
    systemMemory: { start: 0x1fff_b000, end: 0x1fff_f800 },
    bootloaderVectors: 0x1fff_b000,
    usbDfu: true,
    boot: {
      pattern: 'BOOT0 = 1 and BOOT1 = 0 at reset',
      clock: 'an HSE crystal of 8, 14.7456 or 25 MHz; with 8 MHz the device may take 13.7 s to appear',
      note: 'USB starts only while PA9 (VBUS) is high',
    },
    flashSizeAddress: 0x1fff_f7e0,
    uidAddress: 0x1fff_f7e8,
    optionBytes: [0x1fff_f800],
    timing: {
      programBytes: 2,
      programMinUs: 40,
      programTypUs: 52.5,
      erase: { [2 * KB]: { minMs: 20, typMs: 20, maxMs: 40 } },
      source:
        'DS5319 (STM32F103x8/B) flash memory characteristics; the same cell as in F105/107. The typical erase time is not given: the minimum stands in.',
    },
    sources: ['AN2606 §STM32F105xx/107xx', 'AN2662', 'RM0008 §3.3.3, §30.2', 'DS6014'],
  },
];

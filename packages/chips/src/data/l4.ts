/** STM32L4: rows of the chip table. */
import type { Chip } from '../chip.ts';

const KB = 1024;

export const L4: readonly Chip[] = [
  {
    id: 'stm32l476',
    family: 'L4',
    names: ['STM32L471', 'STM32L475', 'STM32L476', 'STM32L486'],
    devId: 0x415,
    variants: [256, 512, 1024].map((size) => ({
      name: size < 1024 ? `${size} KB` : `${size / 1024} MB`,
      banks: [
        { start: 0x0800_0000, runs: [{ count: size / 4, size: 2 * KB }] },
        { start: 0x0800_0000 + (size / 2) * KB, runs: [{ count: size / 4, size: 2 * KB }] },
      ],
    })),
    writeSize: 8,
    erasedValue: 0xff,
    cells: 'ecc',
    ram: [
      { start: 0x2000_0000, end: 0x2001_8000 },
      { start: 0x1000_0000, end: 0x1000_8000 },
    ],
    systemMemory: { start: 0x1fff_0000, end: 0x1fff_7000 },
    bootloaderVectors: 0x1fff_0000,
    usbDfu: true,
    boot: {
      pattern: 'BOOT0 = 1 and nBOOT1 = 1 at reset, or an empty flash at power-on',
      clock: 'an LSE crystal of 32.768 kHz, else an HSE crystal',
    },
    flashSizeAddress: 0x1fff_75e0,
    uidAddress: 0x1fff_7590,
    optionBytes: [0x1fff_7800, 0x1fff_f800],
    timing: {
      programBytes: 8,
      programMinUs: 80,
      programTypUs: 82,
      erase: { [2 * KB]: { minMs: 20, typMs: 22, maxMs: 24.5 } },
      source: 'DS10198 flash memory characteristics',
    },
    sources: ['AN2606 §STM32L47xxx/48xxx', 'RM0351 §3.3', 'DS10198'],
  },
];

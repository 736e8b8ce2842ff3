/** STM32H7: rows of the chip table. */
import type { Chip, FlashVariant } from '../chip.ts';

const KB = 1024;

const dualBank = (name: string, each: number): FlashVariant => ({
  name,
  banks: [0x0800_0000, 0x0810_0000].map((start) => ({ start, runs: [{ count: each, size: 128 * KB }] })),
});

export const H7: readonly Chip[] = [
  {
    id: 'stm32h743',
    family: 'H7',
    names: ['STM32H742', 'STM32H743', 'STM32H745', 'STM32H747', 'STM32H750', 'STM32H753', 'STM32H755', 'STM32H757'],
    devId: 0x450,
    variants: [
      { name: '128 KB', banks: [{ start: 0x0800_0000, runs: [{ count: 1, size: 128 * KB }] }] },
      dualBank('1 MB', 4),
      dualBank('2 MB', 8),
    ],
    writeSize: 32,
    erasedValue: 0xff,
    cells: 'ecc',
    ram: [
      { start: 0x2000_0000, end: 0x2002_0000 },
      { start: 0x2400_0000, end: 0x2408_0000 },
      { start: 0x3000_0000, end: 0x3004_8000 },
      { start: 0x3800_0000, end: 0x3801_0000 },
    ],
    systemMemory: { start: 0x1ff0_0000, end: 0x1ff1_e800 },
    bootloaderVectors: 0x1ff0_9800,
    usbDfu: true,
    boot: { pattern: 'BOOT0 = 1 at reset with BOOT_ADD1 = 0x1FF0', clock: 'no crystal: HSI48' },
    flashSizeAddress: 0x1ff1_e880,
    uidAddress: 0x1ff1_e800,
    optionBytes: [0x5200_201c],
    timing: {
      programBytes: 32,
      programMinUs: 90,
      programTypUs: 100,
      erase: { [128 * KB]: { minMs: 900, typMs: 1000, maxMs: 4000 } },
      source: 'DS12110 tables 43, 53 and 140, x64; maximum at x8',
    },
    sources: ['AN2606 §STM32H74xxx/75xxx', 'RM0433 §4.3', 'DS12110'],
  },
];

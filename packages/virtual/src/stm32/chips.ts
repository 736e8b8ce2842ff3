/** The chips of our scenarios as data, with the document behind each figure. Flash times are the typical ones. */

import type { ChipProfile } from './chip.ts';
import { F1_GUARD, F4_GUARD, rdpOnly } from './guards.ts';

const KB = 1024;

function sectors(...groups: readonly (readonly [count: number, bytes: number])[]): number[] {
  return groups.flatMap(([count, bytes]) => Array.from({ length: count }, () => bytes));
}

/** Made up so that ST's recipe gives the serial number of the thread's log, 48EC45783650. */
export const F105_UID = [0x066d_ff34, 0x3650_5338, 0x427e_4644] as const;

/**
 * STM32F105RC, 256 KB in pages of 2 KB. Half-word 52.5 µs (40–70), page and mass erase 20–40 ms (DS6014, the cells of
 * DS5319). System memory and its reset vector V2.2: AN2606. RAM 64 KB.
 */
export const STM32F105: ChipProfile = {
  name: 'STM32F105',
  cells: {
    regions: [{ start: 0x0800_0000, sectorBytes: sectors([128, 2 * KB]) }],
    kind: 'plain',
    overwrite: 'refuses',
    programBytes: 2,
    programMs: 0.0525,
    eraseMs: { [2 * KB]: 20 },
    massEraseMs: 20,
  },
  ram: [{ start: 0x2000_0000, bytes: 64 * KB, bootloaderBytes: 4 * KB }],
  systemMemory: { start: 0x1fff_b000, bytes: 18 * KB },
  systemWords: {
    536850432: 0x2000_0800,
    536850436: 0x1fff_e9c1,
    536868832: 0xffff_0100,
    536868840: 0x0032_003f,
    536868844: 0x3433_4715,
    536868848: 0x3237_3033,
  },
  options: {
    start: 0x1fff_f800,
    initial: [0xa5, 0x5a, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0],
  },
  guard: F1_GUARD,
};

/**
 * STM32F407VG, 1 MB. Sector erase at x32: 250, 550, 1000 ms, mass 8 s, word 16 µs (DS8626). The ROM's own default is
 * byte-wise programming for 1.62–2.1 V; here the Device Feature starts at 3 (2.7–3.6 V, x32) and is stored, not obeyed.
 */
export const STM32F407: ChipProfile = {
  name: 'STM32F407',
  cells: {
    regions: [{ start: 0x0800_0000, sectorBytes: sectors([4, 16 * KB], [1, 64 * KB], [7, 128 * KB]) }],
    kind: 'plain',
    overwrite: 'clears',
    programBytes: 4,
    programMs: 0.016,
    eraseMs: { [16 * KB]: 250, [64 * KB]: 550, [128 * KB]: 1000 },
    massEraseMs: 8000,
  },
  ram: [
    { start: 0x2000_0000, bytes: 128 * KB, bootloaderBytes: 12 * KB },
    { start: 0x1000_0000, bytes: 64 * KB, bootloaderBytes: 0 },
  ],
  systemMemory: { start: 0x1fff_0000, bytes: 30 * KB },
  systemWords: { 536836060: 0xff91_ffff },
  options: {
    start: 0x1fff_c000,
    initial: [0xef, 0xaa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  },
  otp: { start: 0x1fff_7800, bytes: 528 },
  feature: { start: 0xffff_0000, initial: [3, 0, 0, 0] },
  guard: F4_GUARD,
};

/** STM32L476RG, 1 MB in pages of 2 KB, double words with ECC. Page and mass erase 22 ms, double word 82 µs (DS10198). */
export const STM32L476: ChipProfile = {
  name: 'STM32L476',
  cells: {
    regions: [{ start: 0x0800_0000, sectorBytes: sectors([512, 2 * KB]) }],
    kind: 'ecc',
    overwrite: 'refuses',
    programBytes: 8,
    programMs: 0.082,
    eraseMs: { [2 * KB]: 22 },
    massEraseMs: 22,
  },
  ram: [{ start: 0x2000_0000, bytes: 96 * KB, bootloaderBytes: 12 * KB }],
  systemMemory: { start: 0x1fff_0000, bytes: 28 * KB },
  systemWords: { 536834044: 0xff92_ffff },
  options: {
    start: 0x1fff_7800,
    initial: [0xaa, 0xf8, 0xef, 0xff, 0x55, 0x07, 0x10, 0, ...Array.from({ length: 32 }, () => 0xff)],
  },
  otp: { start: 0x1fff_7000, bytes: 1 * KB },
  guard: rdpOnly(0),
};

/**
 * STM32G431RB, 128 KB in pages of 2 KB, double words with ECC (RM0440). RAM, system memory and ROM V13.4: AN2606. Page,
 * mass erase and double word are the L476's, which has the same cells (Zephyr gives 24.47 ms as the longest page erase).
 */
export const STM32G431: ChipProfile = {
  name: 'STM32G431',
  cells: {
    regions: [{ start: 0x0800_0000, sectorBytes: sectors([64, 2 * KB]) }],
    kind: 'ecc',
    overwrite: 'refuses',
    programBytes: 8,
    programMs: 0.082,
    eraseMs: { [2 * KB]: 22 },
    massEraseMs: 22,
  },
  ram: [{ start: 0x2000_0000, bytes: 32 * KB, bootloaderBytes: 16 * KB }],
  systemMemory: { start: 0x1fff_0000, bytes: 28 * KB },
  systemWords: { 536834044: 0xffd4_ffff },
  options: {
    start: 0x1fff_7800,
    initial: [0xaa, 0xf8, 0xef, 0xff, 0x55, 0x07, 0x10, 0, ...Array.from({ length: 32 }, () => 0xff)],
  },
  otp: { start: 0x1fff_7000, bytes: 1 * KB },
  guard: rdpOnly(0),
};

/**
 * STM32H743ZI, 2 MB in two banks of 8 sectors, words of 32 bytes with ECC. At x64: sector 1 s, word 100 µs (DS12110).
 * The time of a mass erase is a guess: both banks at once, 8 sectors after each other.
 */
export const STM32H743: ChipProfile = {
  name: 'STM32H743',
  cells: {
    regions: [{ start: 0x0800_0000, sectorBytes: sectors([16, 128 * KB]) }],
    kind: 'ecc',
    overwrite: 'corrupts',
    programBytes: 32,
    programMs: 0.1,
    eraseMs: { [128 * KB]: 1000 },
    massEraseMs: 8000,
  },
  ram: [
    { start: 0x2000_0000, bytes: 128 * KB, bootloaderBytes: 0x4100 },
    { start: 0x2400_0000, bytes: 512 * KB, bootloaderBytes: 0x5000 },
  ],
  systemMemory: { start: 0x1ff0_0000, bytes: 0x1e800 },
  systemWords: { 535947260: 0xff91_ffff },
  options: { start: 0x5200_201c, initial: [0xf0, 0xaa, 0xc6, 0x1b, ...Array.from({ length: 124 }, () => 0)] },
  guard: rdpOnly(1),
};

/**
 * The flash of each family: cells, program unit and typical times. Times that no public source gives are called
 * guesses.
 */

import type { FlashCells, FlashRegion } from '../flash/datasheet.ts';
import { FLASH_START, KB } from './row.ts';

type Silicon = Omit<FlashCells, 'regions'>;
/** `count` sectors of `bytes`. */
type Run = readonly [count: number, bytes: number];

/** Flash from 0x08000000 on without a gap. */
export function flashOf(silicon: Silicon, ...runs: readonly Run[]): FlashCells {
  return { ...silicon, regions: [regionOf(FLASH_START, runs)] };
}

/** Two banks of the same runs, the second from `second` on. */
export function banksWithGap(silicon: Silicon, second: number, ...runs: readonly Run[]): FlashCells {
  return { ...silicon, regions: [regionOf(FLASH_START, runs), regionOf(second, runs)] };
}

function regionOf(start: number, runs: readonly Run[]): FlashRegion {
  return { start, sectorBytes: runs.flatMap(([count, bytes]) => Array.from({ length: count }, () => bytes)) };
}

/** Half-word 52.5 µs (40–70), page and mass erase 20–40 ms (DS6014, the cells of DS5319). */
export const F1_FLASH: Silicon = {
  kind: 'plain',
  overwrite: 'refuses',
  programBytes: 2,
  programMs: 0.0525,
  eraseMs: { [2 * KB]: 20 },
  massEraseMs: 20,
};

/**
 * Half-word 53.5 µs, page and mass erase 30 ms (comments of public F0 drivers); F3, which has the same controller
 * (RM0316), as F0.
 */
export const F0_FLASH: Silicon = {
  ...F1_FLASH,
  programMs: 0.0535,
  eraseMs: { [1 * KB]: 30, [2 * KB]: 30 },
  massEraseMs: 30,
};

/**
 * At x32: sectors of 16, 64 and 128 KB 250, 550 and 1000 ms, mass erase 8 s, word 16 µs (DS8626). The ROM's own default
 * is byte-wise programming for 1.62–2.1 V (AN3156 §3.3.3); here the Device Feature starts at 3 (2.7–3.6 V, x32), so that
 * times are those that people know. `stm32f407-rom-byte-wise` starts as the documents have it.
 */
export const F4_FLASH: Silicon = {
  kind: 'plain',
  overwrite: 'clears',
  programBytes: 4,
  programMs: 0.016,
  eraseMs: { [16 * KB]: 250, [64 * KB]: 550, [128 * KB]: 1000 },
  massEraseMs: 8000,
};

/**
 * Sectors of 32, 128 and 256 KB: half of the longest times, 0.8, 2.4 and 4 s, as typical ones are on F411. The rest is
 * F4's: guesses. F72x, and F76x in two banks, have the sectors of F4.
 */
export const F7_FLASH: Silicon = { ...F4_FLASH, eraseMs: { [32 * KB]: 400, [128 * KB]: 1200, [256 * KB]: 2000 } };

/**
 * Page of 128 or 256 bytes and word 3.2 ms (RM0376; Zephyr); half-pages at once. That the ROM uses half-pages is a
 * guess.
 */
export const L0_FLASH: Silicon = {
  kind: 'ecc',
  overwrite: 'refuses',
  erasedByte: 0x00,
  programBytes: 4,
  programMs: 3.2,
  burstBytes: 64,
  eraseMs: { 128: 3.2 },
  massEraseMs: 3.2,
};

/** As L0 with pages of 256 bytes (RM0038); the times are L0's. */
export const L1_FLASH: Silicon = { ...L0_FLASH, burstBytes: 128, eraseMs: { 256: 3.2 } };

/**
 * Double word 82 µs, page and mass erase 22 ms (DS10198). G4, WB, L5, U0 and U3 have the same cells as far as their
 * manuals tell.
 */
export const L4_FLASH: Silicon = {
  kind: 'ecc',
  overwrite: 'refuses',
  programBytes: 8,
  programMs: 0.082,
  eraseMs: { [2 * KB]: 22, [4 * KB]: 22, [8 * KB]: 22 },
  massEraseMs: 22,
};

/** Double word 85 µs, page 22 ms (datasheet of G030); mass erase as a page. C0 has the same controller (RM0490). */
export const G0_FLASH: Silicon = { ...L4_FLASH, programMs: 0.085 };

/** Quad words (RM0456, RM0493). Times are guesses: two double words of the L4, and its page erase. */
export const U5_FLASH: Silicon = { ...L4_FLASH, programBytes: 16, programMs: 0.164 };

/**
 * Words of 32 bytes. At x64: sector 1 s, word 100 µs (DS12110). The time of a mass erase is a guess: both banks at
 * once, 8 sectors after each other.
 */
export const H7_FLASH: Silicon = {
  kind: 'ecc',
  overwrite: 'corrupts',
  programBytes: 32,
  programMs: 0.1,
  eraseMs: { [128 * KB]: 1000 },
  massEraseMs: 8000,
};

/**
 * Words of 16 bytes, sectors of 8 KB (RM0455, RM0477, RM0481). All times are guesses: half an H7 word, a page of the
 * L4.
 */
export const H5_FLASH: Silicon = {
  ...H7_FLASH,
  programBytes: 16,
  programMs: 0.05,
  eraseMs: { [8 * KB]: 22 },
  massEraseMs: 22,
};

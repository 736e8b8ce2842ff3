/** The flash of each family: cells, program unit and times, each with where it is known from. */

import { FLASH_START, type FlashCells, type FlashRegion } from '../flash/datasheet.ts';
import { documented, guess, recorded } from '../provenance.ts';
import { KB } from './row.ts';

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

/** Page and mass erase 20–40 ms, half-word 40–70 µs. */
export const F1_FLASH: Silicon = {
  kind: 'plain',
  overwrite: 'refuses',
  programBytes: 2,
  programMs: documented(0.0525, 'DS6014, the cells of DS5319: typical'),
  eraseMs: { [2 * KB]: documented(20, 'DS6014, the cells of DS5319: least') },
  massEraseMs: documented(20, 'DS6014, the cells of DS5319: least'),
};

/** F3 has the same controller (RM0316). */
export const F0_FLASH: Silicon = {
  ...F1_FLASH,
  programMs: documented(0.0535, 'F0 datasheets: typical'),
  eraseMs: documented({ [1 * KB]: 30, [2 * KB]: 30 }, 'F0 datasheets: between 20 and 40'),
  massEraseMs: documented(30, 'F0 datasheets: between 20 and 40'),
};

/** Time of one program operation, whatever its width. */
const F4_OPERATION_MS = documented(0.016, 'DS8626: typical');
const X16 = documented(
  { programFactor: 2, eraseMs: { [16 * KB]: 300, [64 * KB]: 700, [128 * KB]: 1300 }, massEraseMs: 11_000 },
  'DS8626 table 40, x16: typical',
);
/** Typical times of the datasheet at x8: 16 µs for a byte, 400 and 1200 ms for 16 and 64 KB. */
const X8 = {
  programFactor: recorded(4 * 0.92, 'F405: two jobs, 34 ms for a block of 2 KB (gentilkiwi, two README logs)'),
  eraseMs: {
    [16 * KB]: recorded(370, 'F405: two jobs (gentilkiwi, two README logs)'),
    [64 * KB]: recorded(1200, 'F405: a job (gentilkiwi, README log for HydraBus)'),
    [128 * KB]: documented(2000, 'DS8626 table 40, x8: typical'),
  },
  massEraseMs: documented(16_000, 'DS8626 table 40, x8: typical'),
};
const X64_FACTOR = documented(0.5, 'DS8626: 16 µs for 8 bytes');

/**
 * Stated for x32, which 2.7–3.6 V allows; `paces` has all ranges of the supply. The ROM begins with the first of them and
 * programs bytes (AN3156 §3.3.3; two jobs on one F405).
 */
export const F4_FLASH: Silicon = {
  kind: 'plain',
  overwrite: 'clears',
  programBytes: 4,
  programMs: F4_OPERATION_MS,
  eraseMs: documented({ [16 * KB]: 250, [64 * KB]: 550, [128 * KB]: 1000 }, 'DS8626 table 40, x32: typical'),
  massEraseMs: documented(8000, 'DS8626 table 40, x32: typical'),
  paces: [X8, X16, X16, { programFactor: 1, eraseMs: {} }, { programFactor: X64_FACTOR, eraseMs: {} }],
};

const F7_X16 = documented(
  { programFactor: 2, eraseMs: { [32 * KB]: 300, [128 * KB]: 700, [256 * KB]: 1300 }, massEraseMs: 11_000 },
  'DS10916, x16: typical',
);
const F7_X8 = {
  programFactor: documented(4, 'DS10916: 16 µs for a byte'),
  eraseMs: {
    [32 * KB]: recorded(351, 'F745 (fwupd #2696)'),
    [128 * KB]: documented(1200, 'DS10916, x8: typical'),
    [256 * KB]: documented(2000, 'DS10916, x8: typical'),
  },
  massEraseMs: documented(16_000, 'DS10916, x8: typical'),
};

/** As F4 with sectors of twice the size. F72x, and F76x in two banks, have the sectors of F4 and its times. */
export const F7_FLASH: Silicon = {
  ...F4_FLASH,
  eraseMs: documented({ [32 * KB]: 250, [128 * KB]: 550, [256 * KB]: 1000 }, 'DS10916, x32: typical'),
  paces: [F7_X8, F7_X16, F7_X16, { programFactor: 1, eraseMs: {} }, { programFactor: X64_FACTOR, eraseMs: {} }],
};

/** Words, or half-pages at once (RM0376). */
export const L0_FLASH: Silicon = {
  kind: 'ecc',
  overwrite: 'refuses',
  erasedByte: 0x00,
  programBytes: 4,
  programMs: documented(3.2, 'RM0376: typical'),
  burstBytes: guess(64, 'the ROM may program half-pages, which the controller takes at once, or words'),
  eraseMs: { 128: documented(3.2, 'RM0376: typical') },
  massEraseMs: guess(3.2, 'as a page'),
};

/** Pages of 256 bytes (RM0038). */
export const L1_FLASH: Silicon = {
  ...L0_FLASH,
  burstBytes: guess(128, 'the ROM may program half-pages, which the controller takes at once, or words'),
  eraseMs: { 256: guess(3.2, 'as the L0 has it') },
};

/** G4, WB, L5, U0 and U3 have the same cells as far as their manuals tell. */
export const L4_FLASH: Silicon = {
  kind: 'ecc',
  overwrite: 'refuses',
  programBytes: 8,
  programMs: documented(0.082, 'DS10198: typical'),
  eraseMs: documented({ [2 * KB]: 22, [4 * KB]: 22, [8 * KB]: 22 }, 'DS10198: typical'),
  massEraseMs: documented(22, 'DS10198: typical'),
};

/** C0 has the same controller (RM0490). */
export const G0_FLASH: Silicon = { ...L4_FLASH, programMs: documented(0.085, 'datasheet of G030: typical') };

/** Quad words (RM0456, RM0493). */
export const U5_FLASH: Silicon = {
  ...L4_FLASH,
  programBytes: 16,
  programMs: guess(0.164, 'two double words of the L4'),
  eraseMs: guess({ [2 * KB]: 22, [4 * KB]: 22, [8 * KB]: 22 }, 'a page of the L4'),
  massEraseMs: guess(22, 'a page of the L4'),
};

/** Words of 32 bytes. */
export const H7_FLASH: Silicon = {
  kind: 'ecc',
  overwrite: 'corrupts',
  programBytes: 32,
  programMs: documented(0.1, 'DS12110, x64: typical'),
  eraseMs: { [128 * KB]: recorded(904, 'H743 rev V (betaflight-configurator #1861)') },
  massEraseMs: guess(8000, 'both banks at once, 8 sectors one after the other, each as in DS12110'),
};

/** Words of 16 bytes, sectors of 8 KB (RM0455, RM0477, RM0481). */
export const H5_FLASH: Silicon = {
  ...H7_FLASH,
  programBytes: 16,
  programMs: guess(0.05, 'half a word of the H743'),
  eraseMs: { [8 * KB]: guess(22, 'a page of the L4') },
  massEraseMs: guess(22, 'a page of the L4'),
};

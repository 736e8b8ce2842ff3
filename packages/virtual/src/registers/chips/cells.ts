/** The flash cells of each family and the shapes that chip facts share; times as typical in datasheets, guesses named. */

import type { CellsBeside, FlashCells, FlashRegion } from '../../flash/datasheet.ts';
import type { PlainFacts } from '../chip.ts';

export const KB = 1024;
export const FLASH = 0x0800_0000;

export type Silicon = Omit<FlashCells, 'regions'>;

/** Banks one after the other, each of runs of `[sectors, bytes]`: reading one does not wait for the other. */
export function banks(silicon: Silicon, ...each: readonly (readonly (readonly [number, number])[])[]): FlashCells {
  const regions: FlashRegion[] = [];
  let start = FLASH;
  for (const runs of each) {
    const sectorBytes = runs.flatMap(([count, bytes]) => Array.from({ length: count }, () => bytes));
    regions.push({ start, sectorBytes });
    start += sectorBytes.reduce((sum, bytes) => sum + bytes, 0);
  }
  return { ...silicon, regions };
}

const otp = (start: number, bytes: number): CellsBeside => ({ kind: 'otp', start, bytes });

/** Blocks of OTP with a lock byte for each of the 16, behind them (RM0090 §3.7, RM0385 §3.5, RM0431 §3.5). */
export const otpBlocks = (start: number, blockBytes: number): CellsBeside => ({
  kind: 'otp',
  start,
  bytes: 16 * blockBytes + (blockBytes > 32 ? 32 : 16),
  locks: { at: start + 16 * blockBytes, blockBytes },
});

/** Double words that are programmed once (RM0351 §3.3.1, RM0444 §3.3.1, RM0440 §5.3.1, RM0434 §3.3.1, RM0453 §4.3.1). */
const L4_OTP = otp(0x1fff_7000, KB);
/** RM0503 §3.3.1. */
export const U0_OTP = otp(0x1fff_6800, KB);
/** RM0438 §6.3.1, RM0456 §7.3.1, RM0487, RM0515. */
export const U5_OTP = otp(0x0bfa_0000, 512);
/** RM0493: WBA5x. */
export const WBA5_OTP = otp(0x0bf9_0000, 512);
/** Half-words with an ECC of their own (RM0481 §7.3.4, RM0492; RM0455 §4.3.14). */
export const H5_OTP: CellsBeside = { ...otp(0x08ff_f000, 2 * KB), programBytes: 2 };
export const H7A3_OTP: CellsBeside = { ...H5_OTP, bytes: KB };
/** Data EEPROM of L0 and L1, behind the last place that flash can have (RM0376 §3.3.1, RM0038 §3.3.1). */
export const dataEeprom = (bytes: number): CellsBeside => ({ kind: 'eeprom', start: 0x0808_0000, bytes });

/** F1: half-word 52.5 µs, page 20 ms, mass erase 20 ms (DS6014); F0 and F3: 53.5 µs, 30 ms. */
export const F1_CELLS: Silicon = {
  kind: 'plain',
  overwrite: 'refuses',
  programBytes: 2,
  programMs: 0.0525,
  eraseMs: { [1 * KB]: 20, [2 * KB]: 20 },
  massEraseMs: 20,
};
export const F0_CELLS: Silicon = {
  ...F1_CELLS,
  programMs: 0.0535,
  eraseMs: { [1 * KB]: 30, [2 * KB]: 30 },
  massEraseMs: 30,
};

/**
 * F2, F4: 16 µs for an operation of 1 to 8 bytes, 250, 550 and 1000 ms, mass erase 8 s at x32 (DS8626 table 40); F7's times are
 * guesses: half of its longest.
 */
export const F4_CELLS: Silicon = {
  kind: 'plain',
  overwrite: 'clears',
  programBytes: 1,
  operationBytes: 8,
  programMs: 0.016,
  eraseMs: { [16 * KB]: 250, [64 * KB]: 550, [128 * KB]: 1000 },
  massEraseMs: 8000,
  beside: [otpBlocks(0x1fff_7800, 32)],
};
export const F7_CELLS: Silicon = {
  ...F4_CELLS,
  eraseMs: { [32 * KB]: 400, [128 * KB]: 1200, [256 * KB]: 2000 },
  beside: [otpBlocks(0x1ff0_f000, 64)],
};

/** L1: page of 256 bytes and word 3.2 ms, half-pages of 128 bytes at once; erased bits are 0 (RM0038 §3). */
export const L1_CELLS: Silicon = {
  kind: 'ecc',
  overwrite: 'refuses',
  erasedByte: 0x00,
  programBytes: 4,
  programMs: 3.2,
  burstBytes: 128,
  eraseMs: { 256: 3.2 },
  massEraseMs: 3.2,
};

/** L4, G4: double word 82 µs, page 22 ms (DS10198); G0 85 µs. U5: quad word, times guessed from L4. */
export const L4_CELLS: Silicon = {
  kind: 'ecc',
  overwrite: 'refuses',
  programBytes: 8,
  programMs: 0.082,
  eraseMs: { [2 * KB]: 22, [4 * KB]: 22, [8 * KB]: 22 },
  massEraseMs: 22,
  beside: [L4_OTP],
};
export const G0_CELLS: Silicon = { ...L4_CELLS, programMs: 0.085 };
export const U5_CELLS: Silicon = { ...L4_CELLS, programBytes: 16, programMs: 0.164, beside: [U5_OTP] };

/** H7: 32 bytes 100 µs, sector 1 s, bank 8 s (DS12110); H5: 16 bytes, times guessed. */
export const H7_CELLS: Silicon = {
  kind: 'ecc',
  overwrite: 'corrupts',
  programBytes: 32,
  programMs: 0.1,
  eraseMs: { [128 * KB]: 1000 },
  massEraseMs: 8000,
};
export const H5_CELLS: Silicon = {
  ...H7_CELLS,
  programBytes: 16,
  programMs: 0.05,
  eraseMs: { [8 * KB]: 22 },
  massEraseMs: 22,
};

/** Registers one after the other, a word each. */
export const registerRow = (from: number, list: string): [number, string][] =>
  list.split(' ').map((name, index) => [from + 4 * index, name]);

/** `count` backup registers from `offset` on. */
export function backupRegisters(offset: number, count: number): [number, string][] {
  return Array.from({ length: count }, (_, index) => [offset + 4 * index, `BKP${index}R`]);
}

/** DMA1 of F0, F1, F3, L and G: ISR and IFCR, then four registers a channel, 20 bytes apart (RM0008 §13.4). Nothing moves. */
export function dmaChannels(channels: number, enable: PlainFacts['enable'] & {}): PlainFacts {
  const registers = ['CCR', 'CNDTR', 'CPAR', 'CMAR'].flatMap((name, index) =>
    Array.from({ length: channels }, (_, channel): [number, string] => [
      8 + 20 * channel + 4 * index,
      `${name}${channel + 1}`,
    ]),
  );
  return {
    name: 'DMA1',
    start: 0x4002_0000,
    enable,
    clears: ['IFCR'],
    registers: [[0x00, 'ISR'], [0x04, 'IFCR'], ...registers],
  };
}

/** DMA1 of F2, F4 and F7: flags, then six registers a stream, 24 bytes apart (RM0090 §10.5). Nothing moves. */
export function dmaStreams(): PlainFacts {
  const registers = ['CR', 'NDTR', 'PAR', 'M0AR', 'M1AR'].flatMap((name, index) =>
    Array.from({ length: 8 }, (_, stream): [number, string] => [0x10 + 24 * stream + 4 * index, `S${stream}${name}`]),
  );
  const control = Array.from({ length: 8 }, (_, stream): [number, string, number] => [
    0x24 + 24 * stream,
    `S${stream}FCR`,
    0x21,
  ]);
  const flags = ['LISR', 'HISR', 'LIFCR', 'HIFCR'].map((name, index): [number, string] => [4 * index, name]);
  const enable = ['AHB1ENR', 21] as const;
  const clears = ['LIFCR', 'HIFCR'];
  return { name: 'DMA1', start: 0x4002_6000, enable, clears, registers: [...flags, ...registers, ...control] };
}

/** RTC of all but F1: time registers that stand still, and its backup registers (RM0090 §26.6). */
export function rtc(start: number, backups: number): PlainFacts {
  const names = ['TR', 'DR', 'CR', 'ISR', 'PRER', 'WUTR', 'CALIBR', 'ALRMAR', 'ALRMBR', 'WPR', 'SSR'];
  const registers = names.map((name, index): [number, string] => [4 * index, name]);
  return { name: 'RTC', start, registers: [...registers, ...backupRegisters(0x50, backups)], backup: true };
}

/** What a flash memory is made of, as its datasheet and reference manual state it: data for `Flash`. */
/** Main flash of every STM32 begins here (the memory map of each reference manual). */
export const FLASH_START = 0x0800_0000;

/** A run of sectors in address order. */
export interface FlashRegion {
  readonly start: number;
  readonly sectorBytes: readonly number[];
}

/**
 * What the silicon does with a unit that is not erased:
 * - `clears`: bits go from 1 to 0, never back (F2/F4/F7: RM0090, RM0385, flash programming).
 * - `refuses`: nothing happens and the controller flags it, but all-zero goes through (F1: PM0075, main flash
 *   programming, PGERR; L4: RM0351, flash programming, PROGERR; L0: RM0376, NOTZEROERR, where zeros change nothing).
 * - `corrupts`: content and ECC no longer match and the word reads as neither (H7: RM0433 warns of it).
 *   How exactly is our choice.
 */
export type Overwrite = 'clears' | 'refuses' | 'corrupts';

/** A memory beside the flash that its controller programs as well, and that no erase of the flash touches. */
export interface CellsBeside {
  /** `eeprom`: a word takes the place of what was there, by an erase of its own (RM0376 §3.3.4, RM0038 §3.4.2). */
  readonly kind: 'otp' | 'eeprom';
  readonly start: number;
  readonly bytes: number;
  /** The smallest unit that can be programmed; absent, as in the flash. */
  readonly programBytes?: number;
  /** OTP of F2, F4 and F7: a byte for each block, at its end; 0x00 locks the block (RM0090 §3.7). */
  readonly locks?: { readonly at: number; readonly blockBytes: number };
}

/** A flash memory as its datasheet and reference manual state it. */
export interface FlashCells {
  readonly regions: readonly FlashRegion[];
  /** OTP and data EEPROM; absent, the chip has neither, or they are not modelled. */
  readonly beside?: readonly CellsBeside[];
  /** 'ecc': a unit counts as programmed even if only ones were written, or if power failed on the way. */
  readonly kind: 'plain' | 'ecc';
  readonly overwrite: Overwrite;
  /** What an erased byte reads as; absent, 0xFF. On L0 and L1 it is 0, and programming sets bits (RM0376, RM0038). */
  readonly erasedByte?: 0x00 | 0xff;
  /** The smallest unit that can be programmed, and the time for one. */
  readonly programBytes: number;
  readonly programMs: number;
  /** Aligned runs of units that are programmed together, in the time of one (the half-page of L0 and L1). */
  readonly burstBytes?: number;
  /** Units that stand in one operation take the time of one, up to so many bytes of it (PSIZE of F2, F4 and F7). */
  readonly operationBytes?: number;
  /** Time to erase a sector, by its size in bytes. */
  readonly eraseMs: Readonly<Record<number, number>>;
  readonly massEraseMs: number;
  /** How the ranges of the supply voltage change these times, in the order of the Device Feature's byte (F2, F4, F7). */
  readonly paces?: readonly Pace[];
}

/** How the supply voltage changes the times of a flash. */
export interface Pace {
  /** Of the time to program a unit. */
  readonly programFactor: number;
  /** In place of the usual ones; by sector size. */
  readonly eraseMs: Readonly<Record<number, number>>;
  readonly massEraseMs?: number;
}

export const USUAL_PACE: Pace = { programFactor: 1, eraseMs: {} };

export interface Sector {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** What the cells have been through: "the silicon's own time". */
export interface FlashStatistics {
  readonly eraseMs: number;
  readonly programMs: number;
  /** Sectors erased; a mass erase counts as one. */
  readonly erases: number;
  readonly programmedBytes: number;
  /** Operations on write-protected sectors, which did nothing. */
  readonly ignored: number;
}

export function listSectors(regions: readonly FlashRegion[]): Sector[] {
  const sectors: Sector[] = [];
  for (const { start, sectorBytes } of regions) {
    let at = start;
    for (const bytes of sectorBytes) {
      sectors.push({ index: sectors.length, start: at, end: at + bytes });
      at += bytes;
    }
  }
  return sectors;
}

/** Program operations that `bytes` from `from` on take, both whole units: an aligned burst counts as one. */
export function programOperations(cells: FlashCells, from: number, bytes: number): number {
  const { programBytes, burstBytes, operationBytes } = cells;
  if (operationBytes !== undefined) return Math.ceil(bytes / operationBytes);
  if (burstBytes === undefined) return bytes / programBytes;
  const bursts = Math.max(0, Math.floor((from + bytes) / burstBytes) - Math.ceil(from / burstBytes));
  return bursts + (bytes - bursts * burstBytes) / programBytes;
}

/** A byte programmed over another without an erase: bits only ever leave the erased state. */
export function overlaid(old: number, wanted: number, erasedByte: number): number {
  return erasedByte === 0 ? old | wanted : old & wanted;
}

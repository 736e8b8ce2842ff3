/** What a flash memory is made of, as its datasheet and reference manual state it: data for `Flash`. */

/** A run of sectors in address order. */
export interface FlashRegion {
  readonly start: number;
  readonly sectorBytes: readonly number[];
}

/**
 * What the silicon does with a unit that is not erased:
 * - `clears`: bits go from 1 to 0, never back (F2/F4: RM0090, flash programming).
 * - `refuses`: nothing happens and the controller flags it, but all-zero goes through (F1: PM0075, main flash
 *   programming, PGERR; L4: RM0351, flash programming, PROGERR).
 * - `corrupts`: content and ECC no longer match and the word reads as neither (H7: RM0433 warns of it).
 *   How exactly is our choice.
 */
export type Overwrite = 'clears' | 'refuses' | 'corrupts';

/** A flash memory as its datasheet and reference manual state it. */
export interface FlashCells {
  readonly regions: readonly FlashRegion[];
  /** 'ecc': a unit counts as programmed even if only ones were written, or if power failed on the way. */
  readonly kind: 'plain' | 'ecc';
  readonly overwrite: Overwrite;
  /** The smallest unit that can be programmed, and the time for one. */
  readonly programBytes: number;
  readonly programMs: number;
  /** Time to erase a sector, by its size in bytes. */
  readonly eraseMs: Readonly<Record<number, number>>;
  readonly massEraseMs: number;
}

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

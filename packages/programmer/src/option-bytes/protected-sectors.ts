/** Which sectors of a device's flash its option bytes protect against writing. */
import { type Chip, sectorsByBank, untoldSectors, writeProtectedSectors } from '@sureflash/chips';
import type { Region, Sector } from '../target/geometry.ts';
import type { OptionState } from './state.ts';

export interface SectorProtection {
  readonly protected: readonly Sector[];
  /** Of which what the device shows does not tell it. */
  readonly untold: readonly Sector[];
}

/** @param chips whose flash it may be: they tell how it is divided into banks */
export function sectorProtection(
  { layout, fields }: OptionState,
  flash: Region,
  chips: readonly Chip[],
): SectorProtection {
  const banks = sectorsByBank(chips, flash.sectors);
  const named = (indices: readonly number[]): Sector[] => indices.flatMap((index) => flash.sectors[index] ?? []);
  const known = named(writeProtectedSectors(layout, fields, banks));
  return {
    protected: known,
    untold: named(untoldSectors(layout, fields, banks)).filter((sector) => !known.includes(sector)),
  };
}

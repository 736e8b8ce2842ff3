/** Which sectors of a device's flash its option bytes protect against writing. */
import { type Chip, sectorsByBank, untoldSectors, writeProtectedSectors } from '@sureflash/chips';
import type { Region, Sector } from '../target/geometry.ts';
import type { OptionState } from './state.ts';

export interface SectorProtection {
  readonly protected: readonly Sector[];
  /** Not known to be open: what tells it is not shown or not valid, or proprietary or secure code may close them. */
  readonly untold: readonly Sector[];
}

/** @param chips whose flash it may be: they tell how it is divided into banks */
export function sectorProtection(
  { layout, fields }: OptionState,
  flash: Region,
  chips: readonly Chip[],
): SectorProtection {
  const sectors = flash.partOf?.sectors ?? flash.sectors;
  const banks = sectorsByBank(chips, sectors);
  const named = (indices: readonly number[]): Sector[] => indices.flatMap((index) => sectors[index] ?? []);
  return {
    protected: named(writeProtectedSectors(layout, fields, banks)),
    untold: named(untoldSectors(layout, fields, banks)),
  };
}

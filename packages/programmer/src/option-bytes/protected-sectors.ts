/** Which sectors of a device's flash its option bytes protect against writing. */
import { type Chip, sectorsByBank, writeProtectedSectors } from '@sureflash/chips';
import type { Region, Sector } from '../target/geometry.ts';
import type { OptionState } from './state.ts';

/** @param chips whose flash it may be: they tell how it is divided into banks */
export function protectedSectors({ layout, fields }: OptionState, flash: Region, chips: readonly Chip[]): Sector[] {
  const banks = sectorsByBank(chips, flash.sectors);
  return writeProtectedSectors(layout, fields, banks).flatMap((index) => flash.sectors[index] ?? []);
}

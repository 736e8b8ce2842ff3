/** A chip by the name that a user writes. */
import {
  CHIPS,
  type Chip,
  findChipByName,
  findChipsByName,
  findOtherChipByName,
  flashVariantsByCode,
} from '@sureflash/chips/table';
import { usage } from '../base/command-error.ts';

/** @throws CommandError `usage` that lists the known chips */
export function chipNamed(name: string): Chip {
  const chip = findChipByName(name);
  if (chip) return chip;
  const other = findOtherChipByName(name);
  if (other) throw usage(`The ${name} cannot be programmed here: ${other.limitations.join('; ')}.`);
  const meant = findChipsByName(name).flatMap((each) => each.names);
  const families = [...new Set(CHIPS.map(({ family }) => family))].join(', ');
  throw usage(
    meant.length > 0 ? `"${name}" may be one of several chips.` : `The chip "${name}" is not in the table.`,
    meant.length > 0 ? `Say which: ${meant.join(', ')}` : `Write it as on the chip: STM32F105RB. Families: ${families}`,
  );
}

/** The chip, and the flash of the very part where its name tells: `STM32F105RB` has 128 KB. @throws as `chipNamed` */
export function partNamed(name: string): { readonly chip: Chip; readonly flashBytes?: number } {
  const chip = chipNamed(name);
  const [variant] = flashVariantsByCode(name);
  return { chip, ...(variant && { flashBytes: variant.bytes }) };
}

/** Holds the chip that the user states against the device. The statement fills a gap; it never overrules the device. */
import { type Chip, chipName, mapFitsChip } from '@sureflash/chips';
import { FlashError } from '../../errors.ts';
import { hex } from '../../target/geometry.ts';
import { mapText } from '../memory/variant.ts';
import type { Examination } from './examine.ts';
import {
  devIdNamed,
  hasOptionBytesAt,
  type Identification,
  type IdentifyInput,
  NAMES_ITS_DEV_ID,
  namesOf,
} from './identify.ts';

/**
 * Only a ROM bootloader can contradict the statement: an application carries the descriptors that its author gave it, such as
 * the map that STM32CubeMX puts into every project (F42x, whatever the chip).
 * @param found the identification by descriptors and quirk rows; a chip named by a row may announce a map that is not its own
 * @returns `found` with the stated chip
 * @throws FlashError `device/other-chip`
 */
export function withStatedChip(found: Identification, chip: Chip, seen: IdentifyInput): Identification {
  const because = found.kind === 'st-rom' ? contradictionOf(found, chip, seen) : undefined;
  if (because !== undefined) throw otherChip(chip, found.chips, because);
  return {
    ...found,
    chips: [chip],
    certain: true,
    because: `${found.because}; the chip was stated as ${chipName(chip)}`,
  };
}

/**
 * For a bootloader that is not listed for the stated chip: checks that it is not listed for another chip.
 * @param examination made for all chips that fit, not only the stated one: it may name a chip by the bootloader's identifier
 * (AN2606) or by DEV_ID
 * @throws FlashError `device/other-chip`
 */
export function checkAgainst({ chips, certain, bootloader, findings }: Examination, stated: Chip): void {
  if (chips.includes(stated) || !(certain || bootloader !== undefined)) return;
  throw otherChip(stated, chips, findings.join('; '));
}

function contradictionOf(found: Identification, chip: Chip, seen: IdentifyInput): string | undefined {
  const devId = devIdNamed(seen.identity);
  if (devId !== undefined) return devId === chip.devId ? undefined : found.because;
  if (found.certain) return found.chips.includes(chip) ? undefined : found.because;
  const name = chipName(chip);
  if (chip.devId === NAMES_ITS_DEV_ID) {
    return `the ROM of ${name} names its DEV_ID in its product string, and this one is "${seen.identity.product ?? ''}"`;
  }
  // A field that the table itself doubts contradicts nothing.
  const isSure = (field: keyof Chip): boolean => !chip.doubts.some((doubt) => doubt.field === field);
  if (isSure('optionBytes') && !hasOptionBytesAt(chip, seen.optionBytes)) {
    const [there, own] = [seen.optionBytes, chip.optionBytes].map((all) => all.map((at) => hex(at)).join(', '));
    return `it announces option bytes at ${there}, and those of ${name} are at ${own}`;
  }
  return mapFitsChip(seen.announced, chip) || !isSure('variants')
    ? undefined
    : `its map announces ${mapText(seen.announced)}, which no ${name} has`;
}

function otherChip(stated: Chip, chips: readonly Chip[], because: string): FlashError<'device/other-chip'> {
  return new FlashError('device/other-chip', {
    stated: namesOf([stated]),
    fits: chips.map((c) => namesOf([c])),
    because,
  });
}

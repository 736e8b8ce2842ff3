/** The chip as the user states it, held against what the device says: a statement fills a gap, it overrules nobody. */
import { type Chip, mapFitsChip } from '@sureflash/chips';
import { FlashError } from '../errors.ts';
import { hex } from '../target/geometry.ts';
import type { Examination } from './examine.ts';
import { devIdNamed, hasOptionBytesAt, type Identification, NAMES_ITS_DEV_ID, namesOf, type Seen } from './identify.ts';
import { mapText } from './variant.ts';

/**
 * With the chip that was stated. Only a ROM bootloader can contradict: the descriptors of an application are its
 * author's, as the map that STM32CubeMX puts into every project is (F42x, whatever the chip).
 * @param found what descriptors and quirk rows tell; a chip that a row names may have a map that is not its own
 * @throws FlashError `device/other-chip`
 */
export function withStatedChip(found: Identification, chip: Chip, seen: Seen): Identification {
  const because = found.loader === 'st-rom' ? contradictionOf(found, chip, seen) : undefined;
  if (because !== undefined) throw otherChip(chip, found.chips, because);
  return {
    ...found,
    chips: [chip],
    certain: true,
    because: `${found.because}; the chip was stated as ${chip.names[0] ?? chip.id}`,
  };
}

/**
 * For a bootloader that is none of those listed for the stated chip: it must not be one of another chip's.
 * @param examination of all chips that fit, whatever was stated: the identifier of the bootloader (AN2606) or the DEV_ID
 * may name one
 * @throws FlashError `device/other-chip`
 */
export function checkAgainst({ chips, certain, bootloader, findings }: Examination, stated: Chip): void {
  if (chips.includes(stated) || !(certain || bootloader !== undefined)) return;
  throw otherChip(stated, chips, findings.join('; '));
}

function contradictionOf(found: Identification, chip: Chip, seen: Seen): string | undefined {
  const devId = devIdNamed(seen.identity);
  if (devId !== undefined) return devId === chip.devId ? undefined : found.because;
  if (found.certain) return found.chips.includes(chip) ? undefined : found.because;
  const name = chip.names[0] ?? chip.id;
  if (chip.devId === NAMES_ITS_DEV_ID) {
    return `the ROM of ${name} names its DEV_ID in its product string, and this one is "${seen.identity.product ?? ''}"`;
  }
  // What the table itself doubts contradicts nobody.
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

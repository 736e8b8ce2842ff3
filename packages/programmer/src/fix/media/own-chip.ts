/** The C that looks whether it runs on the chip that it was written for: flash size and the option that divides the flash. */
import type { Chip, FlashVariant } from '@sureflash/chips';
import { placeOfOptionBit } from '@sureflash/chips';
import { lines, u32 } from '../c-text.ts';

/** A smaller part of the row, or other option bytes, must not make it erase in the wrong place. */
export function ownChipC(chip: Chip, variant: FlashVariant): string {
  const { flashSizeAddress } = chip;
  const { option } = variant;
  const place = option && placeOfOptionBit(chip, option.name);
  const [options] = chip.optionBytes;
  return `/* 1 if this is the chip that the table above was made for. */
static int is_own_chip(void) {
${lines([
  flashSizeAddress === undefined
    ? undefined
    : `/* Flash size in KB, as the maker wrote it; with two banks the second begins elsewhere in every size. */
if (*(const volatile uint16_t *)${u32(flashSizeAddress)} ${variant.banks.length > 1 ? '!=' : '<'} ${variant.bytes / 1024}u) return 0;`,
  option && place && options !== undefined
    ? `/* ${option.name} must be ${option.value}: it decides about the sectors. */
if (((*(const volatile uint8_t *)${u32(options + place.byte)} >> ${place.bit}) & 1u) != ${option.value}u) return 0;`
    : undefined,
  'return 1;',
])}
}`;
}

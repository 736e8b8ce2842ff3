/** Which divisions of its flash a chip can have, by what was read from it. Pure. */
import type { Chip, FlashVariant } from '@sureflash/chips';

/** Facts that were read from the chip. */
export interface FlashFacts {
  readonly flashBytes?: number;
  /** By the names of the reference manual: `nDBANK`. */
  readonly optionBits?: Readonly<Record<string, 0 | 1>>;
}

/** @returns the flash variants that are still possible after these reads */
export function possibleVariants({ variants }: Chip, { flashBytes, optionBits = {} }: FlashFacts): FlashVariant[] {
  return variants.filter(({ bytes, option }) => {
    if (flashBytes !== undefined && bytes !== flashBytes) return false;
    const found = option && optionBits[option.name];
    return found === undefined || found === option?.value;
  });
}

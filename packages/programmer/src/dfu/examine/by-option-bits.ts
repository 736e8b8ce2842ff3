/** Option bits that decide how the flash is divided. */
import { placeOfOptionBit } from '@sureflash/chips';
import { variantsLeft } from '../variant.ts';
import type { Examined, Knowledge } from './knowledge.ts';

/** Dual or single bank, where the size alone does not tell how the flash is divided. */
export async function byOptionBits({ peekOptions }: Examined, known: Knowledge): Promise<void> {
  const [chip, other] = known.chips;
  if (!chip || other || !peekOptions) return;
  const left = variantsLeft(chip, known);
  const names = new Set(left.flatMap(({ option }) => (option ? [option.name] : [])));
  if (left.length < 2 || names.size === 0) return;
  const { bytes, refused } = await peekOptions();
  for (const name of names) {
    const place = placeOfOptionBit(chip, name);
    const byte = place && bytes?.[place.byte];
    if (byte === undefined || !place) {
      known.unknown.push(`${name}: the option bytes do not tell it (${refused ?? 'its place is not known'})`);
      continue;
    }
    const value = (byte >> place.bit) & 1 ? 1 : 0;
    known.optionBits[name] = value;
    known.findings.push(`${name} is ${value}`);
  }
}

/** Reads the option bits that decide how the flash is divided into sectors. */
import { placeOfOptionBit } from '@sureflash/chips';
import { possibleVariants } from '../../target/variants.ts';
import type { ExamineInput, Knowledge } from './knowledge.ts';

/** Tells dual from single bank, where the flash size alone does not decide the sectors. */
export async function byOptionBits({ readOptions }: ExamineInput, known: Knowledge): Promise<void> {
  const [chip, other] = known.chips;
  if (!chip || other || !readOptions) return;
  const left = possibleVariants(chip, known);
  const names = new Set(left.flatMap(({ option }) => (option ? [option.name] : [])));
  if (left.length < 2 || names.size === 0) return;
  const { bytes, refused } = await readOptions();
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

/** Which chips fit what is known: a part name, a DEV_ID, a map of sectors. */
import type { Chip, FlashVariant, Range } from './chip.ts';
import { F1 } from './data/f1.ts';
import { F4 } from './data/f4.ts';
import { H7 } from './data/h7.ts';
import { L4 } from './data/l4.ts';

export const CHIPS: readonly Chip[] = [...F1, ...F4, ...L4, ...H7];

/** Accepts `STM32F105`, `stm32f105rbt6`, `F105`: the chip whose name the text begins with. */
export function findChipByName(text: string): Chip | undefined {
  const name = text
    .trim()
    .toUpperCase()
    .replace(/^(STM)?(32)?(?=[A-Z])/, 'STM32');
  return CHIPS.find((chip) => chip.names.some((known) => name.startsWith(known)));
}

export function findChipsByDevId(devId: number): Chip[] {
  return CHIPS.filter((chip) => chip.devId === devId);
}

export interface ChipVariant {
  readonly chip: Chip;
  readonly variant: FlashVariant;
}

/** The chips that come with exactly these sectors, whatever their banks. */
export function findChipsBySectors(sectors: readonly Range[]): ChipVariant[] {
  return CHIPS.flatMap((chip) =>
    chip.variants.filter((variant) => sameSectors(sectorsOf(variant), sectors)).map((variant) => ({ chip, variant })),
  );
}

/** Every sector of a variant in ascending order. */
export function sectorsOf(variant: FlashVariant): Range[] {
  return variant.banks.flatMap((bank) => {
    let start = bank.start;
    return bank.runs.flatMap(({ count, size }) =>
      Array.from({ length: count }, () => {
        const sector = { start, end: start + size };
        start += size;
        return sector;
      }),
    );
  });
}

function sameSectors(a: readonly Range[], b: readonly Range[]): boolean {
  return a.length === b.length && a.every((s, i) => s.start === b[i]?.start && s.end === b[i]?.end);
}

/**
 * The ends of a chip's sectors tell whether a map can be its own: a map "fits" when every sector boundary that it
 * announces inside the chip's flash is one of the chip's.
 */
export function mapFitsChip(sectors: readonly Range[], chip: Chip): boolean {
  return chip.variants.some((variant) => {
    const own = sectorsOf(variant);
    return sectors.length <= own.length && sectors.every((s, i) => s.start === own[i]?.start && s.end === own[i]?.end);
  });
}

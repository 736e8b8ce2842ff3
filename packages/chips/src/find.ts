/** Which chips fit what is known: a part name, a DEV_ID, a map of sectors. */
import type { Chip, FlashVariant, OtherChip, Range } from './chip.ts';
import { CHIPS, OTHER_CHIPS } from './chips.ts';

/** The part number that a row goes by. */
export const chipName = ({ names, id }: Chip): string => names[0] ?? id;

/** All part numbers of a row, as people write them: `STM32F405/407/415/417`. Names that begin alike are written once. */
export function joinedNames({ names }: Pick<Chip, 'names'>): string {
  const [first, ...others] = names;
  if (first === undefined) return 'STM32';
  const stem = first.slice(0, 6);
  const short = others.map((name) => (name.startsWith(stem) ? name.slice(6) : name));
  return [first, ...short].join('/');
}

/**
 * Accepts a part number, whole or begun, with or without `STM32`: `STM32F105RBT6`, `f105`, `L4R5ZI`, `STM32F070xB`. Of
 * several rows the one with the longest name that fits: `STM32F070RBT6` is `STM32F070xB`.
 * @returns `undefined` also for what may be several rows, such as `F103`: see `findChipsByName`
 */
export function findChipByName(text: string): Chip | undefined {
  return best(CHIPS, normalised(text))?.chip;
}

/** Every row that the text may mean: the one of a part number, or all that begin with the text (`F103`, `STM32L4`). */
export function findChipsByName(text: string): Chip[] {
  const name = normalised(text);
  const found = best(CHIPS, name);
  if (found) return [found.chip];
  if (!/^STM32[A-Z]/.test(name)) return [];
  return CHIPS.filter((chip) => chip.names.some((known) => known.toUpperCase().startsWith(name)));
}

/** The chip that this names, where we know it and cannot program it. */
export function findOtherChipByName(text: string): OtherChip | undefined {
  return best(OTHER_CHIPS, normalised(text))?.chip;
}

export function findChipsByDevId(devId: number): Chip[] {
  return CHIPS.filter((chip) => chip.devId === devId);
}

/** KB of flash by the letter of a part number that stands for it (ordering information of the datasheets). */
// biome-ignore format: a table
const FLASH_KB: Readonly<Record<string, number>> = {
  3: 8, 4: 16, 6: 32, 8: 64, B: 128, Z: 192, C: 256, D: 384, E: 512, Y: 640, F: 768, G: 1024, H: 1536, I: 2048, J: 4096,
};
/** On STM32WB10 and WB15 a `C` is 320 KB. */
const FLASH_KB_BY_CHIP: Readonly<Record<string, Readonly<Record<string, number>>>> = { stm32wb15: { C: 320 } };

/**
 * The ways in which the flash of this very part comes, by the letter behind the package's: `STM32G474RE` has 512 KB, in
 * one bank or in two. Empty where the text has no such letter, or the table no such size.
 */
export function flashVariantsByCode(partNumber: string): FlashVariant[] {
  const name = normalised(partNumber);
  const found = best(CHIPS, name);
  if (!found) return [];
  const { chip, known } = found;
  const wildcard = known.indexOf('x');
  const code = name[(wildcard < 0 ? known.length : wildcard) + 1] ?? '';
  const kb = FLASH_KB_BY_CHIP[chip.id]?.[code] ?? FLASH_KB[code];
  return chip.variants.filter(({ bytes }) => kb !== undefined && bytes === kb * 1024);
}

function normalised(text: string): string {
  return text
    .trim()
    .toUpperCase()
    .replace(/^(STM)?(32)?(?=[A-Z])/, 'STM32');
}

interface FoundBy<T> {
  readonly chip: T;
  /** The name of the chip that fits. */
  readonly known: string;
}

function best<T extends { readonly names: readonly string[] }>(
  chips: readonly T[],
  name: string,
): FoundBy<T> | undefined {
  const all = chips.flatMap((chip) => chip.names.map((known) => ({ chip, known })));
  return all
    .filter(({ known }) => nameFits(known, name))
    .reduce<FoundBy<T> | undefined>((a, b) => (a && a.known.length >= b.known.length ? a : b), undefined);
}

/** A suffix stands behind package and temperature (`STM32L151C8T6A`), or is written as ST writes it (`STM32L151C8-A`). */
function nameFits(known: string, name: string): boolean {
  const [stem = known, suffix] = known.split('-');
  const begins = stem.split('').every((char, i) => (char === 'x' ? name[i] !== undefined : char === name[i]));
  if (!begins || suffix === undefined) return begins;
  const rest = name.slice(stem.length);
  return rest.startsWith(`-${suffix}`) || rest[2] === suffix;
}

export interface ChipVariant {
  readonly chip: Chip;
  readonly variant: FlashVariant;
}

/** The chips that come with exactly these sectors, whatever their banks. */
export function findChipsBySectors(sectors: readonly Range[]): ChipVariant[] {
  return CHIPS.flatMap((chip) =>
    chip.variants.filter((variant) => variantHasSectors(variant, sectors)).map((variant) => ({ chip, variant })),
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

/**
 * The sectors of a flash bank by bank, as the variant has them that is cut so.
 * @returns all of them as one bank where no variant is
 */
export function sectorsByBank(chips: readonly Chip[], sectors: readonly Range[]): readonly (readonly Range[])[] {
  const variant = chips.flatMap(({ variants }) => variants).find((each) => variantHasSectors(each, sectors));
  return variant ? variant.banks.map((bank) => sectorsOf({ ...variant, banks: [bank] })) : [sectors];
}

/** Sectors are only written out where their number is right: the table has hundreds of variants. */
function variantHasSectors(variant: FlashVariant, sectors: readonly Range[]): boolean {
  const count = variant.banks.flatMap(({ runs }) => runs).reduce((sum, run) => sum + run.count, 0);
  return count === sectors.length && beginsWith(sectorsOf(variant), sectors);
}

function beginsWith(own: readonly Range[], sectors: readonly Range[]): boolean {
  return sectors.every((s, i) => s.start === own[i]?.start && s.end === own[i]?.end);
}

/**
 * Whether a map can be this chip's own: its sectors are the first of one of the chip's variants, or all of them. A chip
 * whose flash sizes are not known contradicts no map.
 */
export function mapFitsChip(sectors: readonly Range[], chip: Chip): boolean {
  if (chip.variants.length === 0) return true;
  return chip.variants.some((variant) => beginsWith(sectorsOf(variant), sectors));
}

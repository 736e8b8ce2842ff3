/** The sectors of a certain chip's flash: by its size, its option bits and the announced map. It reads no device. */
import { type Chip, chipName, type FlashVariant, mapFitsChip, sectorsOf } from '@sureflash/chips';
import type { Range } from '../../target/geometry.ts';
import { type FlashFacts, possibleVariants } from '../../target/variants.ts';

/** Sectors that are used in place of the announced ones. */
export interface CorrectedMap {
  readonly sectors: readonly Range[];
  /** The difference to the announced map, or the reason for doubt, in one sentence; absent if both agree. */
  readonly difference?: string;
}

/**
 * The true sectors of a chip that is certain. If several variants are possible, the announced map decides among them; if it
 * is the map of none of them, it is kept up to the end of the flash.
 * @returns `undefined` if the announced map may be right
 */
export function correctedMap(chip: Chip, announced: readonly Range[], facts: FlashFacts): CorrectedMap | undefined {
  const left = possibleVariants(chip, facts);
  const wasRead = facts.flashBytes !== undefined || Object.keys(facts.optionBits ?? {}).length > 0;
  const [only] = left;
  if (wasRead && only && left.length === 1) return mapOfVariant(chip, announced, only);
  const possible = left.length > 0 ? left : chip.variants;
  if (possible.some((variant) => sameSectors(sectorsOf(variant), announced))) return undefined;
  if (mapFitsChip(announced, chip) && !wasRead) return undefined;
  const bySize = [...possible].sort((a, b) => b.bytes - a.bytes);
  const agreeing = bySize.find((variant) => agree(sectorsOf(variant), announced));
  const variant = agreeing ?? sameCount(bySize, announced) ?? bySize[0];
  if (!variant) return undefined;
  const rivals = bySize.filter((each) => !agree(sectorsOf(each), sectorsOf(variant)));
  if (rivals.length === 0) return mapOfVariant(chip, announced, variant);
  if (agreeing)
    return mapOfVariant(chip, announced, variant, `; that it is not ${variantNames(rivals)}, its map alone says`);
  return announcedMap(chip, announced, { possible, ...facts });
}

/** @returns the variant with as many sectors as the announced map */
function sameCount(variants: readonly FlashVariant[], announced: readonly Range[]): FlashVariant | undefined {
  return variants.find((variant) => sectorsOf(variant).length === announced.length);
}

function mapOfVariant(chip: Chip, announced: readonly Range[], variant: FlashVariant, remark = ''): CorrectedMap {
  const sectors = sectorsOf(variant);
  if (sameSectors(sectors, announced)) return { sectors };
  const text = `${chipName(chip)} has ${mapText(sectors)} (${variant.name}), and that is what is used`;
  return { sectors, difference: `its map announces ${mapText(announced)}; the flash of this ${text}${remark}` };
}

function announcedMap(
  chip: Chip,
  announced: readonly Range[],
  { possible, flashBytes = Number.POSITIVE_INFINITY }: FlashFacts & { possible: readonly FlashVariant[] },
): CorrectedMap {
  let bytes = 0;
  const sectors = announced.filter(({ start, end }) => {
    bytes += end - start;
    return bytes <= flashBytes;
  });
  const which = `which of ${variantNames(possible)} this ${chipName(chip)} is could not be read`;
  return {
    sectors,
    difference: `its map announces ${mapText(announced)}; ${which}: of the map ${mapText(sectors)} are used`,
  };
}

/** Whether a sector is smaller than the announced one in its place: if the map is right, erasing it would take more. */
export function isFiner(sectors: readonly Range[], announced: readonly Range[]): boolean {
  return announced.some((a) => sectors.some((s) => overlap(a, s) && s.end - s.start < a.end - a.start));
}

/** Whether both divide the memory that they share alike; one may be longer than the other. */
function agree(a: readonly Range[], b: readonly Range[]): boolean {
  const ends = new Map(b.map(({ start, end }) => [start, end]));
  return a.some(({ start }) => ends.has(start)) && a.every((s) => ends.get(s.start) === s.end || !meets(s, b));
}

function meets(range: Range, others: readonly Range[]): boolean {
  return others.some((other) => overlap(range, other));
}

const overlap = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;

function sameSectors(a: readonly Range[], b: readonly Range[]): boolean {
  return a.length === b.length && a.every(({ start, end }, i) => start === b[i]?.start && end === b[i]?.end);
}

const variantNames = (variants: readonly FlashVariant[]): string => variants.map(({ name }) => name).join(' or ');

/** @returns `4 × 16 KB, 1 × 64 KB`: the number of sectors of each size, in no order of addresses */
export function mapText(sectors: readonly Range[]): string {
  const counts = new Map<number, number>();
  for (const { start, end } of sectors) counts.set(end - start, (counts.get(end - start) ?? 0) + 1);
  return [...counts]
    .map(([bytes, n]) => `${n} × ${bytes % 1024 === 0 ? `${bytes / 1024} KB` : `${bytes} bytes`}`)
    .join(', ');
}

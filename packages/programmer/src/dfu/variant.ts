/** How the flash of a certain chip is divided: by size, by option bits, by the announced map. It asks nobody. */
import { type Chip, type FlashVariant, mapFitsChip, sectorsOf } from '@sureflash/chips';
import type { Range } from '../target/geometry.ts';

/** What was read of the chip. */
export interface FlashFacts {
  readonly flashBytes?: number;
  /** By the names of the reference manual: `nDBANK`. */
  readonly optionBits?: Readonly<Record<string, 0 | 1>>;
}

/** Sectors that are used in place of the announced ones. */
export interface Division {
  readonly sectors: readonly Range[];
  /** What is otherwise than announced, or could not be told, one sentence; absent where both agree. */
  readonly difference?: string;
}

const KB = 1024;

/** The variants that what was read leaves over. */
export function variantsLeft({ variants }: Chip, { flashBytes, optionBits = {} }: FlashFacts): FlashVariant[] {
  return variants.filter(({ bytes, option }) => {
    if (flashBytes !== undefined && bytes !== flashBytes) return false;
    const found = option && optionBits[option.name];
    return found === undefined || found === option?.value;
  });
}

/**
 * The true division of a chip that is certain; `undefined` where the announced map may be it. Where what was read leaves
 * several over, the announced map decides among them, and where it is none of theirs, it stays, as far as the flash goes.
 */
export function trueDivision(chip: Chip, announced: readonly Range[], facts: FlashFacts): Division | undefined {
  const left = variantsLeft(chip, facts);
  const wasRead = facts.flashBytes !== undefined || Object.keys(facts.optionBits ?? {}).length > 0;
  const [only] = left;
  if (wasRead && only && left.length === 1) return divided(chip, announced, only);
  const possible = left.length > 0 ? left : chip.variants;
  if (possible.some((variant) => sameSectors(sectorsOf(variant), announced))) return undefined;
  if (mapFitsChip(announced, chip) && !wasRead) return undefined;
  const bySize = [...possible].sort((a, b) => b.bytes - a.bytes);
  const agreeing = bySize.find((variant) => agree(sectorsOf(variant), announced));
  const variant = agreeing ?? sameCount(bySize, announced) ?? bySize[0];
  if (!variant) return undefined;
  const rivals = bySize.filter((each) => !agree(sectorsOf(each), sectorsOf(variant)));
  if (rivals.length === 0) return divided(chip, announced, variant);
  if (agreeing) return divided(chip, announced, variant, `; that it is not ${namesOf(rivals)}, its map alone says`);
  return undecided(chip, announced, { possible, ...facts });
}

/** Of the variants that are alike but for their length, the one with as many sectors as the map. */
function sameCount(variants: readonly FlashVariant[], announced: readonly Range[]): FlashVariant | undefined {
  return variants.find((variant) => sectorsOf(variant).length === announced.length);
}

function divided(chip: Chip, announced: readonly Range[], variant: FlashVariant, remark = ''): Division {
  const sectors = sectorsOf(variant);
  if (sameSectors(sectors, announced)) return { sectors };
  const text = `${nameOf(chip)} has ${mapText(sectors)} (${variant.name}), and that is what is used`;
  return { sectors, difference: `its map announces ${mapText(announced)}; the flash of this ${text}${remark}` };
}

function undecided(
  chip: Chip,
  announced: readonly Range[],
  { possible, flashBytes = Number.POSITIVE_INFINITY }: FlashFacts & { possible: readonly FlashVariant[] },
): Division {
  let bytes = 0;
  const sectors = announced.filter(({ start, end }) => {
    bytes += end - start;
    return bytes <= flashBytes;
  });
  const which = `which of ${namesOf(possible)} this ${nameOf(chip)} is, was not to be read`;
  return {
    sectors,
    difference: `its map announces ${mapText(announced)}; ${which}: of the map ${mapText(sectors)} are used`,
  };
}

/** Whether any of these sectors is smaller than an announced one in its place: then an erase would take more than it. */
export function isFiner(sectors: readonly Range[], announced: readonly Range[]): boolean {
  return announced.some((a) => sectors.some((s) => overlap(a, s) && s.end - s.start < a.end - a.start));
}

/** Whether no sector of one crosses another one of the other: they may differ in how far they go. */
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

const nameOf = (chip: Chip): string => chip.names[0] ?? chip.id;

const namesOf = (variants: readonly FlashVariant[]): string => variants.map(({ name }) => name).join(' or ');

/** `4 × 16 KB, 1 × 64 KB`: by size, however they are mixed. */
export function mapText(sectors: readonly Range[]): string {
  const counts = new Map<number, number>();
  for (const { start, end } of sectors) counts.set(end - start, (counts.get(end - start) ?? 0) + 1);
  return [...counts]
    .map(([bytes, n]) => `${n} × ${bytes % KB === 0 ? `${bytes / KB} KB` : `${bytes} bytes`}`)
    .join(', ');
}

/** Which of the ways that a chip's flash comes in is this one: by size, by option bits, by the map. It asks nobody. */
import { type Chip, type FlashVariant, mapFitsChip, sectorsOf } from '@sureflash/chips';
import type { Range } from '../target/geometry.ts';

/** What was read of the chip. */
export interface FlashFacts {
  readonly flashBytes?: number;
  /** By the names of the reference manual: `nDBANK`. */
  readonly optionBits?: Readonly<Record<string, 0 | 1>>;
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
 * The true division of a chip that is certain; `undefined` where the announced map may be it.
 * Where nothing that was read decides, a map that this chip cannot have gives way to its variant with as many sectors,
 * else to its largest.
 */
export function trueVariant(chip: Chip, announced: readonly Range[], facts: FlashFacts): FlashVariant | undefined {
  const left = variantsLeft(chip, facts);
  const decided = facts.flashBytes !== undefined || Object.keys(facts.optionBits ?? {}).length > 0;
  if (decided && left.length === 1) return left[0];
  const possible = left.length > 0 ? left : chip.variants;
  if (possible.some((variant) => sameSectors(sectorsOf(variant), announced))) return undefined;
  if (mapFitsChip(announced, chip) && !decided) return undefined;
  const bySize = [...possible].sort((a, b) => b.bytes - a.bytes);
  return bySize.find((variant) => sectorsOf(variant).length === announced.length) ?? bySize[0];
}

/** What the table says otherwise than the device does, one sentence; `undefined` where they agree. */
export function differenceOf(chip: Chip, announced: readonly Range[], variant: FlashVariant): string | undefined {
  const own = sectorsOf(variant);
  if (sameSectors(own, announced)) return undefined;
  return `its map announces ${mapText(announced)}; the flash of this ${chip.names[0] ?? chip.id} has ${mapText(own)} (${variant.name}), and that is what is used`;
}

function sameSectors(a: readonly Range[], b: readonly Range[]): boolean {
  return a.length === b.length && a.every(({ start, end }, i) => start === b[i]?.start && end === b[i]?.end);
}

/** `4 × 16 KB, 1 × 64 KB`: by size, however they are mixed. */
function mapText(sectors: readonly Range[]): string {
  const counts = new Map<number, number>();
  for (const { start, end } of sectors) counts.set(end - start, (counts.get(end - start) ?? 0) + 1);
  return [...counts]
    .map(([bytes, n]) => `${n} × ${bytes % KB === 0 ? `${bytes / KB} KB` : `${bytes} bytes`}`)
    .join(', ');
}

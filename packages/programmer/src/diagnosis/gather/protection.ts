/** Evidence from option bytes, where a loader shows them as memory. */
import {
  type Chip,
  decodeOptionBytes,
  isOpen,
  optionLayoutOf,
  type Range,
  readProtectionName,
  sectorsOf,
  writeProtectedSectors,
} from '@sureflash/chips';
import { isFlashError } from '../../errors.ts';
import type { Region } from '../../target/geometry.ts';
import { type Observation, seen } from '../observation.ts';
import type { ReadRange } from './reads.ts';

/** Nothing where the chip is not known, its option bytes are not in the table, or the loader does not show them. */
export async function observeProtection(
  read: ReadRange,
  regions: readonly Region[],
  chip: Chip | undefined,
): Promise<Observation[]> {
  const layout = chip && optionLayoutOf(chip);
  if (!chip || !layout) return [];
  const blocks: (Uint8Array | undefined)[] = [];
  for (const start of layout.blocks) blocks.push(await readBlock(read, regions, start));
  const fields = decodeOptionBytes(layout, blocks);
  const open = isOpen(layout, fields);
  const byte = fields.find(({ field }) => field.name === layout.readProtection.field)?.value;
  if (open === undefined || byte === undefined) return [];
  const level = open ? 0 : readProtectionName(layout, fields) === 'level 2' ? 2 : 1;
  const sectors = writeProtectedSectors(layout, fields, banksOf(chip, regions));
  return [seen('option-rdp', { byte, level }), ...(sectors.length > 0 ? [seen('option-wrp', { sectors })] : [])];
}

async function readBlock(read: ReadRange, regions: readonly Region[], start: number): Promise<Uint8Array | undefined> {
  const region = regions.find((each) => each.kind === 'option-bytes' && each.start === start);
  if (!region) return undefined;
  try {
    return await read({ start, end: region.end });
  } catch (error) {
    if (isFlashError(error)) return undefined;
    throw error;
  }
}

/** The sectors of the flash bank by bank, as the variant of the chip has them that this is. */
function banksOf({ variants }: Chip, regions: readonly Region[]): readonly (readonly Range[])[] {
  const announced = regions.find(({ kind }) => kind === 'flash')?.sectors ?? [];
  const variant = variants.find((each) => {
    const own = sectorsOf(each);
    return own.length === announced.length && own.every(({ start }, i) => start === announced[i]?.start);
  });
  return variant ? variant.banks.map((bank) => sectorsOf({ ...variant, banks: [bank] })) : [announced];
}

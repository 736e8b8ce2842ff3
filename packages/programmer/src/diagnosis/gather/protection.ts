/** Evidence from option bytes, where a loader shows them as memory. */
import {
  type Chip,
  decodeOptionBytes,
  isOpen,
  optionLayoutOf,
  readProtectionName,
  sectorsByBank,
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
  const flash = regions.find(({ kind }) => kind === 'flash');
  const level = open ? 0 : readProtectionName(layout, fields) === 'level 2' ? 2 : 1;
  const sectors = writeProtectedSectors(layout, fields, sectorsByBank([chip], flash?.sectors ?? []));
  const rdp = seen('option-rdp', { byte, level });
  if (sectors.length > 0) return [rdp, seen('option-wrp', { sectors })];
  // A field that is not shown, or is not valid, may protect all the same.
  const isWhole = fields.length === layout.fields.length && fields.every(({ state }) => state !== 'mismatch');
  return [rdp, ...(layout.writeProtection && isWhole ? [seen('option-wrp-none', {})] : [])];
}

async function readBlock(read: ReadRange, regions: readonly Region[], start: number): Promise<Uint8Array | undefined> {
  const shown = regions.filter(({ kind }) => kind === 'option-bytes').flatMap(({ sectors }) => sectors);
  const block = shown.find((each) => each.start === start);
  if (!block) return undefined;
  try {
    return await read(block);
  } catch (error) {
    if (isFlashError(error)) return undefined;
    throw error;
  }
}

/** Evidence from option bytes, where a loader shows them as memory. */
import {
  type Chip,
  decodeOptionBytes,
  isOpen,
  optionLayoutOf,
  readProtectionName,
  sectorsByBank,
  untoldSectors,
  writeProtectedSectors,
} from '@sureflash/chips';
import { type Observation, seen } from '../diagnosis/observation.ts';
import { isFlashError } from '../errors.ts';
import type { Region } from '../target/geometry.ts';
import type { ReadRange } from './reads.ts';

export interface Protected {
  readonly regions: readonly Region[];
  readonly chip?: Chip | undefined;
  /** The sectors of the flash that matter, by their index; all where absent, and of none nothing is said. */
  readonly concerned?: readonly number[];
}

/** Nothing where the chip is not known, its option bytes are not in the table, or the loader does not show them. */
export async function observeProtection(
  read: ReadRange,
  { regions, chip, concerned }: Protected,
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
  const rdp = seen('option-rdp', { byte, level });
  if (concerned?.length === 0) return [rdp];
  const flash = regions.find(({ kind }) => kind === 'flash');
  const banks = sectorsByBank([chip], flash?.sectors ?? []);
  const matters = (index: number): boolean => concerned?.includes(index) ?? true;
  const sectors = writeProtectedSectors(layout, fields, banks);
  if (sectors.some(matters)) return [rdp, seen('option-wrp', { sectors })];
  return [rdp, ...(untoldSectors(layout, fields, banks).some(matters) ? [] : [seen('option-wrp-none', {})])];
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

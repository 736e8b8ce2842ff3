/** Evidence from option bytes, where a loader shows them as memory. */
import {
  type Chip,
  closedSectors,
  decodeOptionBytes,
  isOpen,
  optionLayoutOf,
  readProtectionName,
  sectorsByBank,
  untoldSectors,
} from '@sureflash/chips';
import { factsOf, type Observation, seen } from '../diagnosis/observation.ts';
import { isFlashError } from '../errors.ts';
import type { Region, Sector } from '../target/geometry.ts';
import type { ReadRange } from './same-bytes.ts';

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
  const banks = sectorsByBank([chip], flash?.partOf?.sectors ?? flash?.sectors ?? []);
  // Which world has a sector, the regions themselves tell where there are two.
  const closes = ({ by }: { readonly by: string }): boolean => !flash?.partOf || !by.startsWith('SECWM');
  const matters = (index: number): boolean => concerned?.includes(index) ?? true;
  const closed = closedSectors(layout, fields, banks).filter((each) => matters(each.index) && closes(each));
  const protectedOnes = closed.filter(({ by }) => by === 'WRP').map(({ index }) => index);
  const others = closed.filter(({ by }) => by !== 'WRP');
  const told = [
    ...(protectedOnes.length > 0 ? [seen('option-wrp', { sectors: protectedOnes })] : []),
    ...(others[0] ? [seen('option-closed', { sectors: others.map(({ index }) => index), by: others[0].by })] : []),
  ];
  if (told.length > 0) return [rdp, ...told];
  return [
    rdp,
    ...(!flash?.partOf && untoldSectors(layout, fields, banks).some(matters) ? [] : [seen('option-wrp-none', {})]),
  ];
}

/** A sector of flash that is to be changed and that an option keeps from it. */
export interface Forbidden {
  readonly sector: Sector;
  /** `WRP`, or the name of the area: `PCROP1A`, `SFSA`. */
  readonly by: string;
}

/** @returns those of these sectors that the evidence says are closed, in their order */
export function forbiddenSectors(
  evidence: readonly Observation[],
  regions: readonly Region[],
  sectors: readonly Sector[],
): Forbidden[] {
  const flash = regions.filter(({ kind }) => kind === 'flash');
  const protectedOnes = factsOf(evidence, 'option-wrp')?.sectors ?? [];
  const closed = factsOf(evidence, 'option-closed');
  return sectors.flatMap((sector) => {
    const index = indexInFlash(flash, sector);
    if (protectedOnes.includes(index)) return [{ sector, by: 'WRP' }];
    return closed?.sectors.includes(index) ? [{ sector, by: closed.by }] : [];
  });
}

/** @returns the number of a sector in the whole flash; -1 where it is in none, or not in the first of several memories */
function indexInFlash([first, ...others]: readonly Region[], { start }: Sector): number {
  const parts = first?.partOf ? [first, ...others] : first ? [first] : [];
  for (const { sectors, partOf } of parts) {
    const index = sectors.findIndex((each) => each.start === start);
    if (index >= 0) return index + (partOf?.first ?? 0);
  }
  return -1;
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

/** Evidence about who answers, and about the map that it announces. Nothing in the device changes. */
import { type Chip, chipName, mapFitsChip, sectorsOf } from '@sureflash/chips';
import { type Observation, seen } from '../diagnosis/observation.ts';
import { isFlashError } from '../errors.ts';
import type { About } from '../target/about.ts';
import type { Region } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';

/** The parts of a target that tell of its loader. */
export type Loader = Pick<Target, 'about' | 'readCommands' | 'answers' | 'waits'>;

/** Every ROM of DFU protocol V2.x offers it (AN3156 §4.2); ST's class does not. */
const ROM_COMMAND = 'READ UNPROTECT';

/** @returns the observation that every diagnosis begins with */
export function observeKind({ kind, title, isKnown }: About): Observation {
  return seen('loader', { loader: kind, title, ...(isKnown && { known: true }) });
}

/**
 * Only ST's class is known to tell its commands; others may not answer for seconds.
 * @throws what is no `FlashError`; a device that refuses has just not told
 */
export async function observeLoader(loader: Loader): Promise<Observation[]> {
  const { kind } = loader.about;
  const who = observeKind(loader.about);
  if (kind !== 'cubemx-application' || !loader.readCommands) return [who];
  const offered = await loader.readCommands().catch((error: unknown): readonly string[] => {
    if (isFlashError(error)) return [];
    throw error;
  });
  if (offered.length === 0 || offered.includes(ROM_COMMAND)) return [who];
  return [who, seen('commands-missing', { offered, missing: [ROM_COMMAND.toLowerCase()] })];
}

/** Whether the device is there and answers; taken for granted of one that cannot be asked. */
export async function stillAnswers(loader: Loader): Promise<boolean> {
  return (await loader.answers?.()) ?? true;
}

/** @returns `no-wait-asked` for a loader that has asked for no time at all */
export function observeWaits({ waits }: Loader): Observation[] {
  const [erase, write] = [waits?.get('erase'), waits?.get('write')];
  const [erases, writes] = [erase?.times ?? 0, write?.times ?? 0];
  if (erases + writes === 0 || Math.max(erase?.mostMs ?? 0, write?.mostMs ?? 0) > 0) return [];
  return [seen('no-wait-asked', { erases, writes })];
}

/** The map that STM32CubeMX puts into every project, an STM32F42x with 2 MB (usbd_dfu_if.c, FLASH_DESC_STR). */
const CUBEMX_DEFAULT_MAP = { sectors: 24, end: 0x0820_0000, firstSize: 16 * 1024, readOnlyFirst: 3 } as const;

/** @param chip that is there for certain, or that the image is built for */
export function observeMap(region: Region, chip: Chip | undefined): Observation[] {
  const found: Observation[] = [];
  if (chip && !mapFitsChip(region.sectors, chip)) {
    const announced = [...new Set(region.sectors.map((s) => s.end - s.start))];
    const own = [...new Set(chip.variants.flatMap(sectorsOf).map((s) => s.end - s.start))];
    found.push(seen('map-foreign', { chip: chipName(chip), announced, own }));
  }
  if (isCubeMxDefault(region)) found.push(seen('map-default', {}));
  const writable = region.sectors.findIndex((s) => s.writable);
  const end = region.sectors[writable]?.start ?? region.end;
  if (writable > 0) found.push(seen('map-read-only-start', { bytes: end - region.start }));
  return found;
}

function isCubeMxDefault({ sectors, end }: Region): boolean {
  const { sectors: count, end: last, firstSize, readOnlyFirst } = CUBEMX_DEFAULT_MAP;
  const [first] = sectors;
  if (!first || sectors.length !== count || end !== last) return false;
  return first.end - first.start === firstSize && sectors.findIndex((s) => s.writable) === readOnlyFirst;
}

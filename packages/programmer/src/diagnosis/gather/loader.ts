/** Evidence about who answers, and about the map that it announces. Nothing in the device changes. */
import { type Chip, mapFitsChip, sectorsOf } from '@sureflash/chips';
import { isFlashError } from '../../errors.ts';
import type { Region } from '../../target/geometry.ts';
import { type LoaderKind, type Observation, seen } from '../observation.ts';

/** What a protocol can tell about the loader behind a target. */
export interface Loader {
  readonly kind: LoaderKind;
  /** One line for people. */
  readonly title: string;
  /** Bytes of its blocks. */
  readonly blockSize?: number;
  /** Names of the commands that it offers, as AN3156 has them; empty where it does not tell. */
  readonly commands?: () => Promise<readonly string[]>;
  /** How often it has asked the host to wait so far, and the most in ms, by the names of the operations. */
  readonly waits?: () => ReadonlyMap<string, { readonly times: number; readonly mostMs: number }>;
}

/** Every ROM of DFU protocol V2.x offers it (AN3156 §4.2); ST's class does not. */
const ROM_COMMAND = 'READ UNPROTECT';

/** @throws what is no `FlashError`; a device that refuses has just not told */
export async function observeLoader({ kind, title, commands }: Loader): Promise<Observation[]> {
  const who = seen('loader', { loader: kind, title });
  if (kind === 'rom' || kind === 'foreign-rom' || !commands) return [who];
  const offered = await commands().catch((error: unknown): readonly string[] => {
    if (isFlashError(error)) return [];
    throw error;
  });
  if (offered.length === 0 || offered.includes(ROM_COMMAND)) return [who];
  return [who, seen('commands-missing', { offered, missing: [ROM_COMMAND.toLowerCase()] })];
}

/** A loader that tells its commands, or says that it has none to tell, is there and answers. */
export async function stillAnswers({ commands }: Loader): Promise<boolean> {
  try {
    await commands?.();
    return true;
  } catch (error) {
    if (isFlashError(error)) return false;
    throw error;
  }
}

/** What the loader itself reckons with. */
export function observeWaits(asked: ReturnType<NonNullable<Loader['waits']>> | undefined): Observation[] {
  const [erase, write] = [asked?.get('erase'), asked?.get('write')];
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
    found.push(seen('map-foreign', { chip: chip.names[0] ?? chip.id, announced, own }));
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

/** What reads alone say against a device, before anything is written to it. */
import { type Chip, mapFitsChip, sectorsOf } from '@sureflash/chips';
import { hasCode } from '../errors.ts';
import { hex, type Region } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import { readAll } from './read.ts';

export type DoubtKind = 'reads-refused' | 'address-ignored' | 'foreign-map' | 'default-map' | 'read-only-start';

/** `fatal`: with it, no programming through this device can succeed. */
export interface Doubt {
  readonly kind: DoubtKind;
  readonly fatal: boolean;
  /** What was seen, one sentence. */
  readonly seen: string;
}

export interface DoubtOptions {
  /** Chip that is there for certain, or that the image is built for. */
  readonly chip?: Chip;
  readonly signal?: AbortSignal;
}

const PROBE_BYTES = 256;
/** Sectors whose first bytes are held against one another. */
const PROBES = 4;
/** The map that STM32CubeMX puts into every project, an STM32F42x with 2 MB (usbd_dfu_if.c, FLASH_DESC_STR). */
const CUBEMX_DEFAULT_MAP = { sectors: 24, end: 0x0820_0000, firstSize: 16 * 1024, readOnlyFirst: 3 } as const;

/** Reads a few bytes at some places; the device is at rest afterwards. */
export async function findDoubts(target: Target, region: Region, { chip, signal }: DoubtOptions): Promise<Doubt[]> {
  const doubts: Doubt[] = [];
  const same = await probe(target, region, signal);
  if (same === 'refused') {
    doubts.push({
      kind: 'reads-refused',
      fatal: true,
      seen: 'it refuses to read its flash, so that nothing that is written there can be proven',
    });
  } else if (same) {
    doubts.push({
      kind: 'address-ignored',
      fatal: true,
      seen: `reading ${same.map((address) => hex(address)).join(', ')} gives the same ${PROBE_BYTES} bytes each time: the device ignores the address`,
    });
  }
  if (chip && !mapFitsChip(region.sectors, chip)) {
    const sizes = [...new Set(region.sectors.map((s) => (s.end - s.start) / 1024))];
    const own = [...new Set(chip.variants.flatMap(sectorsOf).map((s) => (s.end - s.start) / 1024))];
    doubts.push({
      kind: 'foreign-map',
      fatal: false,
      seen: `its map announces sectors of ${sizes.join(', ')} KB; the flash of an ${chip.names[0] ?? chip.id} has ${own.join(', ')} KB pages`,
    });
  }
  if (isCubeMxDefault(region)) {
    doubts.push({
      kind: 'default-map',
      fatal: false,
      seen: 'its map is the one that STM32CubeMX puts into every project, a 2 MB STM32F42x, left unchanged',
    });
  }
  const readOnly = region.sectors.findIndex((s) => s.writable);
  if (readOnly > 0) {
    const end = region.sectors[readOnly]?.start ?? region.end;
    doubts.push({
      kind: 'read-only-start',
      fatal: false,
      seen: `its map marks the first ${(end - region.start) / 1024} KB as read-only`,
    });
  }
  return doubts;
}

/** A refused read is an answer; that the device is gone is not. */
async function probe(
  target: Target,
  region: Region,
  signal: AbortSignal | undefined,
): Promise<number[] | 'refused' | undefined> {
  try {
    return await readsTheSameEverywhere(target, region, signal);
  } catch (error) {
    if (hasCode(error, 'usb/stall') || hasCode(error, 'dfu/status')) return 'refused';
    throw error;
  }
}

/** @returns the addresses when all of them hold the same bytes, and those bytes are not just a fill */
async function readsTheSameEverywhere(
  target: Target,
  region: Region,
  signal: AbortSignal | undefined,
): Promise<number[] | undefined> {
  const { sectors } = region;
  const step = Math.max(1, Math.floor((sectors.length - 1) / (PROBES - 1)));
  const picked = sectors
    .filter((s, i) => i % step === 0 && s.readable && s.end - s.start >= PROBE_BYTES)
    .slice(0, PROBES);
  if (picked.length < 2) return undefined;
  let common: Uint8Array | undefined;
  for (const { start } of picked) {
    const found = await readBytes(target, start, signal);
    if (common === undefined) common = found;
    else if (!found.every((byte, i) => byte === common?.[i])) return undefined;
  }
  const isFill = common?.every((byte) => byte === common?.[0]) ?? true;
  return isFill ? undefined : picked.map((sector) => sector.start);
}

async function readBytes(target: Target, start: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  return await readAll(target, { start, end: start + PROBE_BYTES }, { ...(signal && { signal }) });
}

function isCubeMxDefault({ sectors, end }: Region): boolean {
  const { sectors: count, end: last, firstSize, readOnlyFirst } = CUBEMX_DEFAULT_MAP;
  const [first] = sectors;
  if (!first || sectors.length !== count || end !== last) return false;
  return first.end - first.start === firstSize && sectors.findIndex((s) => s.writable) === readOnlyFirst;
}

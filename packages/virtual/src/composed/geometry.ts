/** The flash memories that composed loaders stand on, after their reference manuals. It knows nothing of loaders. */

import type { FlashRegion, Sector } from '../flash/datasheet.ts';
import { listSectors } from '../flash/datasheet.ts';

export type ComposedChip = 'F105' | 'F407' | 'L476';
export const COMPOSED_CHIPS: readonly ComposedChip[] = ['F105', 'F407', 'L476'];

export interface Geometry {
  readonly chip: ComposedChip;
  readonly start: number;
  readonly bytes: number;
  readonly sectors: readonly Sector[];
  readonly cells: 'plain' | 'ecc';
  /** What happens to a unit that is not erased: bits are cleared, or nothing happens unless all of it is set to zero. */
  readonly overwrite: 'clears' | 'refuses';
  readonly programBytes: number;
  /** wTransferSize. */
  readonly blockBytes: number;
  /** Bytes outside the flash that read the same for ever: unique device id and flash size register. */
  readonly system: { readonly address: number; readonly bytes: Uint8Array };
}

export const KB = 1024;
const MAIN_FLASH = 0x0800_0000;
const pages = (count: number, bytes: number): number[] => Array.from({ length: count }, () => bytes);

type Row = Pick<Geometry, 'cells' | 'overwrite' | 'programBytes'> & {
  readonly sectorBytes: readonly number[];
  readonly uidAt: number;
  readonly flashSizeAt: number;
};

const ROWS: Readonly<Record<ComposedChip, Row>> = {
  // RM0008 table 5 (connectivity line) and §30, PM0075: half-words, PGERR.
  F105: {
    cells: 'plain',
    overwrite: 'refuses',
    programBytes: 2,
    sectorBytes: pages(128, 2 * KB),
    uidAt: 0x1fff_f7e8,
    flashSizeAt: 0x1fff_f7e0,
  },
  // RM0090 table 5, "Programming" and §39; words, as at 2.7 V and more.
  F407: {
    cells: 'plain',
    overwrite: 'clears',
    programBytes: 4,
    sectorBytes: [...pages(4, 16 * KB), 64 * KB, ...pages(7, 128 * KB)],
    uidAt: 0x1fff_7a10,
    flashSizeAt: 0x1fff_7a22,
  },
  // RM0351 §3.3.1, §3.3.7 and §49: double words with ECC, PROGERR.
  L476: {
    cells: 'ecc',
    overwrite: 'refuses',
    programBytes: 8,
    sectorBytes: pages(512, 2 * KB),
    uidAt: 0x1fff_7590,
    flashSizeAt: 0x1fff_75e0,
  },
};

/** @param blockBytes wTransferSize: 2048 in ST's ROMs, 1024 in ST's class as CubeMX generates it */
export function geometryOf(chip: ComposedChip, blockBytes = 2048): Geometry {
  const { sectorBytes, uidAt, flashSizeAt, ...cells } = ROWS[chip];
  const region: FlashRegion = { start: MAIN_FLASH, sectorBytes };
  const sectors = listSectors([region]);
  const bytes = sectorBytes.reduce((sum, size) => sum + size, 0);
  const system = systemOf(uidAt, flashSizeAt, bytes / KB);
  return { chip, start: MAIN_FLASH, bytes, sectors, blockBytes, system, ...cells };
}

/** Coordinates, wafer and lot number in ASCII (RM0351 §49.1); these are made up. */
const UID = [0x2b, 0x00, 0x41, 0x00, 0x0e, 0x50, 0x4b, 0x57, 0x36, 0x34, 0x37, 0x20] as const;

function systemOf(uidAt: number, flashSizeAt: number, flashKb: number): Geometry['system'] {
  const address = Math.min(uidAt, flashSizeAt);
  const bytes = new Uint8Array(Math.max(uidAt + UID.length, flashSizeAt + 2) - address).fill(0xff);
  bytes.set(UID, uidAt - address);
  bytes.set([flashKb & 0xff, flashKb >> 8], flashSizeAt - address);
  return { address, bytes };
}

export function sectorAt({ sectors }: Geometry, address: number): Sector | undefined {
  return sectors.find(({ start, end }) => address >= start && address < end);
}

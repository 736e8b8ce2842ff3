/** The flash memories that composed loaders stand on, after their reference manuals. It knows nothing of loaders. */

import type { FlashRegion, Sector } from '../flash-cells.ts';
import { listSectors } from '../flash-cells.ts';

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
}

const KB = 1024;
const FLASH_START = 0x0800_0000;
const pages = (count: number, bytes: number): number[] => Array.from({ length: count }, () => bytes);

type Row = Pick<Geometry, 'cells' | 'overwrite' | 'programBytes'> & { readonly sectorBytes: readonly number[] };

const ROWS: Readonly<Record<ComposedChip, Row>> = {
  // RM0008 table 5 (connectivity line), PM0075: half-words, PGERR.
  F105: { cells: 'plain', overwrite: 'refuses', programBytes: 2, sectorBytes: pages(128, 2 * KB) },
  // RM0090 table 5 and "Programming"; words, as at 2.7 V and more.
  F407: {
    cells: 'plain',
    overwrite: 'clears',
    programBytes: 4,
    sectorBytes: [...pages(4, 16 * KB), 64 * KB, ...pages(7, 128 * KB)],
  },
  // RM0351 §3.3.1 and §3.3.7: double words with ECC, PROGERR.
  L476: { cells: 'ecc', overwrite: 'refuses', programBytes: 8, sectorBytes: pages(512, 2 * KB) },
};

/** @param blockBytes wTransferSize: 2048 in ST's ROMs, 1024 in ST's class as CubeMX generates it */
export function geometryOf(chip: ComposedChip, blockBytes = 2048): Geometry {
  const { sectorBytes, ...cells } = ROWS[chip];
  const region: FlashRegion = { start: FLASH_START, sectorBytes };
  const sectors = listSectors([region]);
  return { chip, start: FLASH_START, bytes: sectorBytes.reduce((sum, n) => sum + n, 0), sectors, blockBytes, ...cells };
}

export function sectorAt({ sectors }: Geometry, address: number): Sector | undefined {
  return sectors.find(({ start, end }) => address >= start && address < end);
}

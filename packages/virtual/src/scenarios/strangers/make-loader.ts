/** Boards with a loader that is not ST's in the beginning of their flash. */
import { DfuseLoader } from '../../applications/dfuse-loader.ts';
import type { LoaderManners } from '../../applications/loader-manners.ts';
import type { ChipProfile } from '../../chip/chip-profile.ts';
import { FLASH_START } from '../../flash/datasheet.ts';
import { KB } from '../../table/row.ts';
import { romRowOf } from '../../table/table.ts';
import { STM32F105, STM32F407 } from '../../table/well-known.ts';
import { bootloaderBoard } from '../bootloader-board.ts';

const LOADER_BYTES = 6 * KB;

const { profile: F1_LIKE } = romRowOf('STM32F105');

/** 128 pages of 1 KB (PM0075). */
export const CHIP_F103: ChipProfile = {
  ...F1_LIKE,
  name: 'STM32F103CB',
  cells: {
    ...F1_LIKE.cells,
    regions: [{ start: FLASH_START, sectorBytes: Array.from({ length: 128 }, () => KB) }],
    eraseMs: { [KB]: 20 },
  },
};
export const CHIP_F105 = STM32F105;
export const CHIP_F407 = STM32F407;

export function loaderBoard(manners: LoaderManners, profile: ChipProfile) {
  return bootloaderBoard({
    profile,
    bytes: LOADER_BYTES,
    deviceOf: ({ chip, board }) => new DfuseLoader(manners, chip, board),
  });
}

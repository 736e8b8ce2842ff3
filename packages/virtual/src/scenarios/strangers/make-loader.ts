/** Boards with a loader that is not ST's in the beginning of their flash. */
import { fillerProgram } from '../../applications/class-applications.ts';
import { DfuseLoader } from '../../applications/dfuse-loader.ts';
import type { LoaderManners } from '../../applications/loader-manners.ts';
import { Board } from '../../board.ts';
import { Chip } from '../../chip/chip.ts';
import type { ChipProfile } from '../../chip/chip-profile.ts';
import type { Clock } from '../../clock.ts';
import { FLASH_START } from '../../flash/datasheet.ts';
import { guess } from '../../provenance.ts';
import { KB } from '../../table/row.ts';
import { romRowOf } from '../../table/table.ts';
import { STM32F105, STM32F407 } from '../../table/well-known.ts';
import type { ScenarioOptions } from '../make-board.ts';

const LOADER_CONNECT_MS = guess(120, 'clock start-up and the host’s debounce of 100 ms (USB 2.0 §7.1.7.3)');
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

/** `options.flash` comes on top of the loader itself. */
export function loaderBoard(manners: LoaderManners, profile: ChipProfile) {
  return (clock: Clock, options: ScenarioOptions = {}): Board => {
    const chip = new Chip(profile, { seed: options.seed ?? 1 });
    const endOfRam = profile.ram.reduce((end, ram) => Math.max(end, ram.start + ram.bytes), 0);
    chip.flash.load(FLASH_START, fillerProgram(FLASH_START, LOADER_BYTES, endOfRam));
    for (const { address, bytes } of options.flash ?? []) chip.flash.load(address, bytes);
    return new Board(clock, {
      chip,
      pins: { boot0: false, vbus: true, key: true },
      start: ({ board }) => ({
        name: 'bootloader',
        device: new DfuseLoader(manners, chip, board),
        connectMs: LOADER_CONNECT_MS,
      }),
    });
  };
}

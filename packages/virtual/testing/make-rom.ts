/** A ROM bootloader on a bench, for tests: time by hand, a board that only takes notes. */

import type { ChipState } from '../src/chip/chip.ts';
import { Chip } from '../src/chip/chip.ts';
import type { ChipProfile } from '../src/chip/chip-profile.ts';
import { DfuRom } from '../src/roms/usb-dfu/rom.ts';
import type { RomProfile } from '../src/roms/usb-dfu/rom-profile.ts';
import { F105_ROM, STM32F105 } from '../src/table/well-known.ts';
import { drive, HandClock, notingBoard } from './drive.ts';

export const OK_IDLE = '000000000200';
export const OK_DNLOAD_IDLE = '000000000500';

export function makeRom(profile: ChipProfile = STM32F105, rom: RomProfile = F105_ROM, state: ChipState = {}) {
  const clock = new HandClock();
  const chip = new Chip(profile, state);
  const board = notingBoard(clock);
  const device = new DfuRom(rom, chip, board);
  const dfu = drive(device);
  /** Downloads, lets the operation run to its end, and gives both statuses. */
  const run = (block: number, bytes: string) => {
    const taken = dfu.download(block, bytes);
    const busy = dfu.status();
    clock.time = Math.max(clock.time, device.busyUntil);
    return [taken, busy, dfu.status()];
  };
  return { clock, chip, board, device, dfu, run };
}

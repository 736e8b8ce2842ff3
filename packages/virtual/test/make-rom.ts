/** A ROM bootloader on a bench, for tests: time by hand, surroundings that only take notes. */

import type { ChipState } from '../src/stm32/chip.ts';
import { Chip } from '../src/stm32/chip.ts';
import type { ChipProfile } from '../src/stm32/chip-profile.ts';
import { STM32F105 } from '../src/stm32/chips.ts';
import { DfuRom } from '../src/stm32/dfu-rom.ts';
import type { RomProfile } from '../src/stm32/rom-profile.ts';
import { F105_ROM } from '../src/stm32/roms.ts';
import { drive, HandClock, noteSurroundings } from './drive.ts';

export const OK_IDLE = '000000000200';
export const OK_DNLOAD_IDLE = '000000000500';

export function makeRom(profile: ChipProfile = STM32F105, rom: RomProfile = F105_ROM, state: ChipState = {}) {
  const clock = new HandClock();
  const chip = new Chip(profile, state);
  const around = noteSurroundings(clock);
  const device = new DfuRom(rom, chip, around);
  const dfu = drive(device);
  /** Downloads, lets the operation run to its end, and gives both statuses. */
  const run = (block: number, bytes: string) => {
    const taken = dfu.download(block, bytes);
    const busy = dfu.status();
    clock.time = Math.max(clock.time, device.busyUntil);
    return [taken, busy, dfu.status()];
  };
  return { clock, chip, around, device, dfu, run };
}

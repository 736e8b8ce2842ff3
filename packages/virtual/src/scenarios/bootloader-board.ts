/** Boards that start into a bootloader at the beginning of their flash, because its key is held. It knows none of them. */
import { fillerProgram } from '../applications/class-applications.ts';
import { Board, type Start } from '../board.ts';
import { Chip } from '../chip/chip.ts';
import type { ChipProfile } from '../chip/chip-profile.ts';
import type { Clock } from '../clock.ts';
import { FLASH_START } from '../flash/datasheet.ts';
import { guess } from '../provenance.ts';
import type { UsbDeviceModel } from '../usb/model.ts';
import type { ScenarioOptions } from './make-board.ts';

const BOOTLOADER_CONNECT_MS = guess(120, 'clock start-up and the host’s debounce of 100 ms (USB 2.0 §7.1.7.3)');

export interface BootloaderStart extends Pick<Start, 'board'> {
  readonly chip: Chip;
  readonly serial: string;
}

export interface BootloaderBoardParts {
  readonly profile: ChipProfile;
  /** Of the bootloader itself. */
  readonly bytes: number;
  /** What the bootloader shows on the bus; called at each start. */
  readonly deviceOf: (start: BootloaderStart) => UsbDeviceModel;
}

/** `options.flash` comes on top of the bootloader. */
export function bootloaderBoard({ profile, bytes, deviceOf }: BootloaderBoardParts) {
  return (clock: Clock, options: ScenarioOptions = {}): Board => {
    const { seed = 1, flash = [], serial = '00000000010C' } = options;
    const chip = new Chip(profile, { seed });
    const endOfRam = profile.ram.reduce((end, ram) => Math.max(end, ram.start + ram.bytes), 0);
    chip.flash.load(FLASH_START, fillerProgram(FLASH_START, bytes, endOfRam));
    for (const each of flash) chip.flash.load(each.address, each.bytes);
    return new Board(clock, {
      chip,
      pins: { boot0: false, vbus: true, key: true },
      start: ({ board }) => {
        const device = deviceOf({ chip, board, serial });
        return { name: 'bootloader', device, connectMs: BOOTLOADER_CONNECT_MS };
      },
    });
  };
}

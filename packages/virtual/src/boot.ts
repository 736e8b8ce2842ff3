/** What an STM32 starts: its ROM bootloader or what its flash holds, by BOOT0, read protection and VBUS (AN2606). */

import type { Program, Start } from './board.ts';
import type { Chip } from './chip/chip.ts';
import { FLASH_START } from './flash/datasheet.ts';
import { DfuRom } from './roms/usb-dfu/rom.ts';
import type { RomProfile } from './roms/usb-dfu/rom-profile.ts';

/** Runs the program at `address` of the chip: what it is on the bus, if anything. */
export type Application = (start: Start, address: number) => Program;

/** An application that does not use USB. */
export const silentApplication: Application = () => ({ name: 'application', connectMs: 0 });

export interface Boot {
  readonly rom: RomProfile;
  readonly application?: Application;
  /** The ROM starts USB only while it sees VBUS (F105, F107: AN2606). */
  readonly romNeedsVbus?: boolean;
}

export function bootStm32({ rom, application = silentApplication, romNeedsVbus = false }: Boot) {
  return (start: Start): Program => {
    const { chip, pins, board, jumpTo } = start;
    if (jumpTo !== undefined) return application(start, jumpTo);
    if (pins.boot0 && chip.level < 2) {
      if (romNeedsVbus && !pins.vbus) return { name: 'rom', connectMs: 0 };
      return { name: 'rom', device: new DfuRom(rom, chip, board), connectMs: rom.connectMs };
    }
    return runFlash(chip, FLASH_START, () => application(start, FLASH_START));
  };
}

/** A chip without a valid vector table faults at once and shows nothing. */
export function runFlash(chip: Chip, address: number, application: () => Program): Program {
  return chip.hasProgramAt(address) ? application() : { name: 'crashed', connectMs: 0 };
}

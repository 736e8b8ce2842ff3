/** Builds the boards of the scenarios: a chip, what is in it at first, and what it starts. */

import { cubeMxStub, customBootloader, fillerProgram } from '../applications/class-applications.ts';
import type { ClassVersion } from '../applications/class-version.ts';
import { Board } from '../board.ts';
import type { Application } from '../boot.ts';
import { bootStm32 } from '../boot.ts';
import { Chip } from '../chip/chip.ts';
import type { ChipProfile, ProtectionLevel } from '../chip/chip-profile.ts';
import { serialFromUid } from '../chip/serial-number.ts';
import type { Clock } from '../clock.ts';
import { FLASH_START } from '../flash/datasheet.ts';
import type { RomProfile } from '../roms/usb-dfu/rom-profile.ts';
import { KB } from '../table/row.ts';
import { F105_ROM, STM32F105 } from '../table/well-known.ts';

export interface ScenarioOptions {
  /** What flash holds at first, and EEPROM and OTP at their addresses; the rest is as the factory leaves it. */
  readonly flash?: readonly Content[];
  readonly serial?: string;
  /** What a program in flash shows on the bus; default nothing. */
  readonly application?: Application;
  /** Decides all that is left to chance; default 1. */
  readonly seed?: number;
}

interface Content {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** @throws RangeError for bytes where the chip has none of these memories */
export function loadContents(chip: Chip, contents: readonly Content[]): void {
  const { cells, eeprom, otp } = chip.profile;
  const flash = cells.regions.map(({ start, sectorBytes }) => ({
    start,
    bytes: sectorBytes.reduce((sum, bytes) => sum + bytes, 0),
    put: (address: number, bytes: Uint8Array) => chip.flash.load(address, bytes),
  }));
  const others = [eeprom, otp].flatMap((extent) => (extent ? [extent] : []));
  const put = (address: number, bytes: Uint8Array): void => chip.write(address, bytes);
  const memories = [...flash, ...others.map((extent) => ({ ...extent, put }))];
  for (const { address, bytes } of contents) {
    // Memories may meet: what goes on in the next one is cut.
    for (let done = 0; done < bytes.length; ) {
      const at = address + done;
      const memory = memories.find(({ start, bytes: size }) => at >= start && at < start + size);
      if (!memory) throw new RangeError(`no memory at 0x${at.toString(16).toUpperCase().padStart(8, '0')}`);
      const part = bytes.subarray(done, done + memory.start + memory.bytes - at);
      memory.put(at, part);
      done += part.length;
    }
  }
}

interface RomScenario {
  readonly profile: ChipProfile;
  readonly rom: RomProfile;
  readonly romNeedsVbus?: boolean;
  readonly level?: ProtectionLevel;
  readonly writeProtected?: readonly number[];
}

export function romBoard(definition: RomScenario) {
  const { profile, rom, romNeedsVbus = false, level = 0, writeProtected = [] } = definition;
  return (clock: Clock, options: ScenarioOptions = {}): Board => {
    const chip = new Chip(profile, { seed: options.seed ?? 1, level, writeProtected });
    loadContents(chip, options.flash ?? []);
    const { serial = rom.serial, application } = options;
    const boot = { rom: { ...rom, serial }, romNeedsVbus };
    const start = bootStm32(application ? { ...boot, application } : boot);
    return new Board(clock, { chip, pins: { boot0: true, vbus: true, key: false }, start });
  };
}

/** The end of the F105's 64 KB of RAM. */
const F105_STACK = 0x2001_0000;

/** The board of the thread: its own firmware, with the generated class in it, runs from flash. */
export function stubBoard(version: ClassVersion) {
  return (clock: Clock, options: ScenarioOptions = {}): Board => {
    const chip = new Chip(STM32F105, { seed: options.seed ?? 1 });
    const running = { address: FLASH_START, bytes: fillerProgram(FLASH_START, 116 * KB, F105_STACK) };
    loadContents(chip, options.flash ?? [running]);
    const application = cubeMxStub(version, options.serial ?? serialFromUid(STM32F105.uid.words));
    const start = bootStm32({ rom: F105_ROM, application, romNeedsVbus: true });
    return new Board(clock, { chip, pins: { boot0: false, vbus: true, key: false }, start });
  };
}

/** `options.flash` comes on top of the bootloader; its key is held until the board starts again. */
export function customBoard(version: ClassVersion) {
  return (clock: Clock, options: ScenarioOptions = {}): Board => {
    const chip = new Chip(STM32F105, { seed: options.seed ?? 1 });
    chip.flash.load(FLASH_START, fillerProgram(FLASH_START, 18 * KB, F105_STACK));
    loadContents(chip, options.flash ?? []);
    const { application, serial = '00000000010C' } = options;
    const custom = {
      version,
      serial,
      layout: '@Internal Flash   /0x08000000/10*02Ka,118*02Kg',
      application: { start: 0x0800_5000, end: 0x0804_0000 },
    };
    const start = customBootloader(application ? { ...custom, behind: application } : custom);
    const board = new Board(clock, { chip, pins: { boot0: false, vbus: true, key: true }, start });
    board.setPins({ key: false });
    return board;
  };
}

export const F105 = { profile: STM32F105, rom: F105_ROM, romNeedsVbus: true } as const;

/** The ROM of an F105 that something has started. */
export const bootF105Rom = bootStm32({ rom: F105_ROM, romNeedsVbus: true });

/**
 * Applications that carry ST's DFU class: what CubeMX generates, with callbacks that do nothing, and a bootloader that
 * was finished by hand.
 */

import type { Program, Start } from '../board.ts';
import type { Application } from '../boot.ts';
import { runFlash, silentApplication } from '../boot.ts';
import { FLASH_START } from '../flash/datasheet.ts';
import { guess } from '../provenance.ts';
import { randomBytes } from '../random.ts';
import type { ClassVersion } from './class-version.ts';
import { DfuClassDevice } from './dfu-class.ts';
import type { MediaInterface } from './media.ts';
import { flashMedia, stubMedia } from './media.ts';

/** From reset to the device's appearance. */
const CLASS_CONNECT_MS = guess(120, 'clock start-up and the host’s debounce of 100 ms (USB 2.0 §7.1.7.3)');

function dfuProgram(start: Start, name: string, parts: DfuParts): Program {
  const { chip, board } = start;
  const atAddressZero = (length: number) => chip.read(FLASH_START, length) ?? new Uint8Array(length);
  const device = new DfuClassDevice({ ...parts, atAddressZero }, board);
  return { name, device, connectMs: CLASS_CONNECT_MS };
}

export interface DfuParts {
  readonly version: ClassVersion;
  readonly product: string;
  readonly serial: string;
  readonly media: MediaInterface;
}

/** An application with ST's class and any callbacks behind it: also ones that run as code of the chip. */
export function classApplication(parts: DfuParts): Application {
  return (start) => dfuProgram(start, 'application', parts);
}

/** CubeMX's "Download Firmware Update" class, as generated: it answers OK to everything and touches nothing. */
export function cubeMxStub(version: ClassVersion, serial: string): Application {
  const product = 'STM32 DownLoad Firmware Update';
  return (start) => dfuProgram(start, 'application', { version, product, serial, media: stubMedia() });
}

export interface CustomBootloader {
  readonly version: ClassVersion;
  readonly serial: string;
  readonly layout: string;
  readonly application: { readonly start: number; readonly end: number };
  /** What its program shows on the bus; default nothing. */
  readonly behind?: Application;
}

/**
 * A correct bootloader at the start of flash, after ST's DFU_Standalone example: with the key pressed, or without a
 * program behind it, it is a DFU device; else it starts that program.
 */
export function customBootloader(options: CustomBootloader): (start: Start) => Program {
  const { version, serial, layout, application, behind = silentApplication } = options;
  return (start) => {
    const { chip, pins } = start;
    if (!pins.key && chip.hasProgramAt(application.start)) return behind(start, application.start);
    const media = flashMedia(chip, { layout, application, pollMs: 50 });
    const product = 'STM32 DFU in FS Mode';
    return runFlash(chip, FLASH_START, () => dfuProgram(start, 'bootloader', { version, product, serial, media }));
  };
}

/**
 * Bytes that a chip takes for a program: a vector table with the stack at the end of RAM and the reset vector just
 * behind it, then filler.
 */
export function fillerProgram(address: number, length: number, stackPointer: number): Uint8Array {
  const vectors = 0x1e4;
  const bytes = randomBytes(address, length);
  bytes.fill(0, 0, vectors);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, stackPointer, true);
  view.setUint32(4, address + vectors + 1, true);
  return bytes;
}

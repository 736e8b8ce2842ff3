/** What a firmware's vector table tells about the chip that it was built for. */
import type { Chip, Range } from './chip.ts';
import { CHIPS } from './chips.ts';

export interface VectorTable {
  /** As the core loads it: a multiple of 4. */
  readonly initialStackPointer: number;
  readonly resetHandler: number;
}

const MB = 0x10_0000;
const from = (start: number, bytes: number): Range => ({ start, end: start + bytes });

/**
 * RAM of any STM32, secure aliases among it (reference manuals, memory map). The windows are narrow: arbitrary data is taken
 * for a vector table once in a thousand times.
 */
const RAM: readonly Range[] = [
  from(0x1000_0000, MB),
  from(0x2000_0000, 4 * MB),
  // AXI SRAM, and the SRAM of domain D3 (RM0433 §2.3).
  from(0x2400_0000, 8 * MB),
  from(0x3000_0000, 4 * MB),
  from(0x3400_0000, 8 * MB),
  from(0x3800_0000, MB),
];

/** Where programs of an STM32 begin: flash and its aliases, RAM, external memory. */
const CODE: readonly Range[] = [
  from(0x0000_0000, 4 * MB),
  from(0x0800_0000, 16 * MB),
  from(0x0c00_0000, 16 * MB),
  ...RAM,
  from(0x6000_0000, 256 * MB),
  from(0x7000_0000, 128 * MB),
  from(0x9000_0000, 128 * MB),
  from(0xc000_0000, 512 * MB),
];

/** @returns `undefined` when these are not the first two words of a Cortex-M vector table */
export function readVectorTable(bytes: Uint8Array): VectorTable | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The core ignores bits 1:0 (ARMv7-M ARM B1.5.5): linker scripts that end the stack at 0x2001FFFF work.
  const initialStackPointer = view.getUint32(0, true) & ~3;
  const resetHandler = view.getUint32(4, true);
  // A full descending stack may begin one past the end of RAM.
  const inRam = RAM.some((each) => isIn(each, initialStackPointer - 4));
  const isThumb = resetHandler % 2 === 1 && CODE.some((each) => isIn(each, resetHandler));
  return inRam && isThumb ? { initialStackPointer, resetHandler } : undefined;
}

const isIn = ({ start, end }: Range, address: number): boolean => start <= address && address < end;

/**
 * ST's start-up files for the larger STM32F1 (high density, XL density, connectivity line) end their vector table
 * with this instruction pair at 0x1E0, for booting from RAM (cmsis-device-f1, startup_stm32f105xc.s).
 */
const F1_BOOT_RAM = { offset: 0x1e0, word: 0xf1e0_f85f } as const;

/** The one family that this vector table is certainly built for; most tables do not tell. */
export function familyFromVectors(bytes: Uint8Array): string | undefined {
  if (bytes.length < F1_BOOT_RAM.offset + 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(F1_BOOT_RAM.offset, true) === F1_BOOT_RAM.word ? 'F1' : undefined;
}

/** The DFU-capable chips of a family. */
export function dfuChipsOfFamily(family: string): Chip[] {
  return CHIPS.filter((chip) => chip.family === family && chip.usbDfu);
}

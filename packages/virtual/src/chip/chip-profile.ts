/**
 * What the documents state about one STM32 as a bootloader sees it: data for `Chip`. Addresses are absolute, sizes
 * bytes.
 */

import type { FlashCells } from '../flash/datasheet.ts';

/** Read protection (RDP). Level 2 closes the ROM bootloader for good. */
export type ProtectionLevel = 0 | 1 | 2;

/** How option bytes say what is protected. */
export interface Guard {
  /** Offset of the byte that holds the read protection, and its values; any other value is level 1. */
  readonly rdpAt: number;
  readonly open: number;
  readonly locked?: number;
  /** Which sectors the option bytes write-protect; absent, this model does not decode them. */
  readonly writeProtected?: (options: Uint8Array) => readonly number[];
  /** Sets them; returns new option bytes. */
  readonly encode: (options: Uint8Array, level: ProtectionLevel, sectors: readonly number[]) => Uint8Array;
}

/** A piece of memory. */
export interface Extent {
  readonly start: number;
  readonly bytes: number;
}

export interface OptionBlock {
  readonly start: number;
  readonly initial: readonly number[];
}

/** The 96-bit unique device id: its words, and where each lies. */
export interface Uid {
  readonly words: readonly [number, number, number];
  /** Absent where no document says; the serial number is made from the words all the same. */
  readonly addresses?: readonly [number, number, number];
}

/** A chip as its documents state it. */
export interface ChipProfile {
  readonly name: string;
  /**
   * DBGMCU_IDCODE bits 11–0. No bootloader reads it to a host: AN3156 §5.1 lists flash, RAM, system memory, option
   * bytes and OTP, and the debug registers are none of these.
   */
  readonly devId: number;
  readonly cells: FlashCells;
  readonly ram: readonly Extent[];
  /** What the ROM bootloader keeps for itself (AN2606). */
  readonly bootloaderRam: readonly Extent[];
  readonly systemMemory: readonly Extent[];
  /** Bytes at fixed addresses of the system memory that hosts look at; the rest is filler. */
  readonly systemBytes: readonly { readonly address: number; readonly bytes: readonly number[] }[];
  readonly uid: Uid;
  /** A half-word with the flash size in KB. */
  readonly flashSizeAddress?: number;
  readonly options: OptionBlock;
  /** Option bytes of a second bank. */
  readonly moreOptions?: OptionBlock;
  readonly otp?: Extent;
  /** Data EEPROM (L0, L1): written without an erase. */
  readonly eeprom?: Extent;
  /** The Device Feature word of F2/F4/F7 (AN3156). */
  readonly feature?: OptionBlock;
  readonly guard: Guard;
}

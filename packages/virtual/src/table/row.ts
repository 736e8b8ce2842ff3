/** How a row of the table of virtual ROMs is written down, and the whole chip and bootloader that it becomes. */

import { littleEndian } from '../bytes.ts';
import type { ChipProfile, Extent, Guard, OptionBlock, Uid } from '../chip/chip-profile.ts';
import { serialFromUid } from '../chip/serial-number.ts';
import type { FlashCells } from '../flash/datasheet.ts';
import type { RomProfile } from '../roms/usb-dfu/rom-profile.ts';
import { uidOf } from './uid.ts';

export const KB = 1024;

/** First address and number of bytes. */
export type Place = readonly [start: number, bytes: number];

/** One kind of STM32 with USB DFU in its ROM. */
export interface RomRow {
  /** A part of the row as ST writes it: `STM32F072`. */
  readonly name: string;
  /** Which of its divisions of the flash, where there are several: `dual bank`. */
  readonly variant?: string;
  /** All parts that share die and bootloader (AN2606). */
  readonly line: string;
  readonly profile: ChipProfile;
  readonly rom: RomProfile;
  /** The ROM starts USB only while it sees VBUS (AN2606). */
  readonly romNeedsVbus: boolean;
  /** Documents and captures behind the row. */
  readonly source: string;
  /** What no public source tells, and what was taken instead. */
  readonly guesses: readonly string[];
}

/** A row as it is written in the files of the families. */
export interface RowFacts {
  readonly name: string;
  readonly variant?: string;
  readonly line: string;
  readonly devId: number;
  readonly cells: FlashCells;
  readonly ram: readonly Place[];
  readonly bootloaderRam: readonly Place[];
  readonly systemMemory: readonly Place[];
  /** Where the bootloader says its version, and what it says; one byte, two from 0x100 on (AN2606). */
  readonly bootloaderId?: readonly [address: number, id: number];
  /** Words of the system memory that hosts look at. */
  readonly systemWords?: readonly (readonly [address: number, word: number])[];
  readonly flashSizeAt?: number;
  readonly uidAt?: number;
  /** Absent: 0, 4, 8. */
  readonly uidOffsets?: readonly [number, number, number];
  readonly options: OptionBlock;
  readonly moreOptions?: OptionBlock;
  readonly otp?: Place;
  readonly eeprom?: Place;
  readonly feature?: OptionBlock;
  readonly guard: Guard;
  readonly habits: Omit<RomProfile, 'layouts' | 'serial' | 'connectMs'>;
  /** The layout strings in the ROM's own spelling. */
  readonly layouts: readonly string[];
  /** A serial number that was captured; the UID is made so that ST's recipe gives it. Absent, the UID is made up. */
  readonly serial?: string;
  /** A serial number that ST's recipe does not give. */
  readonly fixedSerial?: string;
  readonly connectMs: number;
  readonly romNeedsVbus?: boolean;
  readonly source: string;
  readonly guesses?: readonly string[];
}

export function romRow(facts: RowFacts): RomRow {
  const { name, variant, line, habits, layouts, fixedSerial, connectMs, source } = facts;
  const profile = profileOf(facts);
  const serial = fixedSerial ?? serialFromUid(profile.uid.words);
  const { romNeedsVbus = false, guesses = [] } = facts;
  const rom = { ...habits, layouts, serial, connectMs };
  return { name, ...(variant && { variant }), line, profile, rom, romNeedsVbus, source, guesses };
}

function profileOf(facts: RowFacts): ChipProfile {
  const { name, devId, cells, ram, bootloaderRam, systemMemory, flashSizeAt, options, guard } = facts;
  const { moreOptions, otp, eeprom, feature } = facts;
  return {
    name,
    devId,
    cells,
    ram: ram.map(extent),
    bootloaderRam: bootloaderRam.map(extent),
    systemMemory: systemMemory.map(extent),
    systemBytes: systemBytesOf(facts),
    uid: uidAt(facts),
    ...(flashSizeAt !== undefined && { flashSizeAddress: flashSizeAt }),
    options,
    ...(moreOptions && { moreOptions }),
    ...(otp && { otp: extent(otp) }),
    ...(eeprom && { eeprom: extent(eeprom) }),
    ...(feature && { feature }),
    guard,
  };
}

function systemBytesOf({ bootloaderId, systemWords = [] }: RowFacts): ChipProfile['systemBytes'] {
  const words = systemWords.map(([address, word]) => ({ address, bytes: littleEndian(word, 4) }));
  if (!bootloaderId) return words;
  const [address, id] = bootloaderId;
  return [...words, { address, bytes: littleEndian(id, id < 0x100 ? 1 : 2) }];
}

function uidAt({ name, serial, uidAt: start, uidOffsets = [0, 4, 8] }: RowFacts): Uid {
  const words = uidOf(name, serial);
  if (start === undefined) return { words };
  const [first, second, third] = uidOffsets;
  return { words, addresses: [start + first, start + second, start + third] };
}

function extent([start, bytes]: Place): Extent {
  return { start, bytes };
}

/** Option bytes: the first of them, and ones up to `length`. */
export function optionBlock(start: number, first: readonly number[], length: number): OptionBlock {
  return { start, initial: [...first, ...Array.from({ length: length - first.length }, () => 0xff)] };
}

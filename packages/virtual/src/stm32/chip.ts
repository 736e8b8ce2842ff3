/** One STM32 as a bootloader sees it: its memories by address, and the option bytes that guard them. */

import { Flash } from '../flash.ts';
import type { FlashCells } from '../flash-cells.ts';
import { randomBytes } from '../random.ts';
import { word32 } from './dfu-words.ts';

/** Read protection (RDP). Level 2 closes the ROM bootloader for good. */
export type ProtectionLevel = 0 | 1 | 2;

export interface Guard {
  /** Offset of the RDP byte in the option bytes, and its values; any other value is level 1. */
  readonly rdpAt: number;
  readonly open: number;
  readonly locked?: number;
  /** Which sectors the option bytes write-protect; absent, this model does not decode them. */
  readonly writeProtected?: (options: Uint8Array) => readonly number[];
  /** Sets them; returns new option bytes. */
  readonly encode: (options: Uint8Array, level: ProtectionLevel, sectors: readonly number[]) => Uint8Array;
}

/** `bootloaderBytes` from the start are what the ROM bootloader keeps for itself (AN2606). */
interface Ram {
  readonly start: number;
  readonly bytes: number;
  readonly bootloaderBytes: number;
}

/** A chip as its documents state it. */
export interface ChipProfile {
  readonly name: string;
  readonly cells: FlashCells;
  readonly ram: readonly Ram[];
  readonly systemMemory: { readonly start: number; readonly bytes: number };
  /** Words at fixed addresses of the system memory that hosts look at; the rest is filler. */
  readonly systemWords: Readonly<Record<number, number>>;
  readonly options: { readonly start: number; readonly initial: readonly number[] };
  readonly otp?: { readonly start: number; readonly bytes: number };
  /** The Device Feature word of F2/F4/F7 (AN3156). */
  readonly feature?: { readonly start: number; readonly initial: readonly number[] };
  readonly guard: Guard;
}

export type MemoryKind = 'flash' | 'ram' | 'system' | 'options' | 'otp' | 'feature';

interface Space {
  readonly kind: Exclude<MemoryKind, 'flash'>;
  readonly start: number;
  readonly bytes: Uint8Array;
}

export interface ChipState {
  readonly seed?: number;
  readonly level?: ProtectionLevel;
  readonly writeProtected?: readonly number[];
}

export class Chip {
  readonly profile: ChipProfile;
  readonly flash: Flash;
  readonly #spaces: readonly Space[];
  readonly #options: Uint8Array;
  #level: ProtectionLevel = 0;

  constructor(profile: ChipProfile, { seed = 1, level = 0, writeProtected = [] }: ChipState = {}) {
    this.profile = profile;
    this.flash = new Flash(profile.cells, seed);
    this.#options = profile.guard.encode(Uint8Array.from(profile.options.initial), level, writeProtected);
    this.#spaces = spacesOf(profile, this.#options, seed);
    this.loadOptions();
    if (!profile.guard.writeProtected) this.flash.protect(writeProtected);
  }

  get level(): ProtectionLevel {
    return this.#level;
  }

  /** What a reset does: the option bytes in memory take effect (PM0075, RM0090: option byte loading). */
  loadOptions(): void {
    const { rdpAt, open, locked, writeProtected } = this.profile.guard;
    const rdp = this.#options[rdpAt];
    if (rdp === open) this.#level = 0;
    else this.#level = rdp === locked && locked !== undefined ? 2 : 1;
    if (writeProtected) this.flash.protect(writeProtected(this.#options));
  }

  /** Read protection off, write protection off; takes effect with the next reset. */
  unprotectOptions(): void {
    this.#options.set(this.profile.guard.encode(this.#options, 0, []));
    if (!this.profile.guard.writeProtected) this.flash.protect([]);
  }

  clearRam(): void {
    for (const space of this.#spaces) if (space.kind === 'ram') space.bytes.fill(0);
  }

  /** Which memory holds all of `length` bytes from `address`. */
  memoryAt(address: number, length = 1): MemoryKind | undefined {
    if (this.flash.contains(address, length)) return 'flash';
    return this.#spaceAt(address, length)?.kind;
  }

  read(address: number, length: number): Uint8Array | undefined {
    if (this.flash.contains(address, length)) return this.flash.peek(address, length);
    const space = this.#spaceAt(address, length);
    return space?.bytes.slice(address - space.start, address - space.start + length);
  }

  /** Whether the ROM bootloader keeps its own data at `address`. */
  isBootloaderRam(address: number): boolean {
    return this.profile.ram.some(({ start, bootloaderBytes }) => address >= start && address < start + bootloaderBytes);
  }

  /** Writes to anything but flash, which takes no time here. OTP bits only ever clear. */
  write(address: number, bytes: Uint8Array): void {
    const space = this.#spaceAt(address, bytes.length);
    if (!space) return;
    const at = address - space.start;
    bytes.forEach((byte, index) => {
      const old = space.bytes[at + index] ?? 0;
      space.bytes[at + index] = space.kind === 'otp' ? old & byte : byte;
    });
  }

  /** Whether a program can start at `address`: stack pointer in RAM, Thumb reset vector in flash or RAM (ARMv7-M, vector table). */
  hasProgramAt(address: number): boolean {
    const table = this.read(address, 8);
    if (!table) return false;
    const stack = word32(table, 0);
    const entry = word32(table, 4);
    const inRam = this.profile.ram.some(({ start, bytes }) => stack > start && stack <= start + bytes);
    const memory = this.memoryAt(entry - 1);
    return inRam && stack % 4 === 0 && (entry & 1) === 1 && (memory === 'flash' || memory === 'ram');
  }

  #spaceAt(address: number, length: number): Space | undefined {
    return this.#spaces.find(({ start, bytes }) => address >= start && address + length <= start + bytes.length);
  }
}

function spacesOf(profile: ChipProfile, options: Uint8Array, seed: number): Space[] {
  const { ram, systemMemory, otp, feature } = profile;
  const spaces: Space[] = [
    ...ram.map(({ start, bytes }) => ({ kind: 'ram' as const, start, bytes: randomBytes(seed + start, bytes) })),
    { kind: 'system', start: systemMemory.start, bytes: systemBytes(profile) },
    { kind: 'options', start: profile.options.start, bytes: options },
  ];
  if (otp) spaces.push({ kind: 'otp', start: otp.start, bytes: new Uint8Array(otp.bytes).fill(0xff) });
  if (feature) spaces.push({ kind: 'feature', start: feature.start, bytes: Uint8Array.from(feature.initial) });
  return spaces;
}

function systemBytes({ systemMemory, systemWords }: ChipProfile): Uint8Array {
  const bytes = randomBytes(systemMemory.start, systemMemory.bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [address, word] of Object.entries(systemWords)) {
    view.setUint32(Number(address) - systemMemory.start, word, true);
  }
  return bytes;
}

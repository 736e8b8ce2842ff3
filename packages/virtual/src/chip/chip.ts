/** One STM32 as a bootloader sees it: its memories by address, and the option bytes that guard them. */

import { word32 } from '../bytes.ts';
import { Flash } from '../flash/flash.ts';
import type { ChipProfile, ProtectionLevel } from './chip-profile.ts';
import type { Memory, MemoryKind } from './memories.ts';
import { memoriesOf } from './memories.ts';
import { paceOf } from './supply.ts';

export interface ChipState {
  readonly seed?: number;
  readonly level?: ProtectionLevel;
  readonly writeProtected?: readonly number[];
}

export class Chip {
  readonly profile: ChipProfile;
  readonly flash: Flash;
  readonly #memories: readonly Memory[];
  readonly #options: Uint8Array;
  #level: ProtectionLevel = 0;

  constructor(profile: ChipProfile, { seed = 1, level = 0, writeProtected = [] }: ChipState = {}) {
    this.profile = profile;
    this.flash = new Flash(profile.cells, seed);
    this.#options = profile.guard.encode(Uint8Array.from(profile.options.initial), level, writeProtected);
    this.#memories = memoriesOf(profile, this.#options, seed);
    this.loadOptions();
    this.#forgetSupply();
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

  /** What a reset does: the ROM begins with the supply that it takes for granted. */
  start(): void {
    this.loadOptions();
    this.#forgetSupply();
  }

  #forgetSupply(): void {
    const { feature } = this.profile;
    if (!feature) return;
    this.write(feature.start, Uint8Array.from(feature.initial));
    this.flash.usePace(paceOf(this.profile.cells, feature.initial[0]));
  }

  /** Read protection off, write protection off; takes effect with the next reset. */
  unprotectOptions(): void {
    this.#options.set(this.profile.guard.encode(this.#options, 0, []));
    if (!this.profile.guard.writeProtected) this.flash.protect([]);
  }

  /** Whether a block of option bytes begins at `address`. */
  isOptionBlock(address: number): boolean {
    return this.#memories.some(({ kind, start }) => kind === 'options' && start === address);
  }

  clearRam(): void {
    for (const memory of this.#memories) if (memory.kind === 'ram') memory.content().fill(0);
  }

  /** Which memory holds all of `length` bytes from `address`. */
  memoryAt(address: number, length = 1): MemoryKind | undefined {
    if (this.flash.contains(address, length)) return 'flash';
    return this.#memoryAt(address, length)?.kind;
  }

  read(address: number, length: number): Uint8Array | undefined {
    if (this.flash.contains(address, length)) return this.flash.peek(address, length);
    const memory = this.#memoryAt(address, length);
    return memory?.content().slice(address - memory.start, address - memory.start + length);
  }

  /** Whether the ROM bootloader keeps its own data at `address`. */
  isBootloaderRam(address: number): boolean {
    return this.profile.bootloaderRam.some(({ start, bytes }) => address >= start && address < start + bytes);
  }

  /** Writes to anything but flash, which takes no time here. OTP bits only ever clear. */
  write(address: number, bytes: Uint8Array): void {
    const memory = this.#memoryAt(address, bytes.length);
    if (!memory) return;
    const content = memory.content();
    const at = address - memory.start;
    bytes.forEach((byte, index) => {
      const old = content[at + index] ?? 0;
      content[at + index] = memory.kind === 'otp' ? old & byte : byte;
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

  #memoryAt(address: number, length: number): Memory | undefined {
    return this.#memories.find(({ start, bytes }) => address >= start && address + length <= start + bytes);
  }
}

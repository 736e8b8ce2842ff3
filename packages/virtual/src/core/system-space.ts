/**
 * The Private Peripheral Bus, 0xE0000000 to 0xE00FFFFF, as regions of the memory map. Registers are words; a smaller
 * access takes its part of one. An address with no register here stops the run: silicon has more than this model.
 */

import { busFault, NotModelledError } from './faults.ts';
import type { Device, Region, Width } from './regions.ts';
import type { Register } from './system-control.ts';

export interface SpaceRights {
  /** Whether the access at hand may be made; otherwise it is a bus fault. */
  allowed(): boolean;
  byDebugger(): boolean;
}

/** A block of registers; those at offsets from `identityFrom` on read as their component's identification. */
export interface RegisterBlock {
  readonly name: string;
  readonly start: number;
  readonly registers: ReadonlyMap<number, Register>;
  /** PIDR0–3, CIDR0–3 as a debugger looks for them (ADIv5; CoreSight component class of the block). */
  readonly identity?: readonly number[];
}

/** DEVARCH, DEVID and DEVTYPE, which read as 0 here, and the identity (CoreSight Architecture 3.0, B2.2). */
const MANAGEMENT_FROM = 0xfbc;
/** Continuation codes of JEP106 before Arm's code. */
const [PIDR4, ARM_BANK] = [0xfd0, 4];

export function spaceRegions(blocks: readonly RegisterBlock[], rights: SpaceRights): Region[] {
  return blocks.map((block) => ({
    name: block.name,
    start: block.start,
    length: 0x1000,
    device: deviceOf(block, rights),
    neverExecuted: true,
  }));
}

function deviceOf({ name, start, registers, identity }: RegisterBlock, rights: SpaceRights): Device {
  const registerAt = (offset: number): Register => {
    const register = registers.get(offset);
    if (register) return register;
    const id =
      offset === PIDR4 ? identity && ARM_BANK : offset >= 0xfe0 ? identity?.[(offset - 0xfe0) >>> 2] : undefined;
    if (id !== undefined || offset >= MANAGEMENT_FROM) return { read: () => id ?? 0, write: () => undefined };
    throw new NotModelledError(`${name} register`, start + offset);
  };
  return {
    read(offset, width) {
      if (!rights.allowed()) throw busFault(start + offset);
      const word = registerAt(offset & ~3).read();
      return partOf(word, offset & 3, width);
    },
    write(offset, width, value) {
      if (!rights.allowed()) throw busFault(start + offset);
      const register = registerAt(offset & ~3);
      if (width === 4) return register.write(value);
      const kept = register.mergesBytes ? register.read() : 0;
      const mask = (width === 2 ? 0xffff : 0xff) << (8 * (offset & 3));
      register.write(((kept & ~mask) | ((value << (8 * (offset & 3))) & mask)) >>> 0);
    },
  };
}

function partOf(word: number, byte: number, width: Width): number {
  if (width === 4) return word >>> 0;
  return (word >>> (8 * byte)) & (width === 2 ? 0xffff : 0xff);
}

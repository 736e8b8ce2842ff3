/**
 * The memory map: which region an address belongs to, and accesses of 1, 2 and 4 bytes. Regions of bytes are read and
 * written at once; a device is asked. It keeps what was decoded of code, and forgets it when that code is overwritten.
 * It knows nothing of registers or of what a fault leads to; addresses may be signed or unsigned.
 */

import { busFault } from './faults.ts';

export type Width = 1 | 2 | 4;

/** An instruction at one address, decoded. @returns the address of the next one */
export type Op = () => number;

/** Memory-mapped behaviour. Offsets are from the start of the region; values are unsigned. Throws `busFault(…)`. */
export interface Device {
  read(offset: number, width: Width): number;
  write(offset: number, width: Width, value: number): void;
}

/** One region of the map. */
export interface Region {
  readonly name: string;
  readonly start: number;
  readonly length: number;
  /** The content, for reads and instruction fetches without a detour. Its `byteOffset` must be a multiple of 4. */
  readonly bytes?: Uint8Array;
  /** Whether stores go straight into `bytes`; otherwise they go to `device`, and without one they are bus faults. */
  readonly writable?: boolean;
  readonly device?: Device;
  /** Instructions there are refused (Execute Never). */
  readonly neverExecuted?: boolean;
}

/** A region in use. */
export interface Mapped {
  readonly region: Region;
  readonly start: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly halves: Int16Array;
  readonly words: Int32Array;
  readonly readable: boolean;
  readonly writable: boolean;
  /** By half-word, what was decoded. */
  ops: (Op | undefined)[];
  /** By 256 bytes, 1 where something was decoded. */
  readonly decoded: Uint8Array;
}

export interface MemoryMap {
  read8(address: number): number;
  /** Zero-extended; needs no alignment, as all of these. */
  read16(address: number): number;
  /** Signed. */
  read32(address: number): number;
  write8(address: number, value: number): void;
  write16(address: number, value: number): void;
  write32(address: number, value: number): void;
  /** The region at an address, for fetching instructions. */
  at(address: number): Mapped | undefined;
  /** Forgets what was decoded from these bytes, after somebody else has changed them. */
  invalidate(address: number, length: number): void;
  /** Forgets all that was decoded. */
  invalidateAll(): void;
  /** Puts a region into the map, before those that it overlaps; a region of the same name goes. */
  map(region: Region): void;
  unmap(name: string): void;
}

const GRANULE_SHIFT = 16;
const GRANULE = 1 << GRANULE_SHIFT;
/** An IT instruction is decoded with up to four of four bytes behind it. */
const LONGEST_DECODE = 18;
const NO_WORD = new Uint8Array(4);

export function createMemoryMap(regions: readonly Region[]): MemoryMap {
  let mapped: Mapped[] = regions.map(mappedOf);
  /** The first region of bytes in each 64 KB; everything else is searched for. */
  const quick: (Mapped | undefined)[] = Array.from<Mapped | undefined>({ length: 1 << GRANULE_SHIFT });
  let last: Mapped | undefined;

  /** Finds anew which region comes first in the granules of `start` and `length`. */
  const rebuild = (start: number, length: number): void => {
    last = undefined;
    const end = (start + length - 1) >>> GRANULE_SHIFT;
    for (let granule = start >>> GRANULE_SHIFT; granule <= end; granule += 1) {
      const from = granule * GRANULE;
      const first = mapped.find((entry) => entry.start < from + GRANULE && entry.start + entry.length > from);
      // A device in front of bytes has to be looked for.
      quick[granule] = first?.readable ? first : undefined;
    }
  };
  const find = (address: number): Mapped | undefined => {
    if (last && (address - last.start) >>> 0 < last.length) return last;
    const found = mapped.find(({ start, length }) => (address - start) >>> 0 < length);
    if (found) last = found;
    return found;
  };
  const forget = (entry: Mapped, offset: number, length: number): void => {
    if (entry.ops.length === 0) return;
    const end = Math.min(entry.length, offset + length);
    for (let at = Math.max(0, offset - LONGEST_DECODE) & ~1; at < end; at += 2) entry.ops[at >>> 1] = undefined;
  };
  const slowRead = (address: number, width: Width): number => {
    const entry = find(address);
    const offset = entry ? (address - entry.start) >>> 0 : 0;
    if (!entry || offset + width > entry.length) throw busFault(address);
    if (entry.readable) return assembled(entry.bytes, offset, width);
    if (!entry.region.device) throw busFault(address);
    return entry.region.device.read(offset, width);
  };
  const slowWrite = (address: number, width: Width, value: number): void => {
    const entry = find(address);
    const offset = entry ? (address - entry.start) >>> 0 : 0;
    if (!entry || offset + width > entry.length) throw busFault(address);
    if (entry.writable) {
      for (let byte = 0; byte < width; byte += 1) entry.bytes[offset + byte] = value >>> (8 * byte);
      forget(entry, offset, width);
      return;
    }
    if (!entry.region.device) throw busFault(address);
    entry.region.device.write(offset, width, width === 4 ? value >>> 0 : value & (width === 2 ? 0xffff : 0xff));
  };

  for (const { start, length } of mapped) rebuild(start, length);
  return {
    read8(address) {
      const entry = quick[address >>> GRANULE_SHIFT];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length) return entry.bytes[offset] ?? 0;
      }
      return slowRead(address, 1);
    },
    read16(address) {
      const entry = quick[address >>> GRANULE_SHIFT];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 1) === 0) return (entry.halves[offset >>> 1] ?? 0) & 0xffff;
      }
      return slowRead(address, 2);
    },
    read32(address) {
      const entry = quick[address >>> GRANULE_SHIFT];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 3) === 0) return entry.words[offset >>> 2] ?? 0;
      }
      return slowRead(address, 4) | 0;
    },
    write8(address, value) {
      const entry = quick[address >>> GRANULE_SHIFT];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && entry.writable) {
          entry.bytes[offset] = value;
          if (entry.decoded[offset >>> 8] === 1) forget(entry, offset, 1);
          return;
        }
      }
      slowWrite(address, 1, value);
    },
    write16(address, value) {
      const entry = quick[address >>> GRANULE_SHIFT];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 1) === 0 && entry.writable) {
          entry.halves[offset >>> 1] = value;
          if (entry.decoded[offset >>> 8] === 1) forget(entry, offset, 2);
          return;
        }
      }
      slowWrite(address, 2, value);
    },
    write32(address, value) {
      const entry = quick[address >>> GRANULE_SHIFT];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 3) === 0 && entry.writable) {
          entry.words[offset >>> 2] = value;
          if (entry.decoded[offset >>> 8] === 1) forget(entry, offset, 4);
          return;
        }
      }
      slowWrite(address, 4, value);
    },
    at: find,
    invalidate(address, length) {
      for (const entry of mapped) {
        const offset = address - entry.start;
        if (offset < entry.length && offset + length > 0)
          forget(entry, Math.max(0, offset), length + Math.min(0, offset));
      }
    },
    invalidateAll() {
      for (const { ops, decoded } of mapped) {
        ops.fill(undefined);
        decoded.fill(0);
      }
    },
    map(region) {
      const before = mapped.find((entry) => entry.region.name === region.name);
      const after = mappedOf(region);
      mapped = [after, ...mapped.filter((entry) => entry !== before)];
      if (before) rebuild(before.start, before.length);
      rebuild(after.start, after.length);
    },
    unmap(name) {
      const gone = mapped.find((entry) => entry.region.name === name);
      if (!gone) return;
      mapped = mapped.filter((entry) => entry !== gone);
      rebuild(gone.start, gone.length);
    },
  };
}

function mappedOf(region: Region): Mapped {
  const { bytes, start, length } = region;
  const whole = bytes && bytes.length >= length ? bytes : undefined;
  if (bytes && !whole) throw new RangeError(`region ${region.name} has fewer bytes than its length`);
  const content = whole ?? NO_WORD;
  return {
    region,
    start: start >>> 0,
    length,
    bytes: content,
    halves: new Int16Array(content.buffer, content.byteOffset, content.length >>> 1),
    words: new Int32Array(content.buffer, content.byteOffset, content.length >>> 2),
    readable: whole !== undefined,
    writable: whole !== undefined && region.writable === true,
    ops: [],
    decoded: new Uint8Array((length >>> 8) + 1),
  };
}

function assembled(bytes: Uint8Array, offset: number, width: Width): number {
  let value = 0;
  for (let byte = 0; byte < width; byte += 1) value |= (bytes[offset + byte] ?? 0) << (8 * byte);
  return value >>> 0;
}

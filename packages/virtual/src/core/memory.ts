/**
 * The memory map: accesses of 1, 2 and 4 bytes to the region that an address belongs to. Regions of bytes are read and
 * written at once; a device is asked. Code that is overwritten is decoded anew. It knows nothing of registers or of what
 * a fault leads to; addresses may be signed or unsigned.
 */

import { busFault } from './faults.ts';
import {
  addRegion,
  forget,
  forgetAll,
  forgetAt,
  type Mapped,
  newRegions,
  type Region,
  type Regions,
  regionAt,
  removeRegion,
  type Width,
} from './regions.ts';

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

export function createMemoryMap(regions: readonly Region[]): MemoryMap {
  const inUse = newRegions(regions);
  return {
    ...readMethods(inUse),
    ...writeMethods(inUse),
    at: (address) => regionAt(inUse, address),
    invalidate: (address, length) => forgetAt(inUse, address, length),
    invalidateAll: () => forgetAll(inUse),
    map: (region) => addRegion(inUse, region),
    unmap: (name) => removeRegion(inUse, name),
  };
}

/** Aligned reads of bytes take the first way, which instructions are made for; all others take the slow one. */
function readMethods(regions: Regions): Pick<MemoryMap, 'read8' | 'read16' | 'read32'> {
  const { quick } = regions;
  return {
    read8(address) {
      const entry = quick[address >>> 24]?.[(address >>> 16) & 0xff];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length) return entry.bytes[offset] ?? 0;
      }
      return slowRead(regions, address, 1);
    },
    read16(address) {
      const entry = quick[address >>> 24]?.[(address >>> 16) & 0xff];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 1) === 0) return (entry.halves[offset >>> 1] ?? 0) & 0xffff;
      }
      return slowRead(regions, address, 2);
    },
    read32(address) {
      const entry = quick[address >>> 24]?.[(address >>> 16) & 0xff];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 3) === 0) return entry.words[offset >>> 2] ?? 0;
      }
      return slowRead(regions, address, 4) | 0;
    },
  };
}

/** As for reads. */
function writeMethods(regions: Regions): Pick<MemoryMap, 'write8' | 'write16' | 'write32'> {
  const { quick } = regions;
  return {
    write8(address, value) {
      const entry = quick[address >>> 24]?.[(address >>> 16) & 0xff];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && entry.writable) {
          entry.bytes[offset] = value;
          if (entry.decoded[offset >>> 8] === 1) forget(entry, offset, 1);
          return;
        }
      }
      slowWrite(regions, address, 1, value);
    },
    write16(address, value) {
      const entry = quick[address >>> 24]?.[(address >>> 16) & 0xff];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 1) === 0 && entry.writable) {
          entry.halves[offset >>> 1] = value;
          if (entry.decoded[offset >>> 8] === 1) forget(entry, offset, 2);
          return;
        }
      }
      slowWrite(regions, address, 2, value);
    },
    write32(address, value) {
      const entry = quick[address >>> 24]?.[(address >>> 16) & 0xff];
      if (entry !== undefined) {
        const offset = (address - entry.start) >>> 0;
        if (offset < entry.length && (offset & 3) === 0 && entry.writable) {
          entry.words[offset >>> 2] = value;
          if (entry.decoded[offset >>> 8] === 1) forget(entry, offset, 4);
          return;
        }
      }
      slowWrite(regions, address, 4, value);
    },
  };
}

function slowRead(regions: Regions, address: number, width: Width): number {
  const entry = regionAt(regions, address);
  const offset = entry ? (address - entry.start) >>> 0 : 0;
  if (!entry || offset + width > entry.length) throw busFault(address);
  if (entry.readable) return assembled(entry.bytes, offset, width);
  if (!entry.region.device) throw busFault(address);
  return entry.region.device.read(offset, width);
}

function slowWrite(regions: Regions, address: number, width: Width, value: number): void {
  const entry = regionAt(regions, address);
  const offset = entry ? (address - entry.start) >>> 0 : 0;
  if (!entry || offset + width > entry.length) throw busFault(address);
  if (entry.writable) {
    for (let byte = 0; byte < width; byte += 1) entry.bytes[offset + byte] = value >>> (8 * byte);
    forget(entry, offset, width);
    return;
  }
  if (!entry.region.device) throw busFault(address);
  entry.region.device.write(offset, width, width === 4 ? value >>> 0 : value & (width === 2 ? 0xffff : 0xff));
}

function assembled(bytes: Uint8Array, offset: number, width: Width): number {
  let value = 0;
  for (let byte = 0; byte < width; byte += 1) value |= (bytes[offset + byte] ?? 0) << (8 * byte);
  return value >>> 0;
}

/**
 * A peripheral as its reference manual tells it: registers by offset, with reset values, and what reading and writing
 * does beyond storing. An offset that is not in its table stops the run. It knows nothing of which peripheral it is.
 */

import { type Device, NotModelledError, type Region, type Width } from '../core/index.ts';

export interface RegisterSpec {
  readonly name: string;
  /** After reset; absent, 0. */
  readonly reset?: number;
  /** Bits that software can change; absent, all. */
  readonly writable?: number;
  /** What is read, from what is stored; absent, just that. */
  readonly read?: (stored: number) => number;
  /** What is stored instead, from what is written and what was stored; absent, what is written. */
  readonly write?: (written: number, stored: number) => number;
}

export interface PeripheralSpec {
  readonly name: string;
  readonly start: number;
  readonly length?: number;
  readonly registers: Readonly<Record<number, RegisterSpec>>;
  /** Without its clock a peripheral reads as 0 and ignores writes (RM0008 §8.3.7 and its like); absent, always on. */
  readonly clocked?: () => boolean;
}

export interface Peripheral {
  readonly region: Region;
  readonly device: Device;
  /** By name; throws for a name that is not there. */
  get(name: string): number;
  set(name: string, value: number): void;
  has(name: string): boolean;
  reset(): void;
  /** Registers that do not hold their reset value. */
  changed(): string[];
}

export function createPeripheral({ name, start, length = 0x400, registers, clocked }: PeripheralSpec): Peripheral {
  const stored = new Map<number, number>();
  const offsets = new Map(Object.entries(registers).map(([offset, spec]) => [spec.name, Number(offset)]));
  const specAt = (offset: number): RegisterSpec => {
    const spec = registers[offset];
    if (!spec) throw new NotModelledError(`a register of ${name} that is`, start + offset);
    return spec;
  };
  const reset = (): void => {
    for (const [offset, spec] of Object.entries(registers)) stored.set(Number(offset), (spec.reset ?? 0) >>> 0);
  };
  const offsetOf = (register: string): number => {
    const offset = offsets.get(register);
    if (offset === undefined) throw new RangeError(`${name} has no ${register}`);
    return offset;
  };
  const readWord = (offset: number): number => {
    const spec = specAt(offset);
    const value = stored.get(offset) ?? 0;
    return (spec.read ? spec.read(value) : value) >>> 0;
  };
  const device: Device = {
    read(offset, width) {
      if (clocked && !clocked()) return 0;
      const word = readWord(offset & ~3);
      return width === 4 ? word : (word >>> (8 * (offset & 3))) & maskOf(width);
    },
    write(offset, width, value) {
      if (clocked && !clocked()) return;
      const at = offset & ~3;
      const spec = specAt(at);
      const before = stored.get(at) ?? 0;
      const shift = 8 * (offset & 3);
      // A byte or half-word stands on all its lanes; registers that are acted on take it where it belongs.
      const word = width === 4 ? value : (readWord(at) & ~(maskOf(width) << shift)) | (value << shift);
      const allowed = spec.writable ?? -1;
      const merged = ((before & ~allowed) | (word & allowed)) >>> 0;
      stored.set(at, (spec.write ? spec.write(merged, before) : merged) >>> 0);
    },
  };
  reset();
  return {
    region: { name, start, length, device, neverExecuted: true },
    device,
    get: (register) => stored.get(offsetOf(register)) ?? 0,
    set: (register, value) => {
      stored.set(offsetOf(register), value >>> 0);
    },
    has: (register) => offsets.has(register),
    reset,
    changed: () =>
      Object.entries(registers)
        .filter(([offset, spec]) => (stored.get(Number(offset)) ?? 0) !== (spec.reset ?? 0) >>> 0)
        .map(([, spec]) => spec.name),
  };
}

function maskOf(width: Width): number {
  return width === 1 ? 0xff : 0xffff;
}

/** A register whose bits are cleared by writing ones. */
export function clearedByOnes(name: string, bits: number): RegisterSpec {
  return { name, write: (written, stored) => stored & ~(written & bits) };
}

/** A register that only ever shows a value. */
export function constant(name: string, value: number): RegisterSpec {
  return { name, reset: value, writable: 0 };
}

/** Registers that keep what is written, with their reset values, by offset. */
export function plain(
  rows: readonly (readonly [offset: number, name: string, reset?: number])[],
): Record<number, RegisterSpec> {
  return Object.fromEntries(rows.map(([offset, name, reset = 0]) => [offset, { name, reset }]));
}

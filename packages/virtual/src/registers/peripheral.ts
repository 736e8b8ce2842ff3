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

/** What the registers of a peripheral hold, by name. Throws for a name that is not there. */
export interface RegisterValues {
  get(name: string): number;
  set(name: string, value: number): void;
  /** Puts values into place, and registers with them. */
  load(values: Iterable<readonly [name: string, value: number]>): void;
}

export interface Peripheral {
  readonly region: Region;
  readonly device: Device;
  readonly values: RegisterValues;
  reset(): void;
  /** Registers that do not hold their reset value. */
  changed(): string[];
}

/** @param owner the peripheral, for whoever asks for a register that it does not have */
export function newRegisterValues(owner: string): RegisterValues {
  const held = new Map<string, number>();
  const known = (name: string): string => {
    if (!held.has(name)) throw new RangeError(`${owner} has no ${name}`);
    return name;
  };
  return {
    get: (name) => held.get(known(name)) ?? 0,
    set: (name, value) => held.set(known(name), value >>> 0),
    load(values) {
      for (const [name, value] of values) held.set(name, value >>> 0);
    },
  };
}

/** @param values where its registers are kept, for whoever has to look into them too; absent, a place of their own */
export function createPeripheral(spec: PeripheralSpec, values = newRegisterValues(spec.name)): Peripheral {
  const { name, start, length = 0x400, registers, clocked = () => true } = spec;
  const afterReset = Object.values(registers).map((register) => [register.name, (register.reset ?? 0) >>> 0] as const);
  const device: Device = {
    read: (offset, width) => (clocked() ? readRegister(spec, values, offset, width) : 0),
    write(offset, width, value) {
      if (clocked()) writeRegister({ spec, values }, offset, width, value);
    },
  };
  values.load(afterReset);
  return {
    region: { name, start, length, device, neverExecuted: true },
    device,
    values,
    reset: () => values.load(afterReset),
    changed: () =>
      afterReset.filter(([register, value]) => values.get(register) !== value).map(([register]) => register),
  };
}

function registerAt({ name, start, registers }: PeripheralSpec, offset: number): RegisterSpec {
  const register = registers[offset];
  if (!register) throw new NotModelledError(`a register of ${name} that is`, start + offset);
  return register;
}

function readRegister(spec: PeripheralSpec, values: RegisterValues, offset: number, width: Width): number {
  const word = wordOf(registerAt(spec, offset & ~3), values);
  return width === 4 ? word : (word >>> (8 * (offset & 3))) & maskOf(width);
}

/** A register as it reads. */
function wordOf({ name, read }: RegisterSpec, values: RegisterValues): number {
  const stored = values.get(name);
  return (read ? read(stored) : stored) >>> 0;
}

function writeRegister(
  { spec, values }: { readonly spec: PeripheralSpec; readonly values: RegisterValues },
  offset: number,
  width: Width,
  value: number,
): void {
  const register = registerAt(spec, offset & ~3);
  const before = values.get(register.name);
  const shift = 8 * (offset & 3);
  // A byte or half-word stands on all its lanes; registers that are acted on take it where it belongs.
  const word = width === 4 ? value : (wordOf(register, values) & ~(maskOf(width) << shift)) | (value << shift);
  const allowed = register.writable ?? -1;
  const merged = ((before & ~allowed) | (word & allowed)) >>> 0;
  values.set(register.name, register.write ? register.write(merged, before) : merged);
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

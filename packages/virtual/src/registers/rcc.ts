/**
 * Reset and clock control: ready flags follow their switches, the status of the clock switch follows it, enables open
 * peripherals and reset bits reset them, flags tell what the last reset was. Which bits these are, a family's table says.
 */

import { NotModelledError } from '../core/index.ts';
import { createPeripheral, type Peripheral, type RegisterSpec } from './peripheral.ts';

export type ResetCause = 'power' | 'pin' | 'software' | 'watchdog' | 'option bytes';

export interface ClockSource {
  readonly source: string;
  readonly hz: number;
}

export interface RccSpec {
  readonly start: number;
  /** Offset, name, value after reset; those of the backup domain and the reset flags are apart. */
  readonly registers: readonly (readonly [offset: number, name: string, reset?: number])[];
  /** Register, bit that switches on, bit that says ready. */
  readonly ready: readonly (readonly [register: string, on: number, ready: number])[];
  /** Register of the clock switch: its field is at bit 0, its status at `shift`. */
  readonly clockSwitch: { readonly register: string; readonly mask: number; readonly shift: number };
  /**
   * The switches that must be on for a source, by its value in the clock switch: the source's own first, then those of the
   * oscillators behind it. The clock changes over once the first is on; while the source drives the system none of them
   * can be turned off (RM0008 §8.2.6, §8.3.1 and their like).
   */
  readonly driving: (get: (register: string) => number, source: number) => readonly ClockOscillator[];
  /** What drives SYSCLK, and AHB's divider taken into account: HCLK. */
  readonly clock: (get: (register: string) => number, hseHz: number) => ClockSource;
  /** What each reset sets in the flag register, and the bit that clears them. */
  readonly flags: Readonly<Record<ResetCause, number>> & { readonly register: string; readonly clear: number };
  /** Bits that put a peripheral into reset: register, bit, peripheral. */
  readonly resets: readonly (readonly [register: string, bit: number, peripheral: string])[];
  /** Registers that outlive a system reset. */
  readonly backup: readonly string[];
}

/** Register, and the bit that turns an oscillator or a PLL on. */
export type ClockOscillator = readonly [register: string, bit: number];

export interface RccEvents {
  readonly hseHz: number;
  /** HCLK changed. */
  clockChanged(clock: ClockSource): void;
  resetPeripheral(name: string): void;
}

export interface Rcc {
  readonly peripheral: Peripheral;
  readonly clock: ClockSource;
  /** Whether the bit of an enable register is set. */
  enabled(register: string, bit: number): boolean;
  reset(cause: ResetCause): void;
  /** Registers other than reset flags that do not hold their reset value. */
  changed(): string[];
}

export function createRcc(spec: RccSpec, events: RccEvents): Rcc {
  const { ready, clockSwitch, flags } = spec;
  let last = '';
  const sourceNow = () => (peripheral.get(clockSwitch.register) >>> clockSwitch.shift) & clockSwitch.mask;
  /** What is stored of a write: flags that clear are not, a switch that is needed stays on, a ready flag follows it. */
  const followed = (name: string, written: number): number => {
    let value = written & ~(FLAG_CLEARS[name] ?? 0);
    for (const [register, bit] of spec.driving((each) => peripheral.get(each), sourceNow())) {
      if (register === name) value |= 1 << bit;
    }
    for (const [register, on, status] of ready) {
      if (register !== name) continue;
      value = (value >>> on) & 1 ? value | (1 << status) : value & ~(1 << status);
    }
    if (name !== clockSwitch.register) return value;
    const { mask, shift } = clockSwitch;
    return (value & ~(mask << shift)) | (sourceNow() << shift);
  };
  /** The clock changes over to the source that is asked for when that one runs. */
  const changeOver = (): void => {
    const { register, mask, shift } = clockSwitch;
    const stored = peripheral.get(register);
    const [own] = spec.driving((each) => peripheral.get(each), stored & mask);
    const runs = own === undefined || ((peripheral.get(own[0]) >>> own[1]) & 1) === 1;
    if (runs) peripheral.set(register, (stored & ~(mask << shift)) | ((stored & mask) << shift));
  };
  const settle = (): void => {
    const clock = clockNow();
    if (!Number.isFinite(clock.hz) || clock.hz <= 0) {
      throw new NotModelledError(`a core clock from ${clock.source} that stands still, selected`, spec.start);
    }
    const key = `${clock.source} ${clock.hz}`;
    if (key === last) return;
    last = key;
    events.clockChanged(clock);
  };
  const written = (name: string, value: number, stored: number): number => {
    let next = followed(name, value);
    if (name === flags.register) {
      const all = CAUSES.reduce((bits, cause) => bits | (1 << flags[cause]), 0);
      next = (next & ~all) | ((value >>> flags.clear) & 1 ? 0 : stored & all);
      next &= ~(1 << flags.clear);
    }
    for (const [register, bit, peripheralName] of spec.resets) {
      if (register === name && (next >>> bit) & 1 && !((stored >>> bit) & 1)) events.resetPeripheral(peripheralName);
    }
    peripheral.set(name, next);
    changeOver();
    settle();
    return peripheral.get(name);
  };
  const registers: Record<number, RegisterSpec> = {};
  for (const [offset, name, reset = 0] of spec.registers) {
    registers[offset] = { name, reset, write: (value, stored) => written(name, value, stored) };
  }
  const peripheral = createPeripheral({ name: 'RCC', start: spec.start, registers });
  /** By the status of the clock switch, not by what was asked of it. */
  const clockNow = () =>
    spec.clock((register) => {
      const value = peripheral.get(register);
      return register === clockSwitch.register ? (value & ~clockSwitch.mask) | sourceNow() : value;
    }, events.hseHz);
  return {
    peripheral,
    get clock() {
      return clockNow();
    },
    enabled: (register, bit) => ((peripheral.get(register) >>> bit) & 1) === 1,
    reset(cause) {
      const kept = cause === 'power' ? [] : spec.backup.map((name) => [name, peripheral.get(name)] as const);
      const flagsBefore = cause === 'power' ? 0 : peripheral.get(flags.register);
      peripheral.reset();
      for (const [name, value] of kept) peripheral.set(name, value);
      // Every reset pulls the reset pin low, which is why its flag is set too (RM0008 §8.3.10).
      peripheral.set(flags.register, flagsBefore | (1 << flags[cause]) | (1 << flags.pin));
      settle();
    },
    changed: () => peripheral.changed().filter((name) => name !== flags.register),
  };
}

/** Bits that clear flags of interrupts and read as 0: 23–16 of CIR (RM0008 §8.3.3, RM0090 §7.3.4), all of CICR (RM0351 §6.4.9). */
const FLAG_CLEARS: Readonly<Record<string, number>> = { CIR: 0x00ff_0000, CICR: -1 };

const CAUSES = ['power', 'pin', 'software', 'watchdog', 'option bytes'] as const;

/** HPRE: AHB's divider from its four bits (RM0090 §7.3.3). */
export function dividedByAhb(hz: number, hpre: number): number {
  const dividers = [2, 4, 8, 16, 64, 128, 256, 512];
  return hpre < 8 ? hz : hz / (dividers[hpre - 8] ?? 1);
}

/**
 * Reset and clock control: ready flags follow their switches, the status of the clock switch follows it, enables open
 * peripherals and reset bits reset them, flags tell what the last reset was. Which bits these are, a family's table says.
 */

import { NotModelledError } from '../core/index.ts';
import {
  createPeripheral,
  newRegisterValues,
  type Peripheral,
  type RegisterSpec,
  type RegisterValues,
} from './peripheral.ts';

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

/** What its functions work on. */
interface RccState {
  readonly spec: RccSpec;
  readonly events: RccEvents;
  readonly values: RegisterValues;
  /** What was told last of the clock. */
  told: ClockSource | undefined;
}

export function createRcc(spec: RccSpec, events: RccEvents): Rcc {
  const values = newRegisterValues('RCC');
  const state: RccState = { spec, events, values, told: undefined };
  const registers: Record<number, RegisterSpec> = {};
  for (const [offset, name, reset = 0] of spec.registers) {
    registers[offset] = { name, reset, write: (value, stored) => written(state, name, value, stored) };
  }
  const peripheral = createPeripheral({ name: 'RCC', start: spec.start, registers }, values);
  return {
    peripheral,
    get clock() {
      return clockNow(state);
    },
    enabled: (register, bit) => ((values.get(register) >>> bit) & 1) === 1,
    reset: (cause) => resetRcc(state, peripheral, cause),
    changed: () => peripheral.changed().filter((name) => name !== spec.flags.register),
  };
}

function resetRcc(state: RccState, peripheral: Peripheral, cause: ResetCause): void {
  const { spec, values } = state;
  const { flags, backup } = spec;
  const kept = cause === 'power' ? [] : backup.map((name) => [name, values.get(name)] as const);
  const flagsBefore = cause === 'power' ? 0 : values.get(flags.register);
  peripheral.reset();
  values.load(kept);
  // Every reset pulls the reset pin low, which is why its flag is set too (RM0008 §8.3.10).
  values.set(flags.register, flagsBefore | (1 << flags[cause]) | (1 << flags.pin));
  settle(state);
}

/** A write to a register and all that follows from it. @returns what is stored */
function written(state: RccState, name: string, value: number, stored: number): number {
  const { spec, events, values } = state;
  const next = name === spec.flags.register ? withFlags(state, value, stored) : followed(state, name, value);
  for (const [register, bit, peripheral] of spec.resets) {
    if (register === name && (next >>> bit) & 1 && !((stored >>> bit) & 1)) events.resetPeripheral(peripheral);
  }
  values.set(name, next);
  changeOver(state);
  settle(state);
  return values.get(name);
}

/** The register of the reset flags: they stay until their bit clears them. */
function withFlags(state: RccState, value: number, stored: number): number {
  const { flags } = state.spec;
  const all = CAUSES.reduce((bits, cause) => bits | (1 << flags[cause]), 0);
  const others = followed(state, flags.register, value) & ~all & ~(1 << flags.clear);
  return others | ((value >>> flags.clear) & 1 ? 0 : stored & all);
}

/** What is stored of a write: flags that clear are not, a switch that is needed stays on, a ready flag follows it. */
function followed(state: RccState, name: string, written: number): number {
  const { spec, values } = state;
  let value = written & ~(FLAG_CLEARS[name] ?? 0);
  for (const [register, bit] of spec.driving((each) => values.get(each), sourceNow(state))) {
    if (register === name) value |= 1 << bit;
  }
  for (const [register, on, status] of spec.ready) {
    if (register !== name) continue;
    value = (value >>> on) & 1 ? value | (1 << status) : value & ~(1 << status);
  }
  const { register, mask, shift } = spec.clockSwitch;
  return name === register ? (value & ~(mask << shift)) | (sourceNow(state) << shift) : value;
}

/** The status of the clock switch. */
function sourceNow({ spec, values }: RccState): number {
  const { register, mask, shift } = spec.clockSwitch;
  return (values.get(register) >>> shift) & mask;
}

/** The clock changes over to the source that is asked for when that one runs. */
function changeOver({ spec, values }: RccState): void {
  const { register, mask, shift } = spec.clockSwitch;
  const stored = values.get(register);
  const [own] = spec.driving((each) => values.get(each), stored & mask);
  const runs = own === undefined || ((values.get(own[0]) >>> own[1]) & 1) === 1;
  if (runs) values.set(register, (stored & ~(mask << shift)) | ((stored & mask) << shift));
}

/** By the status of the clock switch, not by what was asked of it. */
function clockNow(state: RccState): ClockSource {
  const { spec, events, values } = state;
  const { register: switchRegister, mask } = spec.clockSwitch;
  return spec.clock((register) => {
    const value = values.get(register);
    return register === switchRegister ? (value & ~mask) | sourceNow(state) : value;
  }, events.hseHz);
}

/** Tells of a clock that is another now. */
function settle(state: RccState): void {
  const { spec, events, told } = state;
  const clock = clockNow(state);
  if (!Number.isFinite(clock.hz) || clock.hz <= 0) {
    throw new NotModelledError(`a core clock from ${clock.source} that stands still, selected`, spec.start);
  }
  if (clock.source === told?.source && clock.hz === told.hz) return;
  state.told = clock;
  events.clockChanged(clock);
}

/** Bits that clear flags of interrupts and read as 0: 23–16 of CIR (RM0008 §8.3.3, RM0090 §7.3.4), all of CICR (RM0351 §6.4.9). */
const FLAG_CLEARS: Readonly<Record<string, number>> = { CIR: 0x00ff_0000, CICR: -1 };

const CAUSES = ['power', 'pin', 'software', 'watchdog', 'option bytes'] as const;

/** HPRE: AHB's divider from its four bits (RM0090 §7.3.3). */
export function dividedByAhb(hz: number, hpre: number): number {
  const dividers = [2, 4, 8, 16, 64, 128, 256, 512];
  return hpre < 8 ? hz : hz / (dividers[hpre - 8] ?? 1);
}

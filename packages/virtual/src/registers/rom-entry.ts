/** How the ROM bootloader was entered: what its first instruction would find, for tests that jump there. */

import type { Core } from '../core/index.ts';
import type { ClockSource, Rcc } from './rcc.ts';

export interface RomEntry {
  /** Whether a reset led here, or a jump from a program. */
  readonly by: 'reset' | 'jump';
  /** Ms of the model's clock. */
  readonly at: number;
  readonly msp: number;
  readonly psp: number;
  readonly control: number;
  readonly primask: number;
  readonly faultmask: number;
  readonly basepri: number;
  /** IPSR: an entry out of a handler leaves it above 0. */
  readonly exception: number;
  readonly vtor: number;
  /** SYST_CSR and SYST_RVR. */
  readonly sysTick: { readonly control: number; readonly reload: number };
  /** Interrupts, and system exceptions from 14 on as negative numbers (−2 PendSV, −1 SysTick). */
  readonly enabledInterrupts: readonly number[];
  readonly pendingInterrupts: readonly number[];
  readonly clock: ClockSource;
  /** Registers of RCC that do not hold their reset value. */
  readonly changedClocks: readonly string[];
  /** What address 0 shows; undefined where there is no choice. */
  readonly remap: string | undefined;
  readonly watchdogRunning: boolean;
}

export interface EntryParts {
  readonly core: Core;
  readonly rcc: Rcc;
  readonly interrupts: number;
  readonly watchdogRunning: boolean;
  readonly remap: string | undefined;
  readonly by: 'reset' | 'jump';
  readonly at: number;
}

const FIRST_INTERRUPT = 16;

export function describeEntry({ core, rcc, interrupts, watchdogRunning, remap, by, at }: EntryParts): RomEntry {
  const { registers, debugPort } = core;
  const numbers = (state: 'pending' | 'enabled', from: number) =>
    Array.from({ length: FIRST_INTERRUPT + interrupts - from }, (_, index) => from + index)
      .filter((number) => core.isException(state, number))
      .map((number) => number - FIRST_INTERRUPT);
  return {
    by,
    at,
    msp: registers.read('msp'),
    psp: registers.read('psp'),
    control: registers.control,
    primask: registers.primask,
    faultmask: registers.faultmask,
    basepri: registers.basepri,
    exception: registers.exception,
    vtor: registers.vtor,
    sysTick: { control: debugPort.read(0xe000_e010, 4) & 7, reload: debugPort.read(0xe000_e014, 4) },
    enabledInterrupts: numbers('enabled', FIRST_INTERRUPT),
    pendingInterrupts: numbers('pending', FIRST_INTERRUPT - 2),
    clock: rcc.clock,
    changedClocks: rcc.changed(),
    remap,
    watchdogRunning,
  };
}

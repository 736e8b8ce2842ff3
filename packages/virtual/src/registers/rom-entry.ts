/** How the ROM bootloader was entered: what its first instruction would find, for tests that jump there. */

import type { Core } from '../core/index.ts';
import type { Peripherals } from './chip-peripherals.ts';
import type { ClockSource } from './rcc.ts';

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
  /** Registers of other peripherals that a reset would have changed, as 'GPIOA.MODER'; what remaps address 0 is apart. */
  readonly changedPeripherals: readonly string[];
  /** What address 0 shows; undefined where there is no choice. */
  readonly remap: string | undefined;
  /** Ms since the watchdog was started or refreshed; undefined while it does not run. */
  readonly watchdogAge: number | undefined;
}

export interface EntryParts {
  readonly core: Core;
  readonly peripherals: Pick<Peripherals, 'rcc' | 'watchdog' | 'changed'>;
  readonly interrupts: number;
  readonly remap: string | undefined;
  readonly by: 'reset' | 'jump';
  readonly at: number;
}

const FIRST_INTERRUPT = 16;

export function describeEntry({ core, peripherals, interrupts, remap, by, at }: EntryParts): RomEntry {
  const { rcc, watchdog } = peripherals;
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
    changedPeripherals: peripherals.changed(),
    remap,
    watchdogAge: watchdog.age,
  };
}

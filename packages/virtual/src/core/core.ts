/**
 * A Cortex-M core: it runs instructions for as many cycles as it is given, takes exceptions, sleeps, halts and locks
 * up. It knows nothing of chips; what lies in its memory map is the caller's, up to the Private Peripheral Bus.
 */

import { ARCHITECTURES, type Architecture, type CoreName } from './architecture.ts';
import { type CoreRegisters, type DebugPort, debugPortOf, registersOf } from './core-access.ts';
import { debugAtPowerOn } from './debug.ts';
import type { MemoryMap } from './memory.ts';
import { type InterruptController, interruptController } from './nvic.ts';
import { createParts, type Parts } from './parts.ts';
import { resetTo, run, step } from './run.ts';
import { attend, cyclesOf } from './status.ts';

export type CoreState = 'running' | 'halted' | 'sleeping' | 'locked up';

export interface CoreOptions {
  readonly core: CoreName;
  readonly bus: MemoryMap;
  /** External interrupts; absent, 32 on baseline cores and 96 on the others. */
  readonly interrupts?: number;
  /** Cycles to a tick of SysTick's external reference; absent, 8 (RM0008 §9.1). */
  readonly sysTickDivider?: number;
  /** Called before the instruction at an address is executed: for stubs that look at the core. */
  readonly traps?: ReadonlyMap<number, () => void>;
  /** AIRCR.SYSRESETREQ or VECTRESET was written: what resets the chip, and then the core. Absent, only the core. */
  readonly onResetRequest?: (kind: 'system' | 'core') => void;
}

export interface Core {
  readonly architecture: Architecture;
  readonly bus: MemoryMap;
  readonly registers: CoreRegisters;
  readonly state: CoreState;
  /** Cycles that have passed since power-on, to the instruction that runs. */
  readonly cycles: number;
  readonly interrupts: InterruptController;
  /** Start of the region that instructions come from. */
  readonly executingFrom: number;
  readonly debugPort: DebugPort;
  /** Why the core faulted: CFSR, HFSR, BFAR and MMFAR, on every architecture. */
  readonly faultStatus: { readonly cfsr: number; readonly hfsr: number; readonly bfar: number; readonly mmfar: number };
  /** Exceptions by number: pending, active, enabled. */
  isException(state: 'pending' | 'active' | 'enabled', number: number): boolean;
  /** Reset; SP and PC come from `vectors`. Halting debug outlives it. */
  reset(vectors?: number): void;
  /** Power-on: a reset that debug settings do not outlive. */
  powerOn(vectors?: number): void;
  /** Lets `cycles` pass, running or not. Throws what a device or `NotModelledError` throws, standing at that instruction. */
  run(cycles: number): void;
  /** Runs one instruction, or enters a pending exception. */
  step(): void;
  /** A device has changed something that the core should look at after its current instruction. */
  attend(): void;
  /** The bus makes the current instruction take this many cycles more. */
  stall(cycles: number): void;
}

export function createCore(options: CoreOptions): Core {
  const architecture = ARCHITECTURES[options.core];
  const { bus, onResetRequest, interrupts = architecture.mainline ? 96 : 32, sysTickDivider = 8 } = options;
  const { traps = new Map() } = options;
  const parts: Parts = createParts({ architecture, bus, interrupts, sysTickDivider, traps }, () => step(parts));
  const { machine, status, debug } = parts;
  const { cpu, exceptions, control } = machine;
  return {
    architecture,
    bus,
    registers: registersOf(parts),
    get state() {
      return debug.halted ? 'halted' : debug.core.state();
    },
    get cycles() {
      return cyclesOf(status, cpu);
    },
    get executingFrom() {
      return cpu.executing;
    },
    interrupts: interruptController(cpu, exceptions),
    debugPort: debugPortOf(parts),
    get faultStatus() {
      const { cfsr, hfsr, bfar, mmfar } = control;
      return { cfsr: cfsr >>> 0, hfsr: hfsr >>> 0, bfar: bfar >>> 0, mmfar: mmfar >>> 0 };
    },
    isException: (state, number) => exceptions[state][number] === 1,
    reset: (vectors = 0) => resetTo(parts, vectors),
    powerOn(vectors = 0) {
      debugAtPowerOn(debug);
      resetTo(parts, vectors);
    },
    run: (cycles) => run(parts, cycles, onResetRequest),
    step: () => step(parts),
    attend: () => attend(status, cpu),
    stall(cycles) {
      cpu.left -= cycles;
    },
  };
}

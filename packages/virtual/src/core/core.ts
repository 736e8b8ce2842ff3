/**
 * A Cortex-M core: it runs instructions for as many cycles as it is given, takes exceptions, sleeps, halts and locks
 * up. It knows nothing of chips; what lies in its memory map is the caller's, up to the Private Peripheral Bus.
 */

import { ARCHITECTURES, type Architecture, type CoreName } from './architecture.ts';
import { SP } from './cpu.ts';
import { readRegister, writeRegister } from './debug.ts';
import { enterException, takeFault } from './exception-entry.ts';
import { EXCEPTION, exceptionToTake, FIRST_INTERRUPT, resetExceptions } from './exceptions.ts';
import { execute, executeOne } from './execute.ts';
import { type Fault, isFault, usageFault } from './faults.ts';
import type { MemoryMap, Width } from './memory.ts';
import type { InterruptController } from './nvic.ts';
import { createParts, type Parts } from './parts.ts';
import { cyclesOf } from './status.ts';
import { resetSystemControl } from './system-control.ts';

export type CoreState = 'running' | 'halted' | 'sleeping' | 'locked up';

export interface CoreOptions {
  readonly core: CoreName;
  readonly bus: MemoryMap;
  /** External interrupts; absent, 32 on baseline cores and 96 on the others. */
  readonly interrupts?: number;
  /** Cycles to a tick of SysTick's external reference; absent, 8 (RM0008 §9.1). */
  readonly sysTickDivider?: number;
  /** AIRCR.SYSRESETREQ or VECTRESET was written: what resets the chip, and then the core. Absent, only the core. */
  /** Called before the instruction at an address is executed: for stubs that look at the core. */
  readonly traps?: ReadonlyMap<number, () => void>;
  readonly onResetRequest?: (kind: 'system' | 'core') => void;
}

/** Names of what `registers` reads and writes; 0 to 12 are R0 to R12. */
export type RegisterName = keyof typeof REGISTER_SELECT | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

/** DCRSR's numbers (ARMv7-M ARM, C1.6.3). */
const REGISTER_SELECT = {
  sp: 13,
  lr: 14,
  pc: 15,
  xpsr: 16,
  msp: 17,
  psp: 18,
  masks: 20,
  msplim: 28,
  psplim: 29,
} as const;

export interface CoreRegisters {
  /** Unsigned; `masks` is CONTROL, FAULTMASK, BASEPRI and PRIMASK from the top byte down. */
  read(name: RegisterName): number;
  write(name: RegisterName, value: number): void;
  readonly primask: number;
  readonly faultmask: number;
  readonly basepri: number;
  readonly control: number;
  /** IPSR: 0 in Thread mode. */
  readonly exception: number;
  readonly vtor: number;
}

/** The bus as a debug probe sees it: it can switch halting debug on, and privilege does not bind it. */
export interface DebugPort {
  /** @returns an unsigned value; throws a `Fault` where the bus answers with an error */
  read(address: number, width: Width): number;
  write(address: number, width: Width, value: number): void;
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
  const lines = new Set<number>();

  const core: Core = {
    architecture,
    bus,
    registers: registersOf(parts),
    get state() {
      if (debug.halted) return 'halted';
      if (status.lockedUp) return 'locked up';
      return status.sleeping ? 'sleeping' : 'running';
    },
    get cycles() {
      return cyclesOf(status, cpu);
    },
    get executingFrom() {
      return cpu.executing;
    },
    interrupts: {
      pend(interrupt) {
        exceptions.pending[FIRST_INTERRUPT + interrupt] = 1;
        cpu.requests.attend();
      },
      setLine(interrupt, high) {
        if (!high) lines.delete(interrupt);
        else if (!lines.has(interrupt)) {
          lines.add(interrupt);
          cpu.requests.attend();
        }
      },
    },
    debugPort: debugPortOf(parts),
    get faultStatus() {
      const { cfsr, hfsr, bfar, mmfar } = control;
      return { cfsr: cfsr >>> 0, hfsr: hfsr >>> 0, bfar: bfar >>> 0, mmfar: mmfar >>> 0 };
    },
    isException: (state, number) => exceptions[state][number] === 1,
    reset: (vectors = 0) => resetTo(parts, vectors),
    powerOn(vectors = 0) {
      debug.powerOn();
      resetTo(parts, vectors);
    },
    run(cycles) {
      const target = cyclesOf(status, cpu) + cycles;
      while (cyclesOf(status, cpu) < target) {
        if (status.resetRequest) {
          const kind = status.resetRequest;
          status.resetRequest = undefined;
          if (onResetRequest) onResetRequest(kind);
          else resetTo(parts, control.vtor);
          continue;
        }
        for (const line of lines) {
          if (exceptions.active[FIRST_INTERRUPT + line] === 0) exceptions.pending[FIRST_INTERRUPT + line] = 1;
        }
        advance(parts, target);
      }
    },
    step: () => step(parts),
    attend: () => cpu.requests.attend(),
    stall(cycles) {
      cpu.left -= cycles;
    },
  };
  return core;
}

/** Runs, sleeps or stands still to the next thing that happens, at most to the cycle `target`. */
function advance(parts: Parts, target: number): void {
  const { machine, status, debug, systick, stops } = parts;
  const { cpu, exceptions } = machine;
  if (systick.update(cyclesOf(status, cpu))) exceptions.pending[EXCEPTION.SYSTICK] = 1;
  if (debug.halted) return passTo(parts, target);
  const horizon = Math.min(target, systick.due);
  if (status.lockedUp && exceptions.pending[EXCEPTION.NMI] !== 1) return passTo(parts, target);
  if (status.sleeping && !wakes(parts)) return passTo(parts, horizon);
  if (takePending(parts)) return;
  if (cpu.t === 0) return takeFault(machine, usageFault('INVSTATE'), cpu.pc);
  setHorizon(parts, horizon);
  const fault = execute(cpu, stops);
  if (fault) takeFault(machine, fault, cpu.pc);
}

/** Enters the pending exception that may preempt, if there is one. @returns whether it did */
function takePending({ machine, debug, status }: Parts): boolean {
  const { cpu, exceptions } = machine;
  const number = exceptionToTake(cpu, exceptions);
  if (number === 0 || (debug.masksInterrupts && number >= EXCEPTION.PENDSV)) return false;
  status.lockedUp = false;
  machine.caught(number, undefined);
  enterException(machine, number, cpu.pc);
  return true;
}

/** What ends WFI and WFE: an exception that would preempt but for PRIMASK; WFE also events (ARMv7-M ARM, B1.5.17). */
function wakes({ machine, status }: Parts): boolean {
  const { cpu, exceptions, control } = machine;
  const wanted = exceptionToTake(cpu, exceptions, true) !== 0;
  const event = control.event || ((control.scr & 0x10) !== 0 && exceptions.pending.includes(1));
  if (!wanted && !(status.sleeping === 'event' && event)) return false;
  if (status.sleeping === 'event') control.event = false;
  status.sleeping = undefined;
  return true;
}

function setHorizon({ status, machine: { cpu } }: Parts, horizon: number): void {
  const now = cyclesOf(status, cpu);
  status.end = horizon;
  status.held = 0;
  cpu.left = horizon - now;
}

function passTo(parts: Parts, cycle: number): void {
  setHorizon(parts, cycle);
  parts.machine.cpu.left = Math.min(0, parts.machine.cpu.left);
}

/** One instruction, for a probe or a test; an exception that is pending is entered instead. */
function step(parts: Parts): void {
  const { machine, status, systick, stops } = parts;
  const { cpu, exceptions } = machine;
  if (systick.update(cyclesOf(status, cpu))) exceptions.pending[EXCEPTION.SYSTICK] = 1;
  if (status.lockedUp) return;
  if (status.sleeping && !wakes(parts)) return;
  if (takePending(parts)) return;
  if (cpu.t === 0) return takeFault(machine, usageFault('INVSTATE'), cpu.pc);
  const fault = executeOne(cpu, stops);
  if (fault) takeFault(machine, fault, cpu.pc);
}

function resetTo(parts: Parts, vectors: number): void {
  const { machine, status, debug, systick } = parts;
  const { cpu, exceptions, control } = machine;
  resetExceptions(exceptions);
  resetSystemControl(control, cpu, vectors);
  systick.reset();
  Object.assign(cpu, { it: 0, t: 1, exception: 0, primask: 0, faultmask: 0, basepri: 0, control: 0, monitor: -1 });
  Object.assign(cpu, { mspLimit: 0, pspLimit: 0, aligned: !cpu.architecture.mainline, otherSp: 0 });
  cpu.epoch += 1;
  cpu.requests.attend();
  status.sleeping = undefined;
  status.lockedUp = false;
  status.resetRequest = undefined;
  cpu.r[14] = -1;
  try {
    cpu.r[SP] = cpu.bus.read32(vectors) & ~3;
    const entry = cpu.bus.read32(vectors + 4);
    cpu.pc = (entry & ~1) >>> 0;
    cpu.t = entry & 1;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    control.hfsr |= 2;
    machine.lockUp();
  }
  debug.afterReset();
}

function debugPortOf({ machine: { cpu }, asDebugger }: Parts): DebugPort {
  const mustBeAligned = (address: number, width: Width): void => {
    if (address % width !== 0) throw { fault: 'UNALIGNED', address } satisfies Fault;
  };
  return {
    read(address, width) {
      mustBeAligned(address, width);
      const { bus } = cpu;
      return asDebugger(() => {
        if (width === 1) return bus.read8(address);
        return width === 2 ? bus.read16(address) : bus.read32(address) >>> 0;
      });
    },
    write(address, width, value) {
      mustBeAligned(address, width);
      const { bus } = cpu;
      asDebugger(() => {
        if (width === 1) bus.write8(address, value);
        else if (width === 2) bus.write16(address, value);
        else bus.write32(address, value);
      });
    },
  };
}

function registersOf({ machine: { cpu, control } }: Parts): CoreRegisters {
  const select = (name: RegisterName) => (typeof name === 'number' ? name : REGISTER_SELECT[name]);
  return {
    read: (name) => readRegister(cpu, select(name)),
    write: (name, value) => writeRegister(cpu, select(name), value),
    get primask() {
      return cpu.primask;
    },
    get faultmask() {
      return cpu.faultmask;
    },
    get basepri() {
      return cpu.basepri;
    },
    get control() {
      return cpu.control;
    },
    get exception() {
      return cpu.exception;
    },
    get vtor() {
      return control.vtor >>> 0;
    },
  };
}

/** Entering and leaving exceptions: the stack frame, EXC_RETURN, escalation and lockup (ARMv7-M ARM, B1.5.6 to B1.5.15). */

import { type Cpu, LR, readXpsr, SP, writeXpsr } from './cpu.ts';
import { activeCount, EXCEPTION, type Exceptions, executionPriority, priorityOf } from './exceptions.ts';
import { CFSR, type CoreFault, isCoreFault } from './faults.ts';
import { useStack, usesProcessStack } from './special-registers.ts';
import type { SystemControl } from './system-control.ts';

/** The parts of a core that exceptions work on. */
export interface Machine {
  readonly cpu: Cpu;
  readonly exceptions: Exceptions;
  readonly control: SystemControl;
  /** The core found itself without a handler that it may enter. */
  lockUp(): void;
  /** Vector catch: a debugger may want to see this exception before its handler does. */
  caught(number: number, fault: CoreFault | undefined): void;
  sleepOnExit(): void;
}

const FRAME_BYTES = 32;
const HFSR = { VECTTBL: 1 << 1, FORCED: 1 << 30, DEBUGEVT: -0x8000_0000 } as const;

/** Takes an exception whose handler returns to `returnAddress`. */
export function enterException(machine: Machine, number: number, returnAddress: number): void {
  const { cpu } = machine;
  const link = excReturnOf(cpu);
  cpu.left -= 12;
  try {
    pushFrame(machine, returnAddress);
  } catch (thrown) {
    if (!isCoreFault(thrown)) throw thrown;
    const overflow = thrown.fault === 'STKOF';
    machine.control.cfsr |= overflow ? CFSR.STKOF : CFSR.STKERR;
    const derived = escalated(machine, overflow ? EXCEPTION.USAGE_FAULT : EXCEPTION.BUS_FAULT);
    if (derived === 0) {
      machine.lockUp();
      return;
    }
    const first = priorityOf(machine.exceptions, derived) <= priorityOf(machine.exceptions, number) ? derived : number;
    machine.exceptions.pending[first === derived ? number : derived] = 1;
    startHandler(machine, first, link);
    return;
  }
  startHandler(machine, number, link);
}

function excReturnOf(cpu: Cpu): number {
  const later = cpu.architecture.version === 8;
  if (cpu.exception !== 0) return later ? 0xffff_ffb0 : 0xffff_fff1;
  if (usesProcessStack(cpu)) return later ? 0xffff_ffbc : 0xffff_fffd;
  return later ? 0xffff_ffb8 : 0xffff_fff9;
}

function pushFrame({ cpu, control }: Machine, returnAddress: number): void {
  const { r, bus } = cpu;
  const padded = control.stackAlign && (r[SP] & 4) !== 0;
  const frame = (r[SP] - FRAME_BYTES - (padded ? 4 : 0)) | 0;
  const limit = usesProcessStack(cpu) ? cpu.pspLimit : cpu.mspLimit;
  const xpsr = (readXpsr(cpu) & ~0x200) | (padded ? 0x200 : 0);
  if (frame >>> 0 < limit) {
    r[SP] = limit;
    throw { fault: 'STKOF' } satisfies CoreFault;
  }
  r[SP] = frame;
  [r[0], r[1], r[2], r[3], r[12], r[LR], returnAddress, xpsr].forEach((word, index) => {
    bus.write32(frame + 4 * index, word);
  });
}

/** What follows stacking, and all that a tail-chained exception has. */
function startHandler(machine: Machine, number: number, link: number): void {
  const { cpu, exceptions, control } = machine;
  useStack(cpu, 'main');
  cpu.control &= ~2;
  cpu.exception = number;
  cpu.it = 0;
  cpu.monitor = -1;
  cpu.r[LR] = link;
  cpu.epoch += 1;
  exceptions.pending[number] = 0;
  exceptions.active[number] = 1;
  control.event = true;
  let vector: number;
  try {
    vector = cpu.bus.read32(control.vtor + 4 * number);
  } catch (thrown) {
    if (!isCoreFault(thrown)) throw thrown;
    control.hfsr |= HFSR.VECTTBL;
    exceptions.active[number] = 0;
    if (number <= EXCEPTION.HARD_FAULT || executionPriority(cpu, exceptions) <= -1) {
      machine.lockUp();
      return;
    }
    machine.caught(EXCEPTION.HARD_FAULT, { fault: 'VECTTBL' });
    startHandler(machine, EXCEPTION.HARD_FAULT, link);
    return;
  }
  cpu.pc = (vector & ~1) >>> 0;
  cpu.t = vector & 1;
  cpu.requests.attend();
}

/** Which exception a fault comes out as. @returns 0 for lockup */
function escalated(machine: Machine, number: number): number {
  const { cpu, exceptions, control } = machine;
  const now = executionPriority(cpu, exceptions);
  if (cpu.architecture.mainline && exceptions.enabled[number] === 1 && priorityOf(exceptions, number) < now) {
    return number;
  }
  if (now <= -1) return 0;
  control.hfsr |= HFSR.FORCED;
  return EXCEPTION.HARD_FAULT;
}

const MEM_MANAGE = CFSR.IACCVIOL | CFSR.DACCVIOL | CFSR.MSTKERR | CFSR.MUNSTKERR;
const BUS_FAULT = CFSR.IBUSERR | CFSR.PRECISERR | CFSR.STKERR | CFSR.UNSTKERR;

function exceptionOf(bit: number): number {
  if (bit & MEM_MANAGE) return EXCEPTION.MEM_MANAGE;
  return bit & BUS_FAULT ? EXCEPTION.BUS_FAULT : EXCEPTION.USAGE_FAULT;
}

/** Notes a fault in CFSR, HFSR and the address registers. @returns the exception it comes out as; 0 for lockup */
function noted(machine: Machine, fault: CoreFault): number {
  const { control, cpu, exceptions } = machine;
  if (fault.fault === 'DEBUGEVT' || fault.fault === 'VECTTBL') {
    if (executionPriority(cpu, exceptions) <= -1) return 0;
    control.hfsr |= HFSR[fault.fault];
    return EXCEPTION.HARD_FAULT;
  }
  const bit = CFSR[fault.fault];
  control.cfsr |= bit;
  if (fault.address !== undefined && fault.fault === 'PRECISERR') {
    control.bfar = fault.address;
    control.cfsr |= CFSR.BFARVALID;
  }
  if (fault.address !== undefined && fault.fault === 'DACCVIOL') {
    control.mmfar = fault.address;
    control.cfsr |= CFSR.MMARVALID;
  }
  return escalated(machine, exceptionOf(bit));
}

/** The instruction at `at` failed. */
export function takeFault(machine: Machine, fault: CoreFault, at: number): void {
  const number = noted(machine, fault);
  if (number === 0) {
    machine.lockUp();
    return;
  }
  machine.caught(number, fault);
  enterException(machine, number, at);
}

/** SVC: taken at once, or HardFault where its priority does not suffice. */
export function superviseCall(machine: Machine, next: number): void {
  const { cpu, exceptions, control } = machine;
  const now = executionPriority(cpu, exceptions);
  if (priorityOf(exceptions, EXCEPTION.SVCALL) < now) {
    enterException(machine, EXCEPTION.SVCALL, next);
    return;
  }
  if (now <= -1) {
    machine.lockUp();
    return;
  }
  control.hfsr |= HFSR.FORCED;
  machine.caught(EXCEPTION.HARD_FAULT, undefined);
  enterException(machine, EXCEPTION.HARD_FAULT, next);
}

interface Return {
  readonly toThread: boolean;
  readonly onProcess: boolean;
}

/** @returns nothing for a value that the architecture does not define */
function decoded(cpu: Cpu, value: number): Return | undefined {
  const low = value & 0xff;
  const form = cpu.architecture.version === 8 ? { handler: 0xb0, main: 0xb8, process: 0xbc } : undefined;
  const { handler, main, process } = form ?? { handler: 0xf1, main: 0xf9, process: 0xfd };
  if (low === handler) return { toThread: false, onProcess: false };
  if (low === main) return { toThread: true, onProcess: false };
  return low === process ? { toThread: true, onProcess: true } : undefined;
}

/** EXC_RETURN was loaded into PC in Handler mode. Afterwards `cpu.pc` is where to go on. */
export function leaveException(machine: Machine, value: number): void {
  const { cpu, exceptions, control } = machine;
  const leaving = cpu.exception;
  const how = decoded(cpu, value);
  const nested = activeCount(exceptions);
  const valid =
    how !== undefined &&
    exceptions.active[leaving] === 1 &&
    (how.toThread ? nested === 1 || control.nonBaseThread : nested > 1);
  exceptions.active[leaving] = 0;
  if (leaving !== EXCEPTION.NMI) cpu.faultmask = 0;
  cpu.epoch += 1;
  cpu.left -= 10;
  if (!valid) {
    chainFault(machine, { fault: 'INVPC' }, value);
    return;
  }
  useStack(cpu, how.onProcess ? 'process' : 'main');
  try {
    popFrame(machine, how);
  } catch (thrown) {
    if (!isCoreFault(thrown)) throw thrown;
    if (thrown.fault === 'INVPC') {
      enterFrom(machine, thrown);
      return;
    }
    chainFault(machine, { fault: 'UNSTKERR' }, value);
    return;
  }
  control.event = true;
  cpu.requests.attend();
  if (how.toThread && control.sleepOnExit) machine.sleepOnExit();
}

/** A return that fails goes to the fault's handler without another frame. */
function chainFault(machine: Machine, fault: CoreFault, link: number): void {
  const number = noted(machine, fault);
  if (number === 0) {
    machine.lockUp();
    return;
  }
  machine.caught(number, fault);
  startHandler(machine, number, link);
}

/** The frame was unstacked, and its mode does not fit: the fault is taken from the state that it held. */
function enterFrom(machine: Machine, fault: CoreFault): void {
  takeFault(machine, fault, machine.cpu.pc);
}

function popFrame({ cpu, control }: Machine, { toThread, onProcess }: Return): void {
  const { r, bus } = cpu;
  const frame = r[SP];
  const words = [0, 4, 8, 12, 16, 20, 24, 28].map((offset) => bus.read32(frame + offset));
  const [r0 = 0, r1 = 0, r2 = 0, r3 = 0, r12 = 0, lr = 0, address = 0, xpsr = 0] = words;
  Object.assign(r, { 0: r0, 1: r1, 2: r2, 3: r3, 12: r12, 14: lr });
  r[SP] = (frame + FRAME_BYTES) | (control.stackAlign && (xpsr & 0x200) !== 0 ? 4 : 0);
  if (toThread) cpu.control = (cpu.control & ~2) | (onProcess ? 2 : 0);
  cpu.exception = xpsr & 0x1ff;
  writeXpsr(cpu, xpsr);
  cpu.pc = (address & ~1) >>> 0;
  if (toThread !== (cpu.exception === 0)) {
    // Taken as from the mode that EXC_RETURN named.
    if (toThread) cpu.exception = 0;
    throw { fault: 'INVPC' } satisfies CoreFault;
  }
}

/** What a core does next: take an exception, sleep, stand still, run, step, start from reset (ARMv7-M ARM, B1.5). */

import { SP } from './cpu.ts';
import { debugAfterReset, masksInterrupts } from './debug.ts';
import { enterException, takeFault } from './exception-entry.ts';
import { EXCEPTION, exceptionToTake, pendHighLines, resetExceptions } from './exceptions.ts';
import { execute, executeOne } from './execute.ts';
import { isCoreFault, usageFault } from './faults.ts';
import type { Parts } from './parts.ts';
import { cyclesOf } from './status.ts';
import { resetSystemControl } from './system-control.ts';
import { resetSysTick, sysTickDue, updateSysTick } from './systick.ts';

/** Lets `cycles` pass. @param onResetRequest what resets the chip, and then the core; absent, only the core is reset */
export function run(parts: Parts, cycles: number, onResetRequest?: (kind: 'system' | 'core') => void): void {
  const { machine, status } = parts;
  const { cpu, exceptions, control } = machine;
  const target = cyclesOf(status, cpu) + cycles;
  while (cyclesOf(status, cpu) < target) {
    const kind = status.resetRequest;
    status.resetRequest = undefined;
    if (kind === undefined) {
      pendHighLines(exceptions);
      advance(parts, target);
    } else if (onResetRequest) onResetRequest(kind);
    else resetTo(parts, control.vtor);
  }
}

/** Runs, sleeps or stands still to the next thing that happens, at most to the cycle `target`. */
function advance(parts: Parts, target: number): void {
  const { machine, status, debug, systick, stops } = parts;
  const { cpu, exceptions } = machine;
  if (updateSysTick(systick, cyclesOf(status, cpu))) exceptions.pending[EXCEPTION.SYSTICK] = 1;
  if (debug.halted) {
    passTo(parts, target);
    return;
  }
  const horizon = Math.min(target, sysTickDue(systick));
  if (status.lockedUp && exceptions.pending[EXCEPTION.NMI] !== 1) {
    passTo(parts, target);
    return;
  }
  if (status.sleeping && !wakes(parts)) {
    passTo(parts, horizon);
    return;
  }
  if (takePending(parts)) return;
  if (cpu.t === 0) {
    takeFault(machine, usageFault('INVSTATE'), cpu.pc);
    return;
  }
  setHorizon(parts, horizon);
  const fault = execute(cpu, stops);
  if (fault) takeFault(machine, fault, cpu.pc);
}

/** Enters the pending exception that may preempt, if there is one. @returns whether it did */
function takePending({ machine, debug, status }: Parts): boolean {
  const { cpu, exceptions } = machine;
  const number = exceptionToTake(cpu, exceptions);
  if (number === 0 || (masksInterrupts(debug) && number >= EXCEPTION.PENDSV)) return false;
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
export function step(parts: Parts): void {
  const { machine, status, systick, stops } = parts;
  const { cpu, exceptions } = machine;
  if (updateSysTick(systick, cyclesOf(status, cpu))) exceptions.pending[EXCEPTION.SYSTICK] = 1;
  if (status.lockedUp) return;
  if (status.sleeping && !wakes(parts)) return;
  if (takePending(parts)) return;
  if (cpu.t === 0) {
    takeFault(machine, usageFault('INVSTATE'), cpu.pc);
    return;
  }
  const fault = executeOne(cpu, stops);
  if (fault) takeFault(machine, fault, cpu.pc);
}

export function resetTo(parts: Parts, vectors: number): void {
  const { machine, status, debug, systick } = parts;
  const { cpu, exceptions, control } = machine;
  resetExceptions(exceptions);
  resetSystemControl(control, cpu, vectors);
  resetSysTick(systick);
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
    if (!isCoreFault(thrown)) throw thrown;
    control.hfsr |= 2;
    machine.lockUp();
  }
  debugAfterReset(debug);
}

/** The answers to what instructions ask of the parts of the core that are not registers: SVC, BKPT, WFI, MSR and their like. */

import { advanced, type Requests } from './cpu.ts';
import { type Debug, DFSR, halt, isEnabled, MON_EN } from './debug.ts';
import { leaveException, type Machine, superviseCall } from './exception-entry.ts';
import { EXCEPTION, executionPriority, priorityOf } from './exceptions.ts';
import { type CoreFault, usageFault } from './faults.ts';
import { changeState, readSpecial, writeSpecial } from './special-registers.ts';
import { attend, type Status } from './status.ts';

export function requestsOf(machine: Machine, status: Status, debug: Debug): Requests {
  const { cpu, control } = machine;
  return {
    attend: () => attend(status, cpu),
    exceptionReturn(value) {
      leaveException(machine, value);
      return cpu.pc;
    },
    supervisorCall(next) {
      cpu.it = advanced(cpu.it);
      superviseCall(machine, next);
      return cpu.pc;
    },
    breakpoint(at) {
      stopAt(machine, debug);
      return at;
    },
    wait(forWhat) {
      if (forWhat === 'event' && control.event) {
        control.event = false;
        return;
      }
      status.sleeping = forWhat;
      attend(status, cpu);
    },
    sendEvent() {
      control.event = true;
    },
    readSpecial: (sysm) => readSpecial(cpu, sysm),
    writeSpecial(sysm, mask, value) {
      writeSpecial(cpu, sysm, mask, value);
      attend(status, cpu);
    },
    changeState(disable, effect) {
      changeState(cpu, disable, effect);
      attend(status, cpu);
    },
    divideByZero() {
      if (control.ccr & 0x10) throw usageFault('DIVBYZERO');
    },
    floatEnabled: () => (control.cpacr & 0x00f0_0000) === 0x00f0_0000,
  };
}

/** BKPT and breakpoints: the core halts, or the debug monitor becomes pending; with neither, it is a fault (C1.6.1). */
function stopAt({ cpu, exceptions, control }: Machine, debug: Debug): void {
  if (isEnabled(debug)) {
    cpu.epoch += 1;
    halt(debug, DFSR.BKPT);
    return;
  }
  const monitors = (debug.demcr & MON_EN) !== 0;
  const preempts = priorityOf(exceptions, EXCEPTION.DEBUG_MONITOR) < executionPriority(cpu, exceptions);
  if (!monitors || !preempts) throw { fault: 'DEBUGEVT' } satisfies CoreFault;
  cpu.epoch += 1;
  control.dfsr |= DFSR.BKPT;
  exceptions.pending[EXCEPTION.DEBUG_MONITOR] = 1;
  exceptions.enabled[EXCEPTION.DEBUG_MONITOR] = 1;
  cpu.requests.attend();
}

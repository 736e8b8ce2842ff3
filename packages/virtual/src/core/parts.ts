/** Puts the parts of a core together: registers, exceptions, system registers, debug, and what instructions ask for. */

import type { Architecture } from './architecture.ts';
import { type Breakpoints, createBreakpoints } from './breakpoints.ts';
import { advanced, type Cpu, newRegisterFile, type Requests } from './cpu.ts';
import { createDebug, type Debug, DFSR, MON_EN } from './debug.ts';
import type { Stops } from './decode.ts';
import { leaveException, type Machine, superviseCall } from './exception-entry.ts';
import { EXCEPTION, executionPriority, newExceptions, priorityOf } from './exceptions.ts';
import { type CoreFault, usageFault } from './faults.ts';
import type { MemoryMap } from './memory.ts';
import { nvicRegisters } from './nvic.ts';
import { absentUnits, watchRegisters } from './small-units.ts';
import { changeState, isPrivileged, readSpecial, writeSpecial } from './special-registers.ts';
import { attend, cyclesOf, newStatus, type Status } from './status.ts';
import { newSystemControl, type Register, systemControlRegisters } from './system-control.ts';
import { type RegisterBlock, spaceRegions } from './system-space.ts';
import { createSysTick, type SysTick } from './systick.ts';

/** A core in pieces; `core.ts` makes it run. */
export interface Parts {
  readonly machine: Machine;
  readonly status: Status;
  readonly debug: Debug;
  readonly breakpoints: Breakpoints;
  readonly stops: Stops;
  readonly systick: SysTick;
  /** Accesses while this runs are the probe's. */
  asDebugger<T>(access: () => T): T;
}

export interface PartsOptions {
  readonly architecture: Architecture;
  readonly bus: MemoryMap;
  readonly interrupts: number;
  readonly sysTickDivider: number;
  readonly traps: ReadonlyMap<number, () => void>;
}

/** @param step runs one instruction for a probe */
export function createParts(
  { architecture, bus, interrupts, sysTickDivider, traps }: PartsOptions,
  step: () => void,
): Parts {
  const status = newStatus();
  let byDebugger = false;
  const requests = {} as { -readonly [name in keyof Requests]: Requests[name] };
  const cpu = newCpu(architecture, bus, requests);
  const exceptions = newExceptions(interrupts);
  const control = newSystemControl(cpu);
  const debug = createDebug({
    cpu,
    control,
    byDebugger: () => byDebugger,
    state: () => coreState(status),
    step,
    woken() {
      status.sleeping = undefined;
    },
    jumped() {
      status.lockedUp = false;
    },
  });
  const machine: Machine = {
    cpu,
    exceptions,
    control,
    lockUp() {
      status.lockedUp = true;
      cpu.pc = 0xffff_fffe;
      cpu.epoch += 1;
      cpu.requests.attend();
    },
    caught(number, fault) {
      if (debug.catches(number, fault)) debug.halt(DFSR.VCATCH);
    },
    sleepOnExit() {
      status.sleeping = 'interrupt';
    },
  };
  Object.assign(requests, requestsOf(machine, status, debug));
  const systick = createSysTick(() => cyclesOf(status, cpu), requests.attend, sysTickDivider);
  const breakpoints = createBreakpoints(architecture, (addresses) => {
    for (const address of addresses) bus.invalidate(address, 2);
    requests.attend();
  });
  const blocks = blocksOf({ machine, status, debug, systick, breakpoints });
  const rights = { allowed: () => byDebugger || isPrivileged(cpu), byDebugger: () => byDebugger };
  for (const region of spaceRegions(blocks, rights)) bus.map(region);
  const asDebugger = <T>(access: () => T): T => {
    const before = byDebugger;
    byDebugger = true;
    try {
      return access();
    } finally {
      byDebugger = before;
    }
  };
  const stops = { breakpoints: breakpoints.addresses, traps };
  return { machine, status, debug, breakpoints, stops, systick, asDebugger };
}

function newCpu(architecture: Architecture, bus: MemoryMap, requests: Requests): Cpu {
  const zero = {
    c: 0,
    v: 0,
    q: 0,
    ge: 0,
    it: 0,
    pc: 0,
    itPc: 0,
    executing: 0,
    exception: 0,
    otherSp: 0,
    left: 0,
    epoch: 0,
    shifted: 0,
  };
  const masks = { primask: 0, faultmask: 0, basepri: 0, control: 0, mspLimit: 0, pspLimit: 0 };
  const r = newRegisterFile();
  return {
    architecture,
    r,
    bus,
    n: 0,
    z: 1,
    t: 1,
    ...zero,
    ...masks,
    monitor: -1,
    aligned: !architecture.mainline,
    requests,
  };
}

function coreState({ sleeping, lockedUp }: Status): 'running' | 'sleeping' | 'locked up' {
  if (lockedUp) return 'locked up';
  return sleeping ? 'sleeping' : 'running';
}

function requestsOf(machine: Machine, status: Status, debug: Debug): Requests {
  const { cpu, exceptions, control } = machine;
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
      if (debug.enabled) {
        cpu.epoch += 1;
        debug.halt(DFSR.BKPT);
        return at;
      }
      const monitors = (debug.demcr & MON_EN) !== 0;
      const preempts = priorityOf(exceptions, EXCEPTION.DEBUG_MONITOR) < executionPriority(cpu, exceptions);
      if (!monitors || !preempts) throw { fault: 'DEBUGEVT' } satisfies CoreFault;
      cpu.epoch += 1;
      control.dfsr |= DFSR.BKPT;
      exceptions.pending[EXCEPTION.DEBUG_MONITOR] = 1;
      exceptions.enabled[EXCEPTION.DEBUG_MONITOR] = 1;
      attend(status, cpu);
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

const SCS_IDENTITY = [0x0c, 0xb0, 0x0b, 0x00, 0x0d, 0xe0, 0x05, 0xb1];
const DWT_IDENTITY = [0x02, 0xb0, 0x3b, 0x00, 0x0d, 0xe0, 0x05, 0xb1];
const FPB_IDENTITY = [0x03, 0xb0, 0x2b, 0x00, 0x0d, 0xe0, 0x05, 0xb1];

function blocksOf(parts: Omit<Parts, 'asDebugger' | 'stops'>): RegisterBlock[] {
  const { machine, status, debug, systick, breakpoints } = parts;
  const { cpu, exceptions, control } = machine;
  const scs = new Map<number, Register>([
    ...nvicRegisters(cpu, exceptions),
    ...systick.registers,
    ...systemControlRegisters({
      cpu,
      exceptions,
      control,
      requestReset(kind) {
        status.resetRequest = kind;
      },
    }),
    ...debug.registers,
    ...absentUnits(cpu.architecture),
  ]);
  return [
    { name: 'System Control Space', start: 0xe000_e000, registers: scs, identity: SCS_IDENTITY },
    { name: 'DWT', start: 0xe000_1000, registers: watchRegisters({ cpu, status, debug }), identity: DWT_IDENTITY },
    { name: 'FPB', start: 0xe000_2000, registers: breakpoints.registers, identity: FPB_IDENTITY },
  ];
}

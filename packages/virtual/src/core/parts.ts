/** Puts the parts of a core together: registers, exceptions, system registers, debug, and what instructions ask for. */

import type { Architecture } from './architecture.ts';
import { type Breakpoints, createBreakpoints } from './breakpoints.ts';
import { type Cpu, newCpu, type Requests } from './cpu.ts';
import { catchException, type Debug, type Debugged, debugRegisters, newDebug } from './debug.ts';
import type { Stops } from './decode.ts';
import type { Machine } from './exception-entry.ts';
import { newExceptions } from './exceptions.ts';
import type { MemoryMap } from './memory.ts';
import { nvicRegisters } from './nvic.ts';
import { requestsOf } from './requests.ts';
import { absentUnits, watchRegisters } from './small-units.ts';
import { isPrivileged } from './special-registers.ts';
import { attend, cyclesOf, newStatus, type Status } from './status.ts';
import { newSystemControl, type Register, type SystemControl, systemControlRegisters } from './system-control.ts';
import { type RegisterBlock, spaceRegions } from './system-space.ts';
import { newSysTick, type SysTick, sysTickRegisters } from './systick.ts';

/** Who makes the access at hand. */
export interface Access {
  byDebugger: boolean;
}

/** A core in pieces; `core.ts` makes it run. */
export interface Parts {
  readonly machine: Machine;
  readonly status: Status;
  readonly debug: Debug;
  readonly breakpoints: Breakpoints;
  readonly stops: Stops;
  readonly systick: SysTick;
  readonly access: Access;
}

export interface PartsOptions {
  readonly architecture: Architecture;
  readonly bus: MemoryMap;
  readonly interrupts: number;
  readonly sysTickDivider: number;
  readonly traps: ReadonlyMap<number, () => void>;
}

/** @param step runs one instruction for a probe */
export function createParts(options: PartsOptions, step: () => void): Parts {
  const { architecture, bus, interrupts, sysTickDivider: divider, traps } = options;
  const status = newStatus();
  const access: Access = { byDebugger: false };
  const requests = {} as { -readonly [name in keyof Requests]: Requests[name] };
  const cpu = newCpu(architecture, bus, requests);
  const control = newSystemControl(cpu);
  const debug = newDebug(debuggedOf({ cpu, control, status, access }, step));
  const machine = machineOf({ cpu, control, status, debug }, interrupts);
  Object.assign(requests, requestsOf(machine, status, debug));
  const look = () => attend(status, cpu);
  const systick = newSysTick({ now: () => cyclesOf(status, cpu), divider, changed: look });
  const breakpoints = createBreakpoints(architecture, (addresses) => {
    for (const address of addresses) bus.invalidate(address, 2);
    look();
  });
  const stops = { breakpoints: breakpoints.addresses, traps };
  const parts: Parts = { machine, status, debug, breakpoints, stops, systick, access };
  mapSystemSpace(parts);
  return parts;
}

/** Accesses while this runs are the probe's. */
export function asDebugger<T>(access: Access, action: () => T): T {
  const before = access.byDebugger;
  access.byDebugger = true;
  try {
    return action();
  } finally {
    access.byDebugger = before;
  }
}

interface DebuggedParts {
  readonly cpu: Cpu;
  readonly control: SystemControl;
  readonly status: Status;
  readonly access: Access;
}

function debuggedOf({ cpu, control, status, access }: DebuggedParts, step: () => void): Debugged {
  return {
    cpu,
    control,
    byDebugger: () => access.byDebugger,
    state() {
      if (status.lockedUp) return 'locked up';
      return status.sleeping ? 'sleeping' : 'running';
    },
    step,
    woken() {
      status.sleeping = undefined;
    },
    jumped() {
      status.lockedUp = false;
    },
  };
}

interface MachineParts {
  readonly cpu: Cpu;
  readonly control: SystemControl;
  readonly status: Status;
  readonly debug: Debug;
}

function machineOf({ cpu, control, status, debug }: MachineParts, interrupts: number): Machine {
  return {
    cpu,
    exceptions: newExceptions(interrupts),
    control,
    lockUp() {
      status.lockedUp = true;
      cpu.pc = 0xffff_fffe;
      cpu.epoch += 1;
      attend(status, cpu);
    },
    caught: (number, fault) => catchException(debug, number, fault),
    sleepOnExit() {
      status.sleeping = 'interrupt';
    },
  };
}

/** Part numbers of Arm's units (technical reference manuals of the cores); those of Armv8-M stand as M4's: a guess. */
const UNIT_PARTS = {
  m0: { scs: 0x08, dwt: 0x0a, fpb: 0x0b },
  'm0+': { scs: 0x08, dwt: 0x0a, fpb: 0x0b },
  m3: { scs: 0x00, dwt: 0x02, fpb: 0x03 },
  m4: { scs: 0x0c, dwt: 0x02, fpb: 0x03 },
  m7: { scs: 0x0c, dwt: 0x02, fpb: 0x0e },
  m23: { scs: 0x0c, dwt: 0x02, fpb: 0x03 },
  m33: { scs: 0x0c, dwt: 0x02, fpb: 0x03 },
} as const;
/** PIDR0 to PIDR3 and CIDR0 to CIDR3 of a unit of Arm (JEP106 code 0x3B in bank 4), class "generic IP". */
const unitIdentity = (part: number): readonly number[] => [part, 0xb0, 0x0b, 0x00, 0x0d, 0xe0, 0x05, 0xb1];

/** Puts the Private Peripheral Bus into the memory map. */
function mapSystemSpace(parts: Parts): void {
  const { access } = parts;
  const { cpu } = parts.machine;
  const rights = {
    allowed: () => access.byDebugger || isPrivileged(cpu),
    byDebugger: () => access.byDebugger,
  };
  for (const region of spaceRegions(blocksOf(parts), rights)) cpu.bus.map(region);
}

function blocksOf(parts: Parts): RegisterBlock[] {
  const { machine, status, debug, systick, breakpoints } = parts;
  const { cpu, exceptions, control } = machine;
  const scs = new Map<number, Register>([
    ...nvicRegisters(cpu, exceptions),
    ...sysTickRegisters(systick),
    ...systemControlRegisters({
      cpu,
      exceptions,
      control,
      requestReset(kind) {
        status.resetRequest = kind;
      },
    }),
    ...debugRegisters(debug),
    ...absentUnits(cpu.architecture),
  ]);
  const units = UNIT_PARTS[cpu.architecture.core];
  return [
    { name: 'System Control Space', start: 0xe000_e000, registers: scs, identity: unitIdentity(units.scs) },
    {
      name: 'DWT',
      start: 0xe000_1000,
      registers: watchRegisters({ cpu, status, debug }),
      identity: unitIdentity(units.dwt),
    },
    { name: 'FPB', start: 0xe000_2000, registers: breakpoints.registers, identity: unitIdentity(units.fpb) },
  ];
}

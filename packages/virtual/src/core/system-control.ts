/** The System Control Block: vector table, reset, sleep, traps and fault status (ARMv7-M ARM, B3.2). */

import type { Cpu } from './cpu.ts';
import { EXCEPTION, type Exceptions, firstPending } from './exceptions.ts';
import { NotModelledError } from './faults.ts';

export interface SystemControl {
  vtor: number;
  cfsr: number;
  hfsr: number;
  dfsr: number;
  mmfar: number;
  bfar: number;
  cpacr: number;
  /** SCR.SLEEPONEXIT, SEVONPEND and SLEEPDEEP as written. */
  scr: number;
  ccr: number;
  /** The event register of WFE. */
  event: boolean;
  readonly stackAlign: boolean;
  readonly nonBaseThread: boolean;
  readonly sleepOnExit: boolean;
}

const CCR = { NONBASETHRDENA: 1, UNALIGN_TRP: 1 << 3, DIV_0_TRP: 1 << 4, STKALIGN: 1 << 9 } as const;

export function newSystemControl({ architecture }: Cpu): SystemControl {
  return {
    vtor: 0,
    cfsr: 0,
    hfsr: 0,
    dfsr: 0,
    mmfar: 0,
    bfar: 0,
    cpacr: 0,
    scr: 0,
    ccr: ccrAtReset(architecture.mainline, architecture.stackAlign),
    event: false,
    get stackAlign() {
      return (this.ccr & CCR.STKALIGN) !== 0;
    },
    get nonBaseThread() {
      return (this.ccr & CCR.NONBASETHRDENA) !== 0;
    },
    get sleepOnExit() {
      return (this.scr & 2) !== 0;
    },
  };
}

function ccrAtReset(mainline: boolean, stackAlign: 0 | 1): number {
  return (stackAlign ? CCR.STKALIGN : 0) | (mainline ? 0 : CCR.UNALIGN_TRP);
}

export function resetSystemControl(control: SystemControl, { architecture }: Cpu, vtor: number): void {
  const { mainline, stackAlign } = architecture;
  Object.assign(control, { vtor, cfsr: 0, hfsr: 0, dfsr: 0, cpacr: 0, scr: 0, event: false });
  control.ccr = ccrAtReset(mainline, stackAlign);
}

/** One register of the System Control Space. */
export interface Register {
  read(): number;
  write(value: number): void;
  /** A store of less than a word leaves the other bytes as they are; otherwise they are written as 0. */
  readonly mergesBytes?: boolean;
}

const readOnly = (value: number): Register => ({ read: () => value, write: () => undefined });

/** What the block needs from the rest of the core. */
export interface ControlParts {
  readonly cpu: Cpu;
  readonly exceptions: Exceptions;
  readonly control: SystemControl;
  requestReset(kind: 'system' | 'core'): void;
}

/** The registers by their offset from 0xE000E000. */
export function systemControlRegisters(parts: ControlParts): ReadonlyMap<number, Register> {
  const { cpu, exceptions, control } = parts;
  const { mainline, vectorTableOffset, cpuid } = cpu.architecture;
  const registers = new Map<number, Register>([
    [0xd00, readOnly(cpuid)],
    [0xd04, interruptControl(parts)],
    [0xd0c, applicationInterrupt(parts)],
    [0xd10, value(control, 'scr', 0x16)],
    [0xd14, configuration(parts)],
    [0xd1c, priorities(exceptions, 8, cpu)],
    [0xd20, priorities(exceptions, 12, cpu)],
    [0xd24, systemHandlers(exceptions, mainline)],
    [0xd30, clearOnes(control, 'dfsr')],
  ]);
  if (vectorTableOffset) registers.set(0xd08, value(control, 'vtor', mainline ? -0x80 : -0x100));
  if (!mainline) return registers;
  registers.set(0xd18, priorities(exceptions, 4, cpu));
  registers.set(0xd28, clearOnes(control, 'cfsr'));
  registers.set(0xd2c, clearOnes(control, 'hfsr'));
  registers.set(0xd34, value(control, 'mmfar', -1));
  registers.set(0xd38, value(control, 'bfar', -1));
  registers.set(0xd3c, readOnly(0));
  registers.set(0xd88, value(control, 'cpacr', cpu.architecture.core === 'm3' ? 0 : 0x00f0_0000));
  return registers;
}

function value(control: SystemControl, name: 'scr' | 'vtor' | 'mmfar' | 'bfar' | 'cpacr', mask: number): Register {
  return {
    read: () => control[name],
    write: (written) => {
      control[name] = (written & mask) >>> 0;
    },
    mergesBytes: true,
  };
}

function clearOnes(control: SystemControl, name: 'cfsr' | 'hfsr' | 'dfsr'): Register {
  return {
    read: () => control[name],
    write: (written) => {
      control[name] &= ~written;
    },
  };
}

/** ICSR. */
function interruptControl({ cpu, exceptions }: ControlParts): Register {
  const { pending } = exceptions;
  const set = (number: number, to: 0 | 1) => {
    pending[number] = to;
    cpu.requests.attend();
  };
  return {
    read: () => {
      const external = pending.subarray(16).includes(1) ? 1 << 22 : 0;
      const system =
        ((pending[EXCEPTION.NMI] ?? 0) << 31) |
        ((pending[EXCEPTION.PENDSV] ?? 0) << 28) |
        ((pending[EXCEPTION.SYSTICK] ?? 0) << 26);
      const others = exceptions.active.filter((active, number) => active === 1 && number !== cpu.exception).length;
      const base = others === 0 ? 1 << 11 : 0;
      return system | external | (firstPending(exceptions) << 12) | base | cpu.exception;
    },
    write: (written) => {
      if (written & 0x8000_0000) set(EXCEPTION.NMI, 1);
      if (written & (1 << 28)) set(EXCEPTION.PENDSV, 1);
      else if (written & (1 << 27)) set(EXCEPTION.PENDSV, 0);
      if (written & (1 << 26)) set(EXCEPTION.SYSTICK, 1);
      else if (written & (1 << 25)) set(EXCEPTION.SYSTICK, 0);
    },
  };
}

/** AIRCR, which wants a key in its upper half. */
function applicationInterrupt({ cpu, exceptions, ...parts }: ControlParts): Register {
  return {
    read: () => 0xfa05_0000 | (exceptions.group << 8),
    write: (written) => {
      if (written >>> 16 !== 0x05fa) return;
      if (cpu.architecture.mainline) exceptions.group = (written >>> 8) & 7;
      if (written & 4) parts.requestReset('system');
      else if (written & 1 && cpu.architecture.version === 7) parts.requestReset('core');
      cpu.requests.attend();
    },
  };
}

/** CCR. Caches and branch prediction are only bits here. */
function configuration({ cpu, control }: ControlParts): Register {
  const { mainline, core } = cpu.architecture;
  const caches = core === 'm7' || core === 'm33' ? 0x7_0000 : 0;
  return {
    read: () => control.ccr,
    write: (written) => {
      if (!mainline) return;
      control.ccr = (written & (0x31b | caches)) | (core === 'm3' || core === 'm4' ? 0 : CCR.STKALIGN);
      cpu.aligned = (control.ccr & CCR.UNALIGN_TRP) !== 0;
    },
    mergesBytes: true,
  };
}

/** Four priority bytes from exception `first` on. */
export function priorities(exceptions: Exceptions, first: number, { architecture, requests }: Cpu): Register {
  const implemented = (0xff << (8 - architecture.priorityBits)) & 0xff;
  const settable = (number: number) => number < exceptions.count && number > 3 && (number >= 16 || number !== 13);
  return {
    read: () => [0, 1, 2, 3].reduce((word, byte) => word | ((exceptions.priority[first + byte] ?? 0) << (8 * byte)), 0),
    write: (written) => {
      for (let byte = 0; byte < 4; byte += 1) {
        if (settable(first + byte)) exceptions.priority[first + byte] = (written >>> (8 * byte)) & implemented;
      }
      requests.attend();
    },
    mergesBytes: true,
  };
}

/** SHCSR by bit: which exception, and which of its states. */
const SHCSR = [
  [0, EXCEPTION.MEM_MANAGE, 'active'],
  [1, EXCEPTION.BUS_FAULT, 'active'],
  [3, EXCEPTION.USAGE_FAULT, 'active'],
  [7, EXCEPTION.SVCALL, 'active'],
  [8, EXCEPTION.DEBUG_MONITOR, 'active'],
  [10, EXCEPTION.PENDSV, 'active'],
  [11, EXCEPTION.SYSTICK, 'active'],
  [12, EXCEPTION.USAGE_FAULT, 'pending'],
  [13, EXCEPTION.MEM_MANAGE, 'pending'],
  [14, EXCEPTION.BUS_FAULT, 'pending'],
  [15, EXCEPTION.SVCALL, 'pending'],
  [16, EXCEPTION.MEM_MANAGE, 'enabled'],
  [17, EXCEPTION.BUS_FAULT, 'enabled'],
  [18, EXCEPTION.USAGE_FAULT, 'enabled'],
] as const;

function systemHandlers(exceptions: Exceptions, mainline: boolean): Register {
  const bits = SHCSR.filter(([bit]) => mainline || bit === 15);
  return {
    read: () => bits.reduce((word, [bit, number, state]) => word | ((exceptions[state][number] ?? 0) << bit), 0),
    write: (written) => {
      for (const [bit, number, state] of bits) exceptions[state][number] = (written >>> bit) & 1;
    },
    mergesBytes: true,
  };
}

/** An MPU, an FPU and a SAU have registers that nothing here enforces: to switch one on is refused. */
export function switchedOff(what: string, address: number): Register {
  return {
    read: () => 0,
    write: (written) => {
      if (written & 1) throw new NotModelledError(`the ${what}, which the program switches on`, address);
    },
  };
}

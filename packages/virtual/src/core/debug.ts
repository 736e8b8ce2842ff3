/** Halting debug: DHCSR, DCRSR, DCRDR, DEMCR, DFSR (ARMv7-M ARM, C1.6). What a probe does to a core goes through here. */

import { type Cpu, PC, readXpsr, reg, SP, writeXpsr } from './cpu.ts';
import { EXCEPTION } from './exceptions.ts';
import { CFSR, type CoreFault } from './faults.ts';
import { readSpecial, writeControl, writeSpecial } from './special-registers.ts';
import type { Register, SystemControl } from './system-control.ts';

const DHCSR = { C_DEBUGEN: 1, C_HALT: 2, C_STEP: 4, C_MASKINTS: 8, S_REGRDY: 1 << 16, S_HALT: 1 << 17 } as const;
const S_SLEEP = 1 << 18;
const S_LOCKUP = 1 << 19;
const S_RETIRE_ST = 1 << 24;
const S_RESET_ST = 1 << 25;
export const DFSR = { HALTED: 1, BKPT: 2, DWTTRAP: 4, VCATCH: 8 } as const;
const DEMCR = { VC_CORERESET: 1, VC_MMERR: 1 << 4, VC_NOCPERR: 1 << 5, VC_CHKERR: 1 << 6, VC_STATERR: 1 << 7 } as const;
const VC_BUSERR = 1 << 8;
const VC_INTERR = 1 << 9;
const VC_HARDERR = 1 << 10;
export const MON_EN = 1 << 16;
export const TRCENA = 1 << 24;

/** What the debug registers need to know of the core, and to ask of it. */
export interface Debugged {
  readonly cpu: Cpu;
  readonly control: SystemControl;
  /** Whether the access at hand is a probe's: software cannot switch debug on. */
  byDebugger(): boolean;
  state(): 'running' | 'sleeping' | 'locked up';
  /** Runs one instruction, or enters a pending exception. */
  step(): void;
  /** Halting ends WFI and WFE (ARMv7-M ARM, B1.5.17). */
  woken(): void;
  /** A probe has written PC: a core that had locked up goes on from there (B1.5.15). */
  jumped(): void;
}

export interface Debug {
  /** By offset from 0xE000E000. */
  readonly registers: ReadonlyMap<number, Register>;
  readonly halted: boolean;
  readonly enabled: boolean;
  /** C_MASKINTS: PendSV, SysTick and interrupts wait. */
  readonly masksInterrupts: boolean;
  readonly demcr: number;
  halt(reason: number): void;
  /** Whether an exception with this cause is caught (DEMCR.VC_…). */
  catches(number: number, fault: CoreFault | undefined): boolean;
  /** After a reset: debug settings outlive it. @returns whether the core stays halted at its first instruction */
  afterReset(): boolean;
  /** After power-on. */
  powerOn(): void;
}

export function createDebug(core: Debugged): Debug {
  const { cpu, control } = core;
  let dhcsr = 0;
  let demcr = 0;
  let dcrdr = 0;
  let halted = false;
  let resetSeen = true;

  const enabled = () => (dhcsr & DHCSR.C_DEBUGEN) !== 0;
  const halt = (reason: number): void => {
    halted = true;
    dhcsr |= DHCSR.C_HALT;
    control.dfsr |= reason;
    core.woken();
    cpu.requests.attend();
  };
  const readDhcsr = (): number => {
    const state = core.state();
    const status =
      DHCSR.S_REGRDY |
      (halted ? DHCSR.S_HALT : 0) |
      (state === 'sleeping' ? S_SLEEP : 0) |
      (state === 'locked up' ? S_LOCKUP : 0) |
      (halted ? 0 : S_RETIRE_ST) |
      (resetSeen ? S_RESET_ST : 0);
    if (core.byDebugger()) resetSeen = false;
    return dhcsr | status;
  };
  const writeDhcsr = (value: number): void => {
    if (value >>> 16 !== 0xa05f) return;
    const debugs = core.byDebugger() ? value & DHCSR.C_DEBUGEN : dhcsr & DHCSR.C_DEBUGEN;
    dhcsr = debugs === 0 ? 0 : (value & (DHCSR.C_HALT | DHCSR.C_STEP | DHCSR.C_MASKINTS)) | debugs;
    cpu.requests.attend();
    if (dhcsr & DHCSR.C_HALT) {
      if (!halted) halt(DFSR.HALTED);
      return;
    }
    const steps = halted && (dhcsr & DHCSR.C_STEP) !== 0;
    halted = false;
    if (!steps) return;
    core.step();
    halt(DFSR.HALTED);
  };
  const registers = new Map<number, Register>([
    [0xdf0, { read: readDhcsr, write: writeDhcsr }],
    [
      0xdf4,
      {
        read: () => 0,
        write: (value) => {
          if (!halted) return;
          if (value & 0x1_0000) {
            writeRegister(cpu, value & 0x7f, dcrdr | 0);
            if ((value & 0x7f) === PC) core.jumped();
          } else dcrdr = readRegister(cpu, value & 0x7f);
        },
      },
    ],
    [
      0xdf8,
      {
        read: () => dcrdr,
        write: (value) => {
          dcrdr = value;
        },
      },
    ],
    [
      0xdfc,
      {
        read: () => demcr,
        write: (value) => {
          demcr = value & (cpu.architecture.mainline ? 0x010f_07f1 : 0x0100_0401);
        },
        mergesBytes: true,
      },
    ],
  ]);
  return {
    registers,
    get halted() {
      return halted;
    },
    get enabled() {
      return enabled();
    },
    get masksInterrupts() {
      return enabled() && (dhcsr & DHCSR.C_MASKINTS) !== 0;
    },
    get demcr() {
      return demcr;
    },
    halt,
    catches: (number, fault) => enabled() && (demcr & catchBit(number, fault)) !== 0,
    afterReset() {
      resetSeen = true;
      const stays = enabled() && ((dhcsr & DHCSR.C_HALT) !== 0 || (demcr & DEMCR.VC_CORERESET) !== 0);
      halted = false;
      if (stays) halt((demcr & DEMCR.VC_CORERESET) !== 0 ? DFSR.VCATCH : DFSR.HALTED);
      return stays;
    },
    powerOn() {
      dhcsr = 0;
      demcr = 0;
      halted = false;
    },
  };
}

/** Bits of DEMCR that catch an exception. */
function catchBit(number: number, fault: CoreFault | undefined): number {
  const cause = fault?.fault;
  const entry =
    cause === 'STKERR' || cause === 'UNSTKERR' || cause === 'MSTKERR' || cause === 'VECTTBL' ? VC_INTERR : 0;
  if (number === EXCEPTION.HARD_FAULT) return VC_HARDERR | entry;
  if (number === EXCEPTION.MEM_MANAGE) return DEMCR.VC_MMERR | entry;
  if (number === EXCEPTION.BUS_FAULT) return VC_BUSERR | entry;
  if (number !== EXCEPTION.USAGE_FAULT || cause === undefined || cause === 'VECTTBL' || cause === 'DEBUGEVT') return 0;
  if (cause === 'NOCP') return DEMCR.VC_NOCPERR;
  return CFSR[cause] & (CFSR.UNALIGNED | CFSR.DIVBYZERO) ? DEMCR.VC_CHKERR : DEMCR.VC_STATERR;
}

/** DCRSR.REGSEL (C1.6.3). */
const SELECT = { XPSR: 16, MSP: 17, PSP: 18, MASKS: 20, MSPLIM: 28, PSPLIM: 29 } as const;

export function readRegister(cpu: Cpu, select: number): number {
  if (select < PC) return cpu.r[reg(select, 0)] >>> 0;
  if (select === PC) return cpu.pc;
  if (select === SELECT.XPSR) return readXpsr(cpu) >>> 0;
  if (select === SELECT.MSP) return readSpecialPrivileged(cpu, 8);
  if (select === SELECT.PSP) return readSpecialPrivileged(cpu, 9);
  if (select === SELECT.MSPLIM) return cpu.mspLimit;
  if (select === SELECT.PSPLIM) return cpu.pspLimit;
  if (select === SELECT.MASKS) {
    return ((cpu.control << 24) | (cpu.faultmask << 16) | (cpu.basepri << 8) | cpu.primask) >>> 0;
  }
  return 0;
}

function readSpecialPrivileged(cpu: Cpu, sysm: number): number {
  return asPrivileged(cpu, () => readSpecial(cpu, sysm) >>> 0);
}

/** A probe is not bound by CONTROL.nPRIV. */
function asPrivileged<T>(cpu: Cpu, action: () => T): T {
  const unprivileged = cpu.control & 1;
  cpu.control &= ~1;
  const result = action();
  cpu.control |= unprivileged;
  return result;
}

export function writeRegister(cpu: Cpu, select: number, value: number): void {
  if (select < PC) cpu.r[reg(select, 0)] = select === SP ? value & ~3 : value;
  else if (select === PC) cpu.pc = (value & ~1) >>> 0;
  else if (select === SELECT.XPSR) writeXpsr(cpu, value);
  else if (select === SELECT.MSP) asPrivileged(cpu, () => writeSpecial(cpu, 8, 0, value));
  else if (select === SELECT.PSP) asPrivileged(cpu, () => writeSpecial(cpu, 9, 0, value));
  else if (select === SELECT.MSPLIM) cpu.mspLimit = (value & ~7) >>> 0;
  else if (select === SELECT.PSPLIM) cpu.pspLimit = (value & ~7) >>> 0;
  else if (select === SELECT.MASKS) {
    cpu.primask = value & 1;
    cpu.basepri = cpu.architecture.mainline ? (value >>> 8) & 0xff : 0;
    cpu.faultmask = cpu.architecture.mainline ? (value >>> 16) & 1 : 0;
    writeControl(cpu, value >>> 24);
  }
}

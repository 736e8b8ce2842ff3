/** Halting debug: DHCSR, DCRSR, DCRDR, DEMCR, DFSR (ARMv7-M ARM, C1.6). What a probe does to a core goes through here. */

import { type Cpu, PC } from './cpu.ts';
import type { CoreFault } from './faults.ts';
import { readRegister, writeRegister } from './register-transfer.ts';
import type { Register, SystemControl } from './system-control.ts';
import { catchBits } from './vector-catch.ts';

const DHCSR = {
  C_DEBUGEN: 1,
  C_HALT: 2,
  C_STEP: 4,
  C_MASKINTS: 8,
  S_REGRDY: 1 << 16,
  S_HALT: 1 << 17,
  S_SLEEP: 1 << 18,
  S_LOCKUP: 1 << 19,
  S_RETIRE_ST: 1 << 24,
  S_RESET_ST: 1 << 25,
} as const;
const DHCSR_KEY = 0xa05f;
/** DCRSR. */
const TRANSFER = { REGSEL: 0x7f, REGWnR: 1 << 16 } as const;
export const DFSR = { HALTED: 1, BKPT: 2, DWTTRAP: 4, VCATCH: 8 } as const;
const VC_CORERESET = 1;
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

/** Whether a core stands still for a probe, and what its debug registers hold. */
export interface Debug {
  readonly core: Debugged;
  halted: boolean;
  /** C_DEBUGEN, C_HALT, C_STEP and C_MASKINTS as written. */
  dhcsr: number;
  dcrdr: number;
  demcr: number;
  /** S_RESET_ST: no probe has read DHCSR since the last reset. */
  resetSeen: boolean;
}

export function newDebug(core: Debugged): Debug {
  return { core, halted: false, dhcsr: 0, dcrdr: 0, demcr: 0, resetSeen: true };
}

/** C_DEBUGEN. */
export function isEnabled({ dhcsr }: Debug): boolean {
  return (dhcsr & DHCSR.C_DEBUGEN) !== 0;
}

/** C_MASKINTS: PendSV, SysTick and interrupts wait. */
export function masksInterrupts(debug: Debug): boolean {
  return isEnabled(debug) && (debug.dhcsr & DHCSR.C_MASKINTS) !== 0;
}

/** @param reason bits of DFSR */
export function halt(debug: Debug, reason: number): void {
  const { core } = debug;
  debug.halted = true;
  debug.dhcsr |= DHCSR.C_HALT;
  core.control.dfsr |= reason;
  core.woken();
  core.cpu.requests.attend();
}

/** Halts at an exception that DEMCR.VC_… catches. */
export function catchException(debug: Debug, number: number, fault: CoreFault | undefined): void {
  if (isEnabled(debug) && (debug.demcr & catchBits(number, fault)) !== 0) halt(debug, DFSR.VCATCH);
}

/** After a reset: debug settings outlive it, and may hold the core at its first instruction. */
export function debugAfterReset(debug: Debug): void {
  debug.resetSeen = true;
  debug.halted = false;
  if (!isEnabled(debug)) return;
  if ((debug.demcr & VC_CORERESET) !== 0) halt(debug, DFSR.VCATCH);
  else if ((debug.dhcsr & DHCSR.C_HALT) !== 0) halt(debug, DFSR.HALTED);
}

export function debugAtPowerOn(debug: Debug): void {
  Object.assign(debug, { dhcsr: 0, demcr: 0, halted: false });
}

/** The registers by their offset from 0xE000E000. */
export function debugRegisters(debug: Debug): ReadonlyMap<number, Register> {
  const { mainline } = debug.core.cpu.architecture;
  return new Map<number, Register>([
    [0xdf0, { read: () => readHaltControl(debug), write: (value) => writeHaltControl(debug, value) }],
    [0xdf4, { read: () => 0, write: (value) => transfer(debug, value) }],
    [0xdf8, kept(debug, 'dcrdr', -1)],
    [0xdfc, { ...kept(debug, 'demcr', mainline ? 0x010f_07f1 : 0x0100_0401), mergesBytes: true }],
  ]);
}

function kept(debug: Debug, name: 'dcrdr' | 'demcr', mask: number): Register {
  return {
    read: () => debug[name],
    write: (value) => {
      debug[name] = value & mask;
    },
  };
}

/** DHCSR as it reads. */
function readHaltControl(debug: Debug): number {
  const { core, halted, resetSeen, dhcsr } = debug;
  const state = core.state();
  if (core.byDebugger()) debug.resetSeen = false;
  return (
    dhcsr |
    DHCSR.S_REGRDY |
    (halted ? DHCSR.S_HALT : DHCSR.S_RETIRE_ST) |
    (state === 'sleeping' ? DHCSR.S_SLEEP : 0) |
    (state === 'locked up' ? DHCSR.S_LOCKUP : 0) |
    (resetSeen ? DHCSR.S_RESET_ST : 0)
  );
}

/** DHCSR: a key, then enable, halt, go on or step. */
function writeHaltControl(debug: Debug, value: number): void {
  if (value >>> 16 !== DHCSR_KEY) return;
  const { core, halted } = debug;
  const debugs = (core.byDebugger() ? value : debug.dhcsr) & DHCSR.C_DEBUGEN;
  debug.dhcsr = debugs === 0 ? 0 : (value & (DHCSR.C_HALT | DHCSR.C_STEP | DHCSR.C_MASKINTS)) | debugs;
  core.cpu.requests.attend();
  if (debug.dhcsr & DHCSR.C_HALT) {
    if (!halted) halt(debug, DFSR.HALTED);
    return;
  }
  debug.halted = false;
  if (!halted || (debug.dhcsr & DHCSR.C_STEP) === 0) return;
  core.step();
  halt(debug, DFSR.HALTED);
}

/** DCRSR: moves a register of the core, which has to be halted, to or from DCRDR. */
function transfer(debug: Debug, value: number): void {
  if (!debug.halted) return;
  const { core } = debug;
  const select = value & TRANSFER.REGSEL;
  if ((value & TRANSFER.REGWnR) === 0) {
    debug.dcrdr = readRegister(core.cpu, select);
    return;
  }
  writeRegister(core.cpu, select, debug.dcrdr | 0);
  if (select === PC) core.jumped();
}

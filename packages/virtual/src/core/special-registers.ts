/** MRS, MSR and CPS: stack pointers, masks and CONTROL (ARMv7-M ARM, B5.2; ARMv8-M adds the stack limits). */

import { type Cpu, readApsr, readXpsr, SP, writeApsr } from './cpu.ts';

const SYSM = {
  MSP: 8,
  PSP: 9,
  MSPLIM: 10,
  PSPLIM: 11,
  PRIMASK: 16,
  BASEPRI: 17,
  BASEPRI_MAX: 18,
  FAULTMASK: 19,
  CONTROL: 20,
};

export function isPrivileged(cpu: Cpu): boolean {
  return cpu.exception !== 0 || (cpu.control & 1) === 0;
}

/** Whether R13 is the process stack pointer now. */
export function usesProcessStack(cpu: Cpu): boolean {
  return cpu.exception === 0 && (cpu.control & 2) !== 0;
}

/** Puts one stack pointer into R13 and keeps the other. Call it before the mode changes. */
export function useStack(cpu: Cpu, stack: 'main' | 'process'): void {
  if (usesProcessStack(cpu) === (stack === 'process')) return;
  const now = cpu.r[SP];
  cpu.r[SP] = cpu.otherSp;
  cpu.otherSp = now;
}

export function readSpecial(cpu: Cpu, sysm: number): number {
  const { mainline, version } = cpu.architecture;
  if (sysm < 8) return readPsr(cpu, sysm);
  if (sysm === SYSM.CONTROL) return cpu.control;
  if (!isPrivileged(cpu)) return 0;
  switch (sysm) {
    case SYSM.MSP:
      return usesProcessStack(cpu) ? cpu.otherSp : cpu.r[SP];
    case SYSM.PSP:
      return usesProcessStack(cpu) ? cpu.r[SP] : cpu.otherSp;
    case SYSM.MSPLIM:
      return version === 8 && mainline ? cpu.mspLimit : 0;
    case SYSM.PSPLIM:
      return version === 8 && mainline ? cpu.pspLimit : 0;
    case SYSM.PRIMASK:
      return cpu.primask;
    case SYSM.BASEPRI:
    case SYSM.BASEPRI_MAX:
      return cpu.basepri;
    case SYSM.FAULTMASK:
      return cpu.faultmask;
    default:
      return 0;
  }
}

/** APSR, IPSR and EPSR in any combination; EPSR reads as 0. */
function readPsr(cpu: Cpu, sysm: number): number {
  const apsr = (sysm & 4) === 0 ? readApsr(cpu) : 0;
  const ipsr = sysm & 1 ? readXpsr(cpu) & 0x1ff : 0;
  return apsr | ipsr;
}

/** @param mask bit 1 for APSR's NZCVQ, bit 0 for its GE; other registers ignore it */
export function writeSpecial(cpu: Cpu, sysm: number, mask: number, value: number): void {
  if (sysm < 8) {
    if ((sysm & 4) === 0) writeApsr(cpu, value, mask);
    return;
  }
  if (!isPrivileged(cpu)) return;
  const { mainline, version } = cpu.architecture;
  if (sysm === SYSM.CONTROL) {
    writeControl(cpu, value);
    return;
  }
  if (sysm === SYSM.MSP || sysm === SYSM.PSP) {
    writeStackPointer(cpu, sysm === SYSM.PSP, value & ~3);
    return;
  }
  if (sysm === SYSM.PRIMASK) cpu.primask = value & 1;
  if (!mainline) return;
  const priority = value & 0xff & (0xff << (8 - cpu.architecture.priorityBits));
  if (sysm === SYSM.BASEPRI) cpu.basepri = priority;
  if (sysm === SYSM.BASEPRI_MAX && priority !== 0 && (priority < cpu.basepri || cpu.basepri === 0)) {
    cpu.basepri = priority;
  }
  if (sysm === SYSM.FAULTMASK && maySetFaultmask(cpu)) cpu.faultmask = value & 1;
  if (version === 8 && sysm === SYSM.MSPLIM) cpu.mspLimit = (value & ~7) >>> 0;
  if (version === 8 && sysm === SYSM.PSPLIM) cpu.pspLimit = (value & ~7) >>> 0;
}

/** Not at a priority of HardFault or above, where it would change nothing. */
function maySetFaultmask(cpu: Cpu): boolean {
  return cpu.exception !== 2 && cpu.exception !== 3;
}

function writeStackPointer(cpu: Cpu, process: boolean, value: number): void {
  if (process === usesProcessStack(cpu)) cpu.r[SP] = value;
  else cpu.otherSp = value | 0;
}

/** SPSEL can be changed in Thread mode alone; nPRIV exists on every STM32 but those with Cortex-M0. */
export function writeControl(cpu: Cpu, value: number): void {
  const privilege = cpu.architecture.core === 'm0' ? 0 : value & 1;
  if (cpu.exception !== 0) {
    cpu.control = (cpu.control & 2) | privilege;
    return;
  }
  useStack(cpu, value & 2 ? 'process' : 'main');
  cpu.control = (value & 2) | privilege;
}

/** CPSIE and CPSID, which unprivileged code cannot use. */
export function changeState(cpu: Cpu, disable: boolean, effect: number): void {
  if (!isPrivileged(cpu)) return;
  const value = disable ? 1 : 0;
  if (effect & 2) cpu.primask = value;
  if (effect & 1 && cpu.architecture.mainline && (!disable || maySetFaultmask(cpu))) cpu.faultmask = value;
}

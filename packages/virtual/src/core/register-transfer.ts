/** DCRSR and DCRDR: how a probe reads and writes the registers of a core (ARMv7-M ARM, C1.6.3). It knows nothing of halting. */

import { type Cpu, PC, readXpsr, reg, SP, writeXpsr } from './cpu.ts';
import { readSpecial, writeControl, writeSpecial } from './special-registers.ts';

/** DCRSR.REGSEL. */
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

/** What one core holds while it runs: registers, flags, and the requests that instructions make of everything else. */

import type { Architecture } from './architecture.ts';
import type { MemoryMap } from './memory.ts';

export type { Op } from './regions.ts';

export type Reg = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;

/** R0–R12, the active SP, LR, and at 15 a scratch for instructions that read PC. Signed 32-bit values. */
export type RegisterFile = Record<Reg, number>;

export const SP = 13;
export const LR = 14;
export const PC = 15;

/** Where an instruction stands. */
export interface Site {
  readonly cpu: Cpu;
  readonly at: number;
  /** The address behind it. */
  readonly next: number;
  /** Inside of an IT block 16-bit arithmetic leaves the flags alone. */
  readonly inIt: boolean;
}

export interface Cpu {
  readonly architecture: Architecture;
  readonly r: RegisterFile;
  readonly bus: MemoryMap;
  /** APSR.N is the sign of `n`, APSR.Z says that `z` is 0; C, V and Q are 0 or 1. */
  n: number;
  z: number;
  c: number;
  v: number;
  q: number;
  /** APSR.GE, four bits. */
  ge: number;
  /** EPSR.T: 0 makes the next instruction a UsageFault. */
  t: number;
  /** EPSR.IT, as the architecture packs it; 0 outside of a block. */
  it: number;
  /** Address of the next instruction, whenever none is being executed. */
  pc: number;
  /** Start of the region that instructions come from. */
  executing: number;
  /** Address of the current instruction in an IT block. */
  itPc: number;
  /** IPSR: the exception that is being handled; 0 in Thread mode. */
  exception: number;
  primask: number;
  faultmask: number;
  basepri: number;
  control: number;
  /** The stack pointer that is not in use. */
  otherSp: number;
  /** MSPLIM and PSPLIM of ARMv8-M. */
  mspLimit: number;
  pspLimit: number;
  /** Carry that the last shift put out. */
  shifted: number;
  /** Address that the local exclusive monitor guards, -1 when open. */
  monitor: number;
  /** Whether every unaligned access is a fault: on ARMv6-M, and with CCR.UNALIGN_TRP. */
  aligned: boolean;
  /** Cycles that may pass before the core looks up from its instructions. */
  left: number;
  /** Counts exceptions that were entered or left. */
  epoch: number;
  readonly requests: Requests;
}

/** What instructions ask of the parts of the core that are not registers. */
export interface Requests {
  /** Makes the core look up after this instruction: something may have become pending. */
  attend(): void;
  /** BX or POP to an EXC_RETURN value in Handler mode. @returns where to go on */
  exceptionReturn(value: number): number;
  /** @param next the instruction after SVC; @returns where to go on */
  supervisorCall(next: number): number;
  /** @returns where to go on, the same address when the core halts */
  breakpoint(at: number): number;
  wait(forWhat: 'interrupt' | 'event'): void;
  sendEvent(): void;
  readSpecial(sysm: number): number;
  writeSpecial(sysm: number, mask: number, value: number): void;
  /** CPSIE and CPSID; `effect` has bit 0 for FAULTMASK, bit 1 for PRIMASK. */
  changeState(disable: boolean, effect: number): void;
  /** SDIV and UDIV by 0: a fault with CCR.DIV_0_TRP. */
  divideByZero(): void;
  /** Whether CPACR lets floating-point instructions through. */
  floatEnabled(): boolean;
}

const REGISTERS: readonly Reg[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** The register that four bits name. */
export function reg(word: number, shift: number): Reg {
  return REGISTERS[(word >>> shift) & 15] ?? 0;
}

/** The register that three bits name. */
export function lowReg(word: number, shift: number): Reg {
  return REGISTERS[(word >>> shift) & 7] ?? 0;
}

/** The registers of a list, lowest first. */
export function registerList(mask: number): readonly Reg[] {
  return REGISTERS.filter((register) => (mask >>> register) & 1);
}

export function isRegisterFile(array: Int32Array): array is Int32Array & RegisterFile {
  return array.length === 16;
}

export function newRegisterFile(): RegisterFile {
  const file = new Int32Array(16);
  if (!isRegisterFile(file)) throw new RangeError('sixteen registers');
  return file;
}

/** A core before its first reset. */
export function newCpu(architecture: Architecture, bus: MemoryMap, requests: Requests): Cpu {
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

/** N, Z, C, V and Q as they stand in APSR. */
export function readApsr(cpu: Cpu): number {
  const nzcv = (cpu.n < 0 ? 0x8000_0000 : 0) | (cpu.z === 0 ? 0x4000_0000 : 0) | (cpu.c << 29) | (cpu.v << 28);
  return nzcv | (cpu.q << 27) | (cpu.ge << 16);
}

/** @param mask bit 1 takes NZCVQ, bit 0 takes GE (MSR APSR_nzcvq, APSR_g) */
export function writeApsr(cpu: Cpu, value: number, mask: number): void {
  if (mask & 2) {
    cpu.n = value | 0;
    cpu.z = value & 0x4000_0000 ? 0 : 1;
    cpu.c = (value >>> 29) & 1;
    cpu.v = (value >>> 28) & 1;
    if (cpu.architecture.mainline) cpu.q = (value >>> 27) & 1;
  }
  if (mask & 1 && cpu.architecture.dsp) cpu.ge = (value >>> 16) & 15;
}

export function readXpsr(cpu: Cpu): number {
  const it = ((cpu.it & 3) << 25) | ((cpu.it >>> 2) << 10);
  return readApsr(cpu) | it | (cpu.t << 24) | cpu.exception;
}

/** All of xPSR but IPSR, as exception return and debuggers load it. */
export function writeXpsr(cpu: Cpu, value: number): void {
  writeApsr(cpu, value, 3);
  cpu.t = (value >>> 24) & 1;
  cpu.it = cpu.architecture.mainline ? ((value >>> 25) & 3) | ((value >>> 8) & 0xfc) : 0;
}

/** Whether the 4-bit condition holds (ARMv7-M ARM, A7.3). */
export function holds(cpu: Cpu, condition: number): boolean {
  let result: boolean;
  switch (condition >>> 1) {
    case 0:
      result = cpu.z === 0;
      break;
    case 1:
      result = cpu.c === 1;
      break;
    case 2:
      result = cpu.n < 0;
      break;
    case 3:
      result = cpu.v === 1;
      break;
    case 4:
      result = cpu.c === 1 && cpu.z !== 0;
      break;
    case 5:
      result = cpu.n < 0 === (cpu.v === 1);
      break;
    case 6:
      result = cpu.n < 0 === (cpu.v === 1) && cpu.z !== 0;
      break;
    default:
      return true;
  }
  return (condition & 1) === 1 ? !result : result;
}

/** ITAdvance (A7.3.3). */
export function advanced(it: number): number {
  return (it & 7) === 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f);
}

/** BXWritePC: bit 0 is the instruction set, and there is only Thumb. */
export function interwork(cpu: Cpu, target: number): number {
  if (target & 1) return (target & ~1) >>> 0;
  cpu.t = 0;
  cpu.requests.attend();
  return target >>> 0;
}

/** LoadWritePC and BX: in Handler mode a value from 0xF0000000 on is EXC_RETURN. */
export function branchOrReturn(cpu: Cpu, target: number): number {
  cpu.left -= 1;
  if (cpu.exception !== 0 && target >>> 28 === 15) return cpu.requests.exceptionReturn(target >>> 0);
  return interwork(cpu, target);
}

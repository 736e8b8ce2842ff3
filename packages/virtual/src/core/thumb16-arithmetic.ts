/** 16-bit shifts, additions, comparisons and logic (ARMv7-M ARM, A5.2.1 to A5.2.3). */

import {
  addWithFlags,
  reversedBytes,
  reversedBytesInHalves,
  SHIFT,
  shift,
  signedByte,
  signedHalf,
  subtractWithFlags,
} from './arithmetic.ts';
import { branchOrReturn, type Cpu, lowReg, type Op, PC, type Reg, reg, type Site, SP } from './cpu.ts';
import {
  ADC,
  ADD,
  AND,
  BIC,
  compareRegisters,
  type DataOperation,
  EOR,
  MUL,
  MVN,
  ORR,
  onImmediate,
  onRegisters,
  RSB,
  SBC,
  SUB,
} from './operations.ts';
import { linkTo } from './thumb16-control.ts';

/** 0x0000–0x1FFF: shifts by an immediate, ADD and SUB of registers and 3-bit immediates. */
export function shiftAddSubtract(site: Site, half: number): Op {
  if (half >>> 11 < 3) return shiftByImmediate(site, half);
  const d = lowReg(half, 0);
  const n = lowReg(half, 3);
  const operation = half & 0x0200 ? SUB : ADD;
  if (half & 0x0400) return addImmediate(site, operation, d, [n, (half >>> 6) & 7]);
  return onRegisters(site, site.inIt ? operation.plain : operation.flagged, d, [n, lowReg(half, 6)]);
}

/** LSL by 0 is MOV, and leaves C alone; LSR and ASR by 0 are by 32. */
function shiftByImmediate({ cpu, next, inIt }: Site, half: number): Op {
  const { r } = cpu;
  const d = lowReg(half, 0);
  const m = lowReg(half, 3);
  const type = half >>> 11;
  const amount = (half >>> 6) & 31 || (type === SHIFT.LSL ? 0 : 32);
  if (!inIt && amount > 0 && amount < 32 && type !== SHIFT.ASR) return quickShift(cpu, next, [d, m], [type, amount]);
  return () => {
    const result = shift(cpu, type, r[m], amount);
    r[d] = result;
    if (!inIt) {
      cpu.n = result;
      cpu.z = result;
      cpu.c = cpu.shifted;
    }
    return next;
  };
}

/** LSL and LSR by 1 to 31, with closures of their own, for speed. */
function quickShift(
  cpu: Cpu,
  next: number,
  [d, m]: readonly [Reg, Reg],
  [type, amount]: readonly [number, number],
): Op {
  const { r } = cpu;
  if (type === SHIFT.LSL) {
    return () => {
      const value = r[m];
      const result = value << amount;
      r[d] = result;
      cpu.n = result;
      cpu.z = result;
      cpu.c = (value >>> (32 - amount)) & 1;
      return next;
    };
  }
  return () => {
    const value = r[m];
    const result = (value >>> amount) | 0;
    r[d] = result;
    cpu.n = result;
    cpu.z = result;
    cpu.c = (value >>> (amount - 1)) & 1;
    return next;
  };
}

/** Loops count with these: they have closures of their own, for speed. */
function addImmediate(site: Site, operation: DataOperation, d: Reg, [n, value]: readonly [Reg, number]): Op {
  const { cpu, next, inIt } = site;
  const { r } = cpu;
  if (inIt) return onImmediate(site, operation.plain, d, [n, value]);
  if (operation === SUB) {
    return () => {
      r[d] = subtractWithFlags(cpu, r[n], value);
      return next;
    };
  }
  return () => {
    r[d] = addWithFlags(cpu, r[n], value, 0);
    return next;
  };
}

/** 0x2000–0x3FFF: MOV, CMP, ADD, SUB with an 8-bit immediate. */
export function immediate8(site: Site, half: number): Op {
  const { cpu, next, inIt } = site;
  const { r } = cpu;
  const d = lowReg(half, 8);
  const value = half & 0xff;
  switch ((half >>> 11) & 3) {
    case 0:
      return () => {
        r[d] = value;
        if (!inIt) {
          cpu.n = value;
          cpu.z = value;
        }
        return next;
      };
    case 1:
      return () => {
        subtractWithFlags(cpu, r[d], value);
        return next;
      };
    case 2:
      return addImmediate(site, ADD, d, [d, value]);
    default:
      return addImmediate(site, SUB, d, [d, value]);
  }
}

/** By bits 9:6; shifts, comparisons, RSB and MUL are apart. */
const LOGIC: Readonly<Record<number, DataOperation>> = { 0: AND, 1: EOR, 5: ADC, 6: SBC, 12: ORR, 14: BIC, 15: MVN };
const REGISTER_SHIFTS: Readonly<Record<number, number>> = { 2: SHIFT.LSL, 3: SHIFT.LSR, 4: SHIFT.ASR, 7: SHIFT.ROR };
const COMPARISONS: Readonly<Record<number, DataOperation>> = { 8: AND, 10: SUB, 11: ADD };

/** 0x4000–0x43FF: operations on two low registers. */
export function dataProcessing(site: Site, half: number): Op {
  const d = lowReg(half, 0);
  const m = lowReg(half, 3);
  const kind = (half >>> 6) & 15;
  const type = REGISTER_SHIFTS[kind];
  if (type !== undefined) return shiftByRegister(site, type, d, m);
  const comparison = COMPARISONS[kind];
  if (comparison) return compareRegisters(site, comparison.flagged, d, m);
  const choose = (operation: DataOperation) => (site.inIt ? operation.plain : operation.flagged);
  if (kind === 9) return onImmediate(site, choose(RSB), d, [m, 0]);
  return onRegisters(site, choose(LOGIC[kind] ?? MUL), d, [d, m]);
}

function shiftByRegister({ cpu, next, inIt }: Site, type: number, d: Reg, m: Reg): Op {
  const { r } = cpu;
  return () => {
    const result = shift(cpu, type, r[d], r[m] & 0xff);
    r[d] = result;
    if (!inIt) {
      cpu.n = result;
      cpu.z = result;
      cpu.c = cpu.shifted;
    }
    return next;
  };
}

/** 0x4400–0x46FF: ADD, CMP and MOV on all registers. */
export function highRegisters(site: Site, half: number): Op | undefined {
  const { cpu, at, next } = site;
  const { r } = cpu;
  const d = reg(((half >>> 4) & 8) | (half & 7), 0);
  const m = reg(half, 3);
  const kind = (half >>> 8) & 3;
  if (kind === 1) return compareRegisters(site, SUB.flagged, d, m);
  const pc = (at + 4) | 0;
  const value = () => {
    const from = m === PC ? pc : r[m];
    return kind === 2 ? from : ((d === PC ? pc : r[d]) + from) | 0;
  };
  if (d === PC) {
    return () => {
      cpu.left -= 1;
      return (value() & ~1) >>> 0;
    };
  }
  if (d === SP) {
    return () => {
      r[SP] = value() & ~3;
      return next;
    };
  }
  if (m === PC) {
    return () => {
      r[d] = value();
      return next;
    };
  }
  if (kind === 0) return onRegisters(site, ADD.plain, d, [d, m]);
  return () => {
    r[d] = r[m];
    return next;
  };
}

/** 0x4700–0x47FF: BX and BLX. */
export function branchExchange({ cpu, next, at }: Site, half: number): Op | undefined {
  const { r } = cpu;
  const m = reg(half, 3);
  const links = (half & 0x80) !== 0;
  if (half & 7) return undefined;
  if (m === PC) {
    // BX PC is a branch to a word with bit 0 clear; BLX PC is unpredictable.
    return () => branchOrReturn(cpu, (at + 4) | 0);
  }
  if (!links) return () => branchOrReturn(cpu, r[m]);
  return () => linkTo(cpu, r[m], next);
}

const EXTENSIONS: readonly ((value: number) => number)[] = [
  signedHalf,
  signedByte,
  (value) => value & 0xffff,
  (value) => value & 0xff,
];
const REVERSALS: readonly (((value: number) => number) | undefined)[] = [
  reversedBytes,
  reversedBytesInHalves,
  undefined,
  (value) => signedHalf(((value & 0xff) << 8) | ((value >>> 8) & 0xff)),
];

/** 0xB200–0xB2FF (SXTH, SXTB, UXTH, UXTB) and 0xBA00–0xBAFF (REV, REV16, REVSH). */
export function extendOrReverse({ cpu, next }: Site, half: number): Op | undefined {
  const { r } = cpu;
  const change = (half & 0x0800 ? REVERSALS : EXTENSIONS)[(half >>> 6) & 3];
  if (!change) return undefined;
  const d = lowReg(half, 0);
  const m = lowReg(half, 3);
  return () => {
    r[d] = change(r[m]);
    return next;
  };
}

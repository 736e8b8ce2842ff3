/** 32-bit data processing on registers (ARMv7-M ARM, A5.3.11 to A5.3.15). */

import {
  reversedBits,
  reversedBytes,
  reversedBytesInHalves,
  rotated,
  rotateWithExtend,
  SHIFT,
  shift,
  signedByte,
  signedHalf,
} from './arithmetic.ts';
import { type Cpu, type Op, PC, reg, type Site } from './cpu.ts';
import { type DataOperation, onRegisters } from './operations.ts';
import { parallel } from './parallel.ts';
import { saturatingAdd } from './saturation.ts';
import { alignedStack, COMPARES, operationOf } from './thumb32-immediate.ts';

/** The second operand is shifted by an immediate; PKHBT and PKHTB are among these. */
export function shiftedRegister(site: Site, first: number, second: number): Op | undefined {
  const { cpu, next } = site;
  const { r } = cpu;
  if (((first >>> 5) & 15) === 6) return packHalves(site, first, second);
  const operation = operationOf(first);
  if (!operation) return undefined;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const setsFlags = (first & 0x10) !== 0;
  const type = (second >>> 4) & 3;
  const amount = ((second >>> 10) & 0x1c) | ((second >>> 6) & 3);
  if (!setsFlags) {
    if (amount === 0 && type === SHIFT.LSL) {
      return alignedStack(cpu, d, onRegisters(site, operation.plain, d, [n, m]));
    }
    const operand = plainShifter(cpu, type, amount);
    const { plain } = operation;
    return alignedStack(cpu, d, () => {
      r[d] = plain(cpu, r[n], operand(r[m]));
      return next;
    });
  }
  return withFlags(site, operation, first, second);
}

function withFlags({ cpu, next }: Site, operation: DataOperation, first: number, second: number): Op {
  const { r } = cpu;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const operand = operandShifter(cpu, (second >>> 4) & 3, ((second >>> 10) & 0x1c) | ((second >>> 6) & 3));
  const discards = d === PC && COMPARES.has(operation);
  return alignedStack(cpu, d, () => {
    const value = operand(r[m]);
    const carry = cpu.shifted;
    const result = operation.flagged(cpu, r[n], value);
    if (operation.logical) cpu.c = carry;
    if (!discards) r[d] = result;
    return next;
  });
}

/** DecodeImmShift: an amount of 0 is 32 for LSR and ASR, and RRX for ROR. */
function operandShifter(cpu: Cpu, type: number, amount: number): (value: number) => number {
  if (amount === 0 && type === SHIFT.ROR) return (value) => rotateWithExtend(cpu, value);
  const by = amount === 0 && type !== SHIFT.LSL ? 32 : amount;
  return (value) => shift(cpu, type, value, by);
}

/** The same where nobody asks for the carry. */
function plainShifter(cpu: Cpu, type: number, amount: number): (value: number) => number {
  if (type === SHIFT.LSL) return (value) => value << amount;
  if (amount === 0) return operandShifter(cpu, type, amount);
  if (type === SHIFT.LSR) return (value) => value >>> amount;
  return type === SHIFT.ASR ? (value) => value >> amount : (value) => rotated(value, amount);
}

function packHalves({ cpu, next }: Site, first: number, second: number): Op | undefined {
  const { r } = cpu;
  if (!cpu.architecture.dsp || (first & 0x10) !== 0 || (second & 0x10) !== 0) return undefined;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const topFirst = (second & 0x20) !== 0;
  const operand = operandShifter(
    cpu,
    topFirst ? SHIFT.ASR : SHIFT.LSL,
    ((second >>> 10) & 0x1c) | ((second >>> 6) & 3),
  );
  return () => {
    const value = operand(r[m]);
    r[d] = topFirst ? (r[n] & ~0xffff) | (value & 0xffff) : (value & ~0xffff) | (r[n] & 0xffff);
    return next;
  };
}

/** Shifts by a register, extensions, parallel arithmetic, and what is called miscellaneous. */
export function dataRegister(site: Site, first: number, second: number): Op | undefined {
  const { dsp } = site.cpu.architecture;
  if ((second & 0xf000) !== 0xf000) return undefined;
  if ((first & 0x80) === 0) {
    if ((second & 0x80) !== 0) return extension(site, first, second);
    return (second & 0x70) === 0 ? shiftByRegister32(site, first, second) : undefined;
  }
  if ((second & 0x80) === 0) return dsp ? parallel(site, first, second) : undefined;
  if ((second & 0x40) !== 0 || (first & 0x40) !== 0) return undefined;
  return miscellaneous32(site, first, second);
}

function shiftByRegister32({ cpu, next }: Site, first: number, second: number): Op {
  const { r } = cpu;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const type = (first >>> 5) & 3;
  const setsFlags = (first & 0x10) !== 0;
  return () => {
    const result = shift(cpu, type, r[n], r[m] & 0xff);
    r[d] = result;
    if (setsFlags) {
      cpu.n = result;
      cpu.z = result;
      cpu.c = cpu.shifted;
    }
    return next;
  };
}

/** By bits 22:20: the extension, and whether it belongs to the DSP extension even without an addition. */
const EXTENSIONS_32: readonly (((value: number) => number) | undefined)[] = [
  signedHalf,
  (value) => value & 0xffff,
  (value) => (signedByte(value) & 0xffff) | (signedByte(value >>> 16) << 16),
  (value) => value & 0x00ff_00ff,
  signedByte,
  (value) => value & 0xff,
];

function extension({ cpu, next }: Site, first: number, second: number): Op | undefined {
  const { r } = cpu;
  const kind = (first >>> 4) & 7;
  const extend = EXTENSIONS_32[kind];
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const rotation = ((second >>> 4) & 3) * 8;
  const pairs = kind === 2 || kind === 3;
  if (!extend || ((pairs || n !== PC) && !cpu.architecture.dsp)) return undefined;
  if (n === PC) {
    return () => {
      r[d] = extend(rotated(r[m], rotation));
      return next;
    };
  }
  return () => {
    const value = extend(rotated(r[m], rotation));
    r[d] = pairs ? (((r[n] & ~0xffff) + (value & ~0xffff)) & ~0xffff) | ((r[n] + value) & 0xffff) : r[n] + value;
    return next;
  };
}

const UNARY: readonly (((value: number) => number) | undefined)[] = [
  reversedBytes,
  reversedBytesInHalves,
  reversedBits,
  (value) => signedHalf(((value & 0xff) << 8) | ((value >>> 8) & 0xff)),
];

/** QADD and its kin, REV, RBIT, SEL and CLZ. */
function miscellaneous32({ cpu, next }: Site, first: number, second: number): Op | undefined {
  const { r } = cpu;
  const { dsp } = cpu.architecture;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const which = (second >>> 4) & 3;
  switch ((first >>> 4) & 3) {
    case 0:
      return dsp ? saturatingAdd({ cpu, next }, first, second) : undefined;
    case 1: {
      const change = UNARY[which];
      if (!change) return undefined;
      return () => {
        r[d] = change(r[m]);
        return next;
      };
    }
    case 2: {
      if (which !== 0 || !dsp) return undefined;
      return () => {
        const mask = byteMask(cpu.ge);
        r[d] = (r[n] & mask) | (r[m] & ~mask);
        return next;
      };
    }
    default:
      if (which !== 0) return undefined;
      return () => {
        r[d] = Math.clz32(r[m]);
        return next;
      };
  }
}

function byteMask(ge: number): number {
  return (ge & 1 ? 0xff : 0) | (ge & 2 ? 0xff00 : 0) | (ge & 4 ? 0xff_0000 : 0) | (ge & 8 ? -0x100_0000 : 0);
}

/** Sums, shifts and bit patterns with the flags that they leave (ARMv7-M ARM, A2.2.1 and A5.3.2). */

import type { Cpu } from './cpu.ts';

/** AddWithCarry, with all four flags. */
export function addWithFlags(cpu: Cpu, a: number, b: number, carry: number): number {
  const sum = (a >>> 0) + (b >>> 0) + carry;
  const result = sum | 0;
  cpu.n = result;
  cpu.z = result;
  cpu.c = sum > 0xffff_ffff ? 1 : 0;
  cpu.v = ((a ^ result) & (b ^ result)) >>> 31;
  return result;
}

/** a − b, with all four flags: C says that there was no borrow. */
export function subtractWithFlags(cpu: Cpu, a: number, b: number): number {
  const result = (a - b) | 0;
  cpu.n = result;
  cpu.z = result;
  cpu.c = a >>> 0 >= b >>> 0 ? 1 : 0;
  cpu.v = ((a ^ b) & (a ^ result)) >>> 31;
  return result;
}

export const SHIFT = { LSL: 0, LSR: 1, ASR: 2, ROR: 3 } as const;

/** A shift by 0 to 255, as registers give it; `cpu.shifted` gets the carry. */
export function shift(cpu: Cpu, type: number, value: number, amount: number): number {
  if (amount === 0) {
    cpu.shifted = cpu.c;
    return value;
  }
  switch (type) {
    case SHIFT.LSL:
      cpu.shifted = amount > 32 ? 0 : (value >>> (32 - amount)) & 1;
      return amount > 31 ? 0 : value << amount;
    case SHIFT.LSR:
      cpu.shifted = amount > 32 ? 0 : (value >>> (amount - 1)) & 1;
      return amount > 31 ? 0 : (value >>> amount) | 0;
    case SHIFT.ASR:
      cpu.shifted = (value >> Math.min(31, amount - 1)) & 1;
      return value >> Math.min(31, amount);
    default: {
      const result = rotated(value, amount & 31);
      cpu.shifted = result >>> 31;
      return result;
    }
  }
}

/** Rotate right with extend: by one, through the carry. */
export function rotateWithExtend(cpu: Cpu, value: number): number {
  cpu.shifted = value & 1;
  return (value >>> 1) | (cpu.c << 31);
}

export function rotated(value: number, amount: number): number {
  return amount === 0 ? value : (value >>> amount) | (value << (32 - amount));
}

/** ThumbExpandImm. @returns the value, and the carry that logical instructions take from it, if any */
export function expandedImmediate(imm12: number): { value: number; carry: number | undefined } {
  const imm8 = imm12 & 0xff;
  if (imm12 >>> 10 === 0) {
    const patterns = [imm8, (imm8 << 16) | imm8, (imm8 << 24) | (imm8 << 8), imm8 * 0x0101_0101];
    return { value: (patterns[(imm12 >>> 8) & 3] ?? 0) | 0, carry: undefined };
  }
  const value = rotated(0x80 | (imm12 & 0x7f), imm12 >>> 7);
  return { value, carry: value >>> 31 };
}

export function reversedBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) reversed = (reversed << 1) | ((value >>> bit) & 1);
  return reversed;
}

export function reversedBytes(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

export function reversedBytesInHalves(value: number): number {
  return ((value & 0x00ff_00ff) << 8) | ((value >>> 8) & 0x00ff_00ff);
}

export function signedHalf(value: number): number {
  return (value << 16) >> 16;
}

export function signedByte(value: number): number {
  return (value << 24) >> 24;
}

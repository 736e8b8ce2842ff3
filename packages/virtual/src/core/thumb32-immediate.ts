/** 32-bit data processing with immediates (ARMv7-M ARM, A5.3.1 and A5.3.3). */

import { expandedImmediate } from './arithmetic.ts';
import { type Cpu, type Op, PC, type Reg, reg, type Site, SP } from './cpu.ts';
import {
  ADC,
  ADD,
  AND,
  BIC,
  compareImmediate,
  type DataOperation,
  EOR,
  MOV,
  MVN,
  ORN,
  ORR,
  onImmediate,
  RSB,
  SBC,
  SUB,
} from './operations.ts';
import { saturateWord } from './saturation.ts';

/** By bits 24:21 of the instruction; ORR and ORN without a first operand are MOV and MVN. */
export const OPERATIONS: readonly (DataOperation | undefined)[] = [
  AND,
  BIC,
  ORR,
  ORN,
  EOR,
  undefined,
  undefined,
  undefined,
  ADD,
  undefined,
  ADC,
  SBC,
  undefined,
  SUB,
  RSB,
  undefined,
];

/** With the flags and no destination: TST, TEQ, CMN, CMP. */
export const COMPARES: ReadonlySet<DataOperation> = new Set([AND, EOR, ADD, SUB]);

export function operationOf(first: number): DataOperation | undefined {
  const operation = OPERATIONS[(first >>> 5) & 15];
  if ((first & 15) !== PC) return operation;
  if (operation === ORR) return MOV;
  return operation === ORN ? MVN : operation;
}

export function modifiedImmediate(site: Site, first: number, second: number): Op | undefined {
  const { cpu, next } = site;
  const { r } = cpu;
  const operation = operationOf(first);
  if (!operation) return undefined;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const setsFlags = (first & 0x10) !== 0;
  const { value, carry } = expandedImmediate(imm12(first, second));
  const keepsCarry = !operation.logical || carry === undefined;
  if (!setsFlags) return alignedStack(cpu, d, onImmediate(site, operation.plain, d, [n, value]));
  if (d === PC && COMPARES.has(operation)) {
    if (keepsCarry) return compareImmediate(site, operation.flagged, n, value);
    return () => {
      operation.flagged(cpu, r[n], value);
      cpu.c = carry;
      return next;
    };
  }
  if (keepsCarry) return alignedStack(cpu, d, onImmediate(site, operation.flagged, d, [n, value]));
  return () => {
    r[d] = operation.flagged(cpu, r[n], value);
    cpu.c = carry;
    return next;
  };
}

function imm12(first: number, second: number): number {
  return ((first & 0x0400) << 1) | ((second & 0x7000) >>> 4) | (second & 0xff);
}

/** Bits 1:0 of SP are always 0. */
export function alignedStack(cpu: Cpu, d: Reg, op: Op): Op {
  if (d !== SP) return op;
  return () => {
    const next = op();
    cpu.r[SP] &= ~3;
    return next;
  };
}

/** ADDW, SUBW, ADR, MOVW, MOVT, bit fields and saturation. */
export function plainImmediate(site: Site, first: number, second: number): Op | undefined {
  const { cpu, at, next } = site;
  const { r } = cpu;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const value = imm12(first, second);
  switch ((first >>> 4) & 31) {
    case 0b00000:
    case 0b01010: {
      const subtracts = (first & 0x80) !== 0;
      if (n !== PC) return alignedStack(cpu, d, onImmediate(site, ADD.plain, d, [n, subtracts ? -value : value]));
      const address = ((at + 4) & ~3) + (subtracts ? -value : value);
      return () => {
        r[d] = address;
        return next;
      };
    }
    case 0b00100:
    case 0b01100:
      return moveHalf(site, first, second);
    default:
      return bitField(site, first, second);
  }
}

/** MOVW and MOVT, which ARMv8-M Baseline has too. */
export function moveHalf({ cpu, next }: Site, first: number, second: number): Op {
  const { r } = cpu;
  const d = reg(second, 8);
  const value = ((first & 15) << 12) | imm12(first, second);
  if ((first & 0x80) === 0) {
    return () => {
      r[d] = value;
      return next;
    };
  }
  return () => {
    r[d] = (r[d] & 0xffff) | (value << 16);
    return next;
  };
}

function bitField({ cpu, next }: Site, first: number, second: number): Op | undefined {
  const { r } = cpu;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const low = ((second >>> 10) & 0x1c) | ((second >>> 6) & 3);
  const last = second & 31;
  switch ((first >>> 4) & 31) {
    case 0b10100:
      return () => {
        r[d] = (r[n] << (31 - low - last)) >> (31 - last);
        return next;
      };
    case 0b11100:
      return () => {
        r[d] = (r[n] << (31 - low - last)) >>> (31 - last);
        return next;
      };
    case 0b10110: {
      const mask = (0xffff_ffff >>> (31 - last)) & (-1 << low);
      const source = (register: Reg) => (register === PC ? 0 : r[register]);
      return () => {
        r[d] = (r[d] & ~mask) | ((source(n) << low) & mask);
        return next;
      };
    }
    case 0b10000:
    case 0b10010:
    case 0b11000:
    case 0b11010:
      return saturateWord({ cpu, next }, first, second);
    default:
      return undefined;
  }
}

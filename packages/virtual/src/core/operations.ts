/** The sixteen data-processing operations of Thumb, with and without flags, for both instruction widths. */

import { addWithFlags, subtractWithFlags } from './arithmetic.ts';
import type { Cpu, Op, Reg, Site } from './cpu.ts';

export type CoreOperation = (cpu: Cpu, a: number, b: number) => number;

/** One operation: its result, and its result with flags. C of a logical one is the caller's, from its shifter. */
export interface DataOperation {
  readonly plain: CoreOperation;
  readonly flagged: CoreOperation;
  readonly logical: boolean;
}

/** N and Z of a logical result, which is given back. */
function tested(cpu: Cpu, result: number): number {
  cpu.n = result;
  cpu.z = result;
  return result;
}

function logical(plain: CoreOperation, flagged: CoreOperation): DataOperation {
  return { plain, flagged, logical: true };
}

function arithmetic(plain: CoreOperation, flagged: CoreOperation): DataOperation {
  return { plain: (cpu, a, b) => plain(cpu, a, b) | 0, flagged, logical: false };
}

export const AND = logical(
  (_cpu, a, b) => a & b,
  (cpu, a, b) => tested(cpu, a & b),
);
export const BIC = logical(
  (_cpu, a, b) => a & ~b,
  (cpu, a, b) => tested(cpu, a & ~b),
);
export const ORR = logical(
  (_cpu, a, b) => a | b,
  (cpu, a, b) => tested(cpu, a | b),
);
export const ORN = logical(
  (_cpu, a, b) => a | ~b,
  (cpu, a, b) => tested(cpu, a | ~b),
);
export const EOR = logical(
  (_cpu, a, b) => a ^ b,
  (cpu, a, b) => tested(cpu, a ^ b),
);
export const MOV = logical(
  (_cpu, _a, b) => b,
  (cpu, _a, b) => tested(cpu, b),
);
export const MVN = logical(
  (_cpu, _a, b) => ~b,
  (cpu, _a, b) => tested(cpu, ~b),
);
export const MUL = logical(
  (_cpu, a, b) => Math.imul(a, b),
  (cpu, a, b) => tested(cpu, Math.imul(a, b)),
);
export const ADD = arithmetic(
  (_cpu, a, b) => a + b,
  (cpu, a, b) => addWithFlags(cpu, a, b, 0),
);
export const ADC = arithmetic(
  (cpu, a, b) => a + b + cpu.c,
  (cpu, a, b) => addWithFlags(cpu, a, b, cpu.c),
);
export const SBC = arithmetic(
  (cpu, a, b) => a + ~b + cpu.c,
  (cpu, a, b) => addWithFlags(cpu, a, ~b, cpu.c),
);
export const SUB = arithmetic((_cpu, a, b) => a - b, subtractWithFlags);
export const RSB = arithmetic(
  (_cpu, a, b) => b - a,
  (cpu, a, b) => subtractWithFlags(cpu, b, a),
);

/** `d := n ∘ m` on registers as they are. */
export function onRegisters({ cpu, next }: Site, operation: CoreOperation, d: Reg, [n, m]: readonly [Reg, Reg]): Op {
  const { r } = cpu;
  return () => {
    r[d] = operation(cpu, r[n], r[m]);
    return next;
  };
}

/** `d := n ∘ value`. */
export function onImmediate(
  { cpu, next }: Site,
  operation: CoreOperation,
  d: Reg,
  [n, value]: readonly [Reg, number],
): Op {
  const { r } = cpu;
  return () => {
    r[d] = operation(cpu, r[n], value);
    return next;
  };
}

/** Flags alone, of registers: CMP, CMN, TST, TEQ. */
export function compareRegisters({ cpu, next }: Site, operation: CoreOperation, n: Reg, m: Reg): Op {
  const { r } = cpu;
  return () => {
    operation(cpu, r[n], r[m]);
    return next;
  };
}

/** Flags alone, of a register and a value. */
export function compareImmediate({ cpu, next }: Site, operation: CoreOperation, n: Reg, value: number): Op {
  const { r } = cpu;
  return () => {
    operation(cpu, r[n], value);
    return next;
  };
}

/** Saturation: SSAT, USAT, their 16-bit pairs, and QADD and its kin (ARMv7-M ARM, A7.7 and A2.2.1). */

import { SHIFT, shift } from './arithmetic.ts';
import { type Cpu, type Op, reg, type Site } from './cpu.ts';

type CpuSite = Pick<Site, 'cpu' | 'next'>;

/** `value` clamped; Q says that it was. */
export function saturated(cpu: Cpu, value: number, lowest: number, highest: number): number {
  if (value >= lowest && value <= highest) return value;
  cpu.q = 1;
  return value < lowest ? lowest : highest;
}

export function saturatedSigned(cpu: Cpu, value: number, bits: number): number {
  return saturated(cpu, value, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
}

/** SSAT, USAT, SSAT16 and USAT16; the last two need the DSP extension. */
export function saturateWord({ cpu, next }: CpuSite, first: number, second: number): Op | undefined {
  const { r } = cpu;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const unsigned = (first & 0x80) !== 0;
  const arithmetic = (first & 0x20) !== 0;
  const amount = ((second >>> 10) & 0x1c) | ((second >>> 6) & 3);
  const bits = (second & 31) + (unsigned ? 0 : 1);
  const lowest = unsigned ? 0 : -(2 ** (bits - 1));
  const highest = unsigned ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
  if (arithmetic && amount === 0) {
    if (!cpu.architecture.dsp) return undefined;
    return () => {
      const low = saturated(cpu, (r[n] << 16) >> 16, lowest, highest);
      const high = saturated(cpu, r[n] >> 16, lowest, highest);
      r[d] = (high << 16) | (low & 0xffff);
      return next;
    };
  }
  return () => {
    const value = shift(cpu, arithmetic ? SHIFT.ASR : SHIFT.LSL, r[n], amount);
    r[d] = saturated(cpu, value, lowest, highest);
    return next;
  };
}

/** QADD, QDADD, QSUB and QDSUB. */
export function saturatingAdd({ cpu, next }: CpuSite, first: number, second: number): Op {
  const { r } = cpu;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const doubles = (second & 0x10) !== 0;
  const subtracts = (second & 0x20) !== 0;
  return () => {
    const addend = doubles ? saturatedSigned(cpu, 2 * r[n], 32) : r[n];
    r[d] = saturatedSigned(cpu, subtracts ? r[m] - addend : r[m] + addend, 32);
    return next;
  };
}

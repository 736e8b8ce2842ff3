/** 32-bit multiplication and division (ARMv7-M ARM, A5.3.16 and A5.3.17). */

import { signedHalf } from './arithmetic.ts';
import { type Cpu, type Op, PC, type Reg, reg, type Site } from './cpu.ts';
import { sumOfDifferences } from './parallel.ts';

/** The registers of one multiplication; `a` is PC where nothing is accumulated. */
interface Operands {
  readonly d: Reg;
  readonly n: Reg;
  readonly m: Reg;
  readonly a: Reg;
}

function operandsOf(first: number, second: number): Operands {
  return { d: reg(second, 8), n: reg(first, 0), m: reg(second, 0), a: reg(second, 12) };
}

/** MUL, MLA, MLS, and the 16-bit and most significant word forms of the DSP extension. */
export function multiply(site: Site, first: number, second: number): Op | undefined {
  const { cpu, next } = site;
  const { r } = cpu;
  const operands = operandsOf(first, second);
  const { d, n, m, a } = operands;
  const kind = (first >>> 4) & 7;
  const which = (second >>> 4) & 15;
  if (kind === 0 && which === 0) {
    return () => {
      r[d] = Math.imul(r[n], r[m]) + (a === PC ? 0 : r[a]);
      return next;
    };
  }
  if (kind === 0 && which === 1) {
    return () => {
      r[d] = r[a] - Math.imul(r[n], r[m]);
      return next;
    };
  }
  return cpu.architecture.dsp ? multiplyHalves(site, operands, kind, which) : undefined;
}

function multiplyHalves({ cpu, next }: Site, { d, n, m, a }: Operands, kind: number, which: number): Op | undefined {
  const { r } = cpu;
  const product = productOf(cpu, n, m, { kind, which });
  if (!product) return undefined;
  const mostSignificant = kind === 5 || kind === 6;
  if (mostSignificant) {
    const rounding = which === 1 ? 0x8000_0000n : 0n;
    return () => {
      const whole = BigInt(r[n]) * BigInt(r[m]);
      const sum = a === PC ? whole : (BigInt(r[a]) << 32n) + (kind === 6 ? -whole : whole);
      r[d] = Number(BigInt.asIntN(32, (sum + rounding) >> 32n));
      return next;
    };
  }
  const setsQ = kind !== 7;
  return () => {
    const sum = product() + (a === PC ? 0 : r[a]);
    r[d] = sum;
    if (setsQ && sum !== (sum | 0)) cpu.q = 1;
    return next;
  };
}

/** The product before it is accumulated, as an exact number; by bits 22:20 and 7:4 of the instruction. */
function productOf(
  cpu: Cpu,
  n: Reg,
  m: Reg,
  { kind, which }: { readonly kind: number; readonly which: number },
): (() => number) | undefined {
  const { r } = cpu;
  const half = (value: number, top: boolean) => (top ? value >> 16 : signedHalf(value));
  if (kind === 1 && which < 4) {
    return () => half(r[n], (which & 2) !== 0) * half(r[m], (which & 1) !== 0);
  }
  if (which > 1) return undefined;
  const crosses = which === 1;
  switch (kind) {
    case 2:
      return () => half(r[n], false) * half(r[m], crosses) + half(r[n], true) * half(r[m], !crosses);
    case 3:
      return () => Math.floor((r[n] * half(r[m], crosses)) / 0x1_0000);
    case 4:
      return () => half(r[n], false) * half(r[m], crosses) - half(r[n], true) * half(r[m], !crosses);
    case 5:
    case 6:
      return () => 0;
    case 7:
      return crosses ? undefined : () => sumOfDifferences(r[n], r[m]);
    default:
      return undefined;
  }
}

/** SMULL, UMULL, SMLAL, UMLAL, UMAAL, SDIV, UDIV and the 16-bit forms that accumulate 64 bits. */
export function longMultiply(site: Site, first: number, second: number): Op | undefined {
  const { dsp, mainline } = site.cpu.architecture;
  const kind = (first >>> 4) & 7;
  const which = (second >>> 4) & 15;
  if ((kind === 1 || kind === 3) && which === 15) return divide(site, first, second);
  if (!mainline) return undefined;
  if (which === 0 && kind !== 1 && kind !== 3 && kind !== 5 && kind !== 7) return longProduct(site, first, second);
  if (!dsp) return undefined;
  if (kind === 6 && which === 6) return longProduct(site, first, second);
  return accumulateHalves(site, first, second);
}

/** SDIV and UDIV. The quotient of a division by 0 is 0, the one of −2³¹ by −1 is −2³¹. */
export function divide({ cpu, next }: Site, first: number, second: number): Op {
  const { r } = cpu;
  const { d, n, m } = operandsOf(first, second);
  const unsigned = (first & 0x20) !== 0;
  return () => {
    if (r[m] === 0) cpu.requests.divideByZero();
    if (r[m] === 0) r[d] = 0;
    else r[d] = unsigned ? Math.floor((r[n] >>> 0) / (r[m] >>> 0)) : Math.trunc(r[n] / r[m]);
    return next;
  };
}

function longProduct({ cpu, next }: Site, first: number, second: number): Op {
  const { r } = cpu;
  const { d: high, n, m, a: low } = operandsOf(first, second);
  const unsigned = (first & 0x20) !== 0;
  const accumulates = (first & 0x40) !== 0;
  const twice = (second & 0xf0) === 0x60;
  const wide = (value: number) => BigInt(unsigned ? value >>> 0 : value);
  return () => {
    let product = wide(r[n]) * wide(r[m]);
    if (twice) product += wide(r[high]) + wide(r[low]);
    else if (accumulates) product += (BigInt(r[high]) << 32n) | BigInt(r[low] >>> 0);
    r[low] = Number(BigInt.asIntN(32, product));
    r[high] = Number(BigInt.asIntN(32, product >> 32n));
    return next;
  };
}

/** SMLALxy, SMLALD and SMLSLD. */
function accumulateHalves({ cpu, next }: Site, first: number, second: number): Op | undefined {
  const { r } = cpu;
  const { d: high, n, m, a: low } = operandsOf(first, second);
  const kind = (first >>> 4) & 7;
  const which = (second >>> 4) & 15;
  let product: (() => number) | undefined;
  if (kind === 4 && which >>> 2 === 2) product = productOf(cpu, n, m, { kind: 1, which: which & 3 });
  else if (kind === 4 && which >>> 1 === 6) product = productOf(cpu, n, m, { kind: 2, which: which & 1 });
  else if (kind === 5 && which >>> 1 === 6) product = productOf(cpu, n, m, { kind: 4, which: which & 1 });
  if (!product) return undefined;
  const value = product;
  return () => {
    const sum = ((BigInt(r[high]) << 32n) | BigInt(r[low] >>> 0)) + BigInt(value());
    r[low] = Number(BigInt.asIntN(32, sum));
    r[high] = Number(BigInt.asIntN(32, sum >> 32n));
    return next;
  };
}

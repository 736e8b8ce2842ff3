/** Parallel addition and subtraction of bytes and half-words: the DSP extension (ARMv7-M ARM, A5.3.13, A5.3.14). */

import { signedByte, signedHalf } from './arithmetic.ts';
import { type Op, reg, type Site } from './cpu.ts';

/** A lane's two operands, and the sum or the difference. */
interface Lane {
  readonly a: 'low' | 'high';
  readonly b: 'low' | 'high';
  readonly subtracts: boolean;
}

/** Half-word forms by bits 22:20: ADD16, ASX, SAX, SUB16; the low half first. */
const HALVES: Readonly<Record<number, readonly [Lane, Lane]>> = {
  1: [
    { a: 'low', b: 'low', subtracts: false },
    { a: 'high', b: 'high', subtracts: false },
  ],
  2: [
    { a: 'low', b: 'high', subtracts: true },
    { a: 'high', b: 'low', subtracts: false },
  ],
  6: [
    { a: 'low', b: 'high', subtracts: false },
    { a: 'high', b: 'low', subtracts: true },
  ],
  5: [
    { a: 'low', b: 'low', subtracts: true },
    { a: 'high', b: 'high', subtracts: true },
  ],
};

/** What becomes of a lane: it wraps and leaves GE, saturates, or is halved. */
type Finish = 'wraps' | 'saturates' | 'halves';
const FINISHES: readonly (Finish | undefined)[] = ['wraps', 'saturates', 'halves'];

export function parallel(site: Site, first: number, second: number): Op | undefined {
  const unsigned = (second & 0x40) !== 0;
  const finish = FINISHES[(second >>> 4) & 3];
  const kind = (first >>> 4) & 7;
  if (!finish) return undefined;
  if (kind === 0 || kind === 4) return onBytes(site, { finish, unsigned, subtracts: kind === 4 }, first, second);
  const lanes = HALVES[kind];
  return lanes ? onHalves(site, { finish, unsigned, lanes }, first, second) : undefined;
}

interface HalvesForm {
  readonly finish: Finish;
  readonly unsigned: boolean;
  readonly lanes: readonly [Lane, Lane];
}

function onHalves({ cpu, next }: Site, form: HalvesForm, first: number, second: number): Op {
  const { r } = cpu;
  const { finish, unsigned, lanes } = form;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const pick = (value: number, half: 'low' | 'high') => {
    const bits = half === 'low' ? value & 0xffff : value >>> 16;
    return unsigned ? bits : signedHalf(bits);
  };
  const result = (lane: Lane) => {
    const a = pick(r[n], lane.a);
    const b = pick(r[m], lane.b);
    return lane.subtracts ? a - b : a + b;
  };
  return () => {
    const low = result(lanes[0]);
    const high = result(lanes[1]);
    if (finish === 'wraps') {
      cpu.ge =
        (reaches(low, lanes[0].subtracts, unsigned, 16) ? 3 : 0) |
        (reaches(high, lanes[1].subtracts, unsigned, 16) ? 12 : 0);
    }
    r[d] = (finished(high, finish, unsigned, 16) << 16) | (finished(low, finish, unsigned, 16) & 0xffff);
    return next;
  };
}

interface BytesForm {
  readonly finish: Finish;
  readonly unsigned: boolean;
  readonly subtracts: boolean;
}

function onBytes({ cpu, next }: Site, form: BytesForm, first: number, second: number): Op {
  const { r } = cpu;
  const { finish, unsigned, subtracts } = form;
  const n = reg(first, 0);
  const d = reg(second, 8);
  const m = reg(second, 0);
  const pick = (value: number, lane: number) => {
    const bits = (value >>> (8 * lane)) & 0xff;
    return unsigned ? bits : signedByte(bits);
  };
  return () => {
    let word = 0;
    let ge = 0;
    for (let lane = 0; lane < 4; lane += 1) {
      const a = pick(r[n], lane);
      const b = pick(r[m], lane);
      const value = subtracts ? a - b : a + b;
      if (reaches(value, subtracts, unsigned, 8)) ge |= 1 << lane;
      word |= (finished(value, finish, unsigned, 8) & 0xff) << (8 * lane);
    }
    if (finish === 'wraps') cpu.ge = ge;
    r[d] = word;
    return next;
  };
}

/** GE: a signed result, or an unsigned difference, is not negative; an unsigned sum carries. */
function reaches(value: number, subtracts: boolean, unsigned: boolean, bits: number): boolean {
  return unsigned && !subtracts ? value >= 2 ** bits : value >= 0;
}

/** Saturation of lanes leaves Q alone. */
function finished(value: number, finish: Finish, unsigned: boolean, bits: number): number {
  if (finish === 'wraps') return value;
  if (finish === 'halves') return value >> 1;
  const lowest = unsigned ? 0 : -(2 ** (bits - 1));
  const highest = unsigned ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
  return Math.min(highest, Math.max(lowest, value));
}

/** USAD8 and USADA8: the sum of the absolute differences of four bytes. */
export function sumOfDifferences(a: number, b: number): number {
  let sum = 0;
  for (let lane = 0; lane < 32; lane += 8) sum += Math.abs(((a >>> lane) & 0xff) - ((b >>> lane) & 0xff));
  return sum;
}

/** Deviations of data: what arrives, and what becomes of it. */

import { bitsOfNumber } from '../grammar/condition.ts';
import { fixedMark, NO_BYTE } from '../grammar/marks.ts';
import type { Combine, DataHook, Primitive, PrimitiveKind } from '../grammar/primitive.ts';
import { type Ground, type Scope, type Step, sectorAt } from '../recording/steps.ts';

/** Where a deviation applies, the bits that it costs to name it, and its parameters. */
interface Described {
  readonly on: Scope;
  readonly bits: number;
  readonly parameters?: Record<string, number>;
}

function data(kind: PrimitiveKind, { on, bits, parameters = {} }: Described, hook: DataHook): Primitive {
  const scope = on.length > 1 ? 2 : on[0] === 'read' ? 1 : 0;
  return { kind, stage: 'data', on, parameters, bits: bits + scope, hooks: { data: hook } };
}

/**
 * Within groups of `group` bytes, the order of units of `unit` bytes is reversed. `tail`: a group that is cut stays (0),
 * is reversed as far as it goes (1), is filled with something that is not seen (2), or only those of its bytes stay that
 * have no partner (3).
 */
export function swap(on: Scope, group: number, unit = 1, tail = 0): Primitive {
  const move = (i: number, length: number): number => {
    const start = i - (i % group);
    const size = tail === 1 ? Math.min(group, length - start) : group;
    if (tail === 0 && start + group > length) return i;
    const from = start + size - unit - (i - start - (i % unit)) + (i % unit);
    if (from < length && from >= 0) return from;
    return tail === 3 ? i : -1;
  };
  return data('swap', { on, bits: 2 + (unit > 1 ? 2 : 0) + tail, parameters: { group, unit, tail } }, { move });
}

/** The whole block comes in reverse. */
export function reversed(on: Scope): Primitive {
  return data('reversed', { on, bits: 5 }, { move: (i, length) => length - 1 - i });
}

/** The block is turned by `by` bytes; with `filling` what leaves it does not come back. */
export function rotated(on: Scope, by: number, filling?: Filling): Primitive {
  const mark = filling && NO_BYTE[filling];
  const move = (i: number, length: number): number => {
    const from = i - by;
    if (mark !== undefined) return from < 0 || from >= length ? mark : from;
    return ((from % length) + length) % length;
  };
  const parameters = { by, ...(filling && { filling: FILLINGS.indexOf(filling) }) };
  return data(
    'rotated',
    { on, bits: 4 + bitsOfNumber(by) + (filling ? FILLING_BITS[filling] : 0), parameters },
    { move, looksBack: filling === 'before' },
  );
}

/** The first `n` bytes of a block come again and again: one USB packet, or one buffer. */
export function repeated(on: Scope, n: number): Primitive {
  return data('repeated', { on, bits: 4 + bitsOfNumber(n), parameters: { bytes: n } }, { move: (i) => i % n });
}

/** Pieces of `unit` bytes come from a place `by` (2 or 1/2) times as far into the block; beyond its end there is `filling`. */
export function strided(on: Scope, unit: number, by: number, filling: Filling): Primitive {
  const mark = NO_BYTE[filling];
  const move = (i: number, length: number): number => {
    const from = Math.floor(Math.floor(i / unit) * by) * unit + (i % unit);
    return from < length ? from : mark;
  };
  const parameters = { unit, by, filling: FILLINGS.indexOf(filling) };
  const hook = { move, looksBack: filling === 'before' };
  return data('strided', { on, bits: 4 + Math.log2(unit) / 2 + FILLING_BITS[filling], parameters }, hook);
}

/** Bytes from `from` on come from `by` later in the block: what lies between is lost, and the rest moves up. */
export function closedUp(on: Scope, from: number, by: number): Primitive {
  const move = (i: number, length: number): number => {
    const at = i < from ? i : i + by;
    return at < length ? at : NO_BYTE.none;
  };
  const bits = 4 + (from === 0 ? 0 : bitsOfNumber(from)) + bitsOfNumber(by);
  const resize = (length: number): number => Math.max(Math.min(length, from), length - by);
  return data('closed-up', { on, bits, parameters: { from, by } }, { move, resize });
}

/** Every byte is followed by `unit` - 1 zeros. */
export function widened(on: Scope, unit: number): Primitive {
  const move = (i: number): number => (i % unit === 0 ? i / unit : NO_BYTE.zero);
  return data('widened', { on, bits: 3 + bitsOfNumber(unit), parameters: { unit } }, { move });
}

/** The `unit` bytes around a block, or the sector in which it begins (0). */
function unitAround(
  unit: number,
  { address, length }: Pick<Step, 'address' | 'length'>,
  ground: Ground,
): readonly [number, number] {
  if (unit > 0) return [Math.floor(address / unit) * unit, Math.ceil((address + length) / unit) * unit];
  const sector = sectorAt(ground, address);
  return sector < 0 ? [0, 0] : [ground.edges[sector] ?? 0, ground.edges[sector + 1] ?? 0];
}

/** What is around a block is erased before it is programmed: where it goes, or where it was asked to (`asked` 1). */
export function erasesFirst(unit: number, asked: 0 | 1 = 0): Primitive {
  const placeOf = (
    { base, number, address, length }: Step,
    { blockSize }: Ground,
  ): Pick<Step, 'address' | 'length'> => ({
    address: asked ? base + number * blockSize : address,
    length,
  });
  const hooks: Primitive['hooks'] = {
    erasesFirst: (step, ground) => unitAround(unit, placeOf(step, ground), ground),
    box: (low, high, step, ground) => {
      const address = asked ? step.address : low;
      const [start, end] = unitAround(unit, { address, length: high - low }, ground);
      return [Math.min(low, start), Math.max(high, end)];
    },
    runs: (runs) => runs,
  };
  const bits = 4 + (unit === 0 ? 0 : bitsOfNumber(unit)) + asked;
  const parameters = { unit, ...(asked && { asked }) };
  return { kind: 'erases-first', stage: 'second', on: ['write'], parameters, bits, hooks };
}

export type Filling = Exclude<keyof typeof NO_BYTE, 'blankBuffer'>;
const FILLING_BITS: Readonly<Record<Filling, number>> = { none: 0, zero: 1, ones: 1, before: 2, buffer: 3 };
const FILLINGS = Object.keys(FILLING_BITS);

/** Of every `period` bytes, those from `from` to `to` do not arrive, or something else does. */
export function stripes(
  on: Scope,
  [period, from, to]: readonly [number, number, number],
  filling: Filling = 'none',
): Primitive {
  const mark = NO_BYTE[filling];
  const move = (i: number): number => (i % period >= from && i % period < to ? mark : i);
  const bits = 2 + Math.log2(period) + FILLING_BITS[filling];
  const parameters = { period, from, to, filling: FILLINGS.indexOf(filling) };
  return data('stripes', { on, bits, parameters }, { move, looksBack: filling === 'before' });
}

/** Of every block, bytes from `from` to `to` do not arrive, or something else does. */
export function hole(on: Scope, from: number, to: number, filling: Filling = 'none'): Primitive {
  const mark = NO_BYTE[filling];
  const bits = 3 + (from === 0 ? 0 : bitsOfNumber(from)) + bitsOfNumber(to - from) + FILLING_BITS[filling];
  return data(
    'hole',
    { on, bits, parameters: { from, to, filling: FILLINGS.indexOf(filling) } },
    { move: (i) => (i >= from && i < to ? mark : i), looksBack: filling === 'before' },
  );
}

/** Of every block, bytes from `from` to `to` are `value`, whatever was written or stands there. */
export function patched(on: Scope, from: number, to: number, value: number): Primitive {
  const mark = fixedMark(value);
  const bits = 7 + (from === 0 ? 0 : bitsOfNumber(from)) + bitsOfNumber(to - from);
  return data(
    'patched',
    { on, bits, parameters: { from, to, value } },
    { move: (i) => (i >= from && i < to ? mark : i) },
  );
}

export const TABLES = {
  invert: (x: number) => x ^ 0xff,
  and: (x: number, mask: number) => x & mask,
  or: (x: number, mask: number) => x | mask,
  xor: (x: number, mask: number) => x ^ mask,
  add: (x: number, n: number) => (x + n) & 0xff,
  fill: (_: number, value: number) => value,
  'bits-reversed': (x: number) =>
    [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, bit) => sum | (((x >> bit) & 1) << (7 - bit)), 0),
  'nibbles-swapped': (x: number) => ((x << 4) | (x >> 4)) & 0xff,
  'rotated-left': (x: number, n: number) => ((x << n) | (x >> (8 - n))) & 0xff,
  'shifted-left': (x: number, n: number) => (x << n) & 0xff,
  'shifted-right': (x: number, n: number) => x >> n,
} as const;
export type TableKind = keyof typeof TABLES;
export const TABLE_KINDS = Object.keys(TABLES).filter((kind): kind is TableKind => kind in TABLES);

const tables = new Map<string, Uint8Array>();

/** What becomes of each byte; made once, because the same are asked for in every run. */
function tableOf(kind: TableKind, value: number): Uint8Array {
  const key = `${kind} ${value}`;
  const made = tables.get(key) ?? Uint8Array.from({ length: 256 }, (_, x) => TABLES[kind](x, value));
  tables.set(key, made);
  return made;
}

/** Every byte, or every one in a lane, becomes what the kind and its value say. */
export function table(
  on: Scope,
  kind: TableKind,
  value = 0,
  lane?: readonly [period: number, remainder: number],
): Primitive {
  const bytes = tableOf(kind, value);
  const single = kind === 'and' || kind === 'or';
  const bits =
    3 + (value === 0 ? 0 : single ? 3 + oneBitIsCheap(kind === 'and' ? value ^ 0xff : value) : bitsOfNumber(value));
  const parameters = { table: TABLE_KINDS.indexOf(kind), value };
  if (!lane) return data('table', { on, bits, parameters }, { table: bytes });
  const [period, remainder] = lane;
  return data(
    'table',
    { on, bits: bits + 2 + Math.log2(period), parameters: { ...parameters, period, remainder } },
    { table: bytes, lane },
  );
}

/** A single stuck data line is the usual one; a half or whole byte next. */
const oneBitIsCheap = (mask: number): number => ((mask & (mask - 1)) === 0 ? 0 : 4);

const XOR_KEYS: readonly ((i: number, address: number, step: Step) => number)[] = [
  (_, address) => address & 0xff,
  (_, address) => (address >> 8) & 0xff,
  (i) => i & 0xff,
  (_, __, { number }) => number & 0xff,
  (_, __, { index }) => index & 0xff,
];

/** Exclusive-or with something that runs along: low byte of the address, its second, index in the block, block number, count. */
export function keyed(on: Scope, by: number): Primitive {
  return data('keyed', { on, bits: 7, parameters: { by } }, { key: XOR_KEYS[by] ?? (() => 0) });
}

/** How data meet what stands there, where that is not the way of flash cells. */
export function combine(how: Combine): Primitive {
  const parameters = { how: ['and', 'overwrite', 'or', 'xor'].indexOf(how) };
  return { kind: 'combine', stage: 'data', on: ['write'], parameters, bits: 6, hooks: { combine: how } };
}

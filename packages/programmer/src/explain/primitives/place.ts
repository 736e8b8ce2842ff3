/** Deviations of addresses: where a block goes, or comes from. */

import { bitsOfNumber } from '../grammar/condition.ts';
import type { Hooks, Primitive, PrimitiveKind, Runs } from '../grammar/primitive.ts';
import { type Ground, type Scope, type Step, sectorAt } from '../recording/steps.ts';
import { mapRuns, shiftRuns, startOfRuns } from './runs.ts';

export const WRITES: Scope = ['write'];
export const READS: Scope = ['read'];
export const ERASES: Scope = ['erase'];
export const BLOCKS: Scope = ['write', 'read'];
export const CHANGES: Scope = ['erase', 'write'];
export const ALL: Scope = ['erase', 'write', 'read'];

/** A deviation of writes is the most usual; one in all three is one fault too. */
export function bitsOfScope(scope: Scope): number {
  return scope.length === 1 ? (scope[0] === 'write' ? 0 : 1) : scope.length === 3 ? 2 : 3;
}

export interface PlaceParts {
  readonly bits: number;
  readonly parameters?: Readonly<Record<string, number>>;
}

/** An erase takes the sector that holds its address, wherever that has moved to. */
export function sectorRuns(step: Step, ground: Ground, to: number): Runs {
  if (step.isWhole) return [0, step.address, step.length];
  const sector = sectorAt(ground, to);
  const start = ground.edges[sector];
  const end = ground.edges[sector + 1];
  return start === undefined || end === undefined ? [] : [0, start, end - start];
}

export function sectorBox(step: Step, ground: Ground, to: number): readonly [number, number] {
  const runs = sectorRuns(step, ground, to);
  const start = runs[1] ?? 0;
  return [start, start + (runs[2] ?? 0)];
}

/** The same operation where another deviation has sent it. */
export const movedTo = (step: Step, address: number, length = step.length): Step =>
  address === step.address && length === step.length ? step : { ...step, address, length };

/** The whole block goes to another address. */
function block(
  kind: PrimitiveKind,
  on: Scope,
  place: PlaceParts,
  to: (step: Step, ground: Ground) => number,
): Primitive {
  const hooks: Hooks = {
    runs: (runs, step, ground) => {
      if (runs.length === 0) return runs;
      const now = movedTo(step, startOfRuns(runs));
      const there = to(now, ground);
      return step.kind === 'erase' ? sectorRuns(step, ground, there) : shiftRuns(runs, there - now.address);
    },
    box: (low, high, step, ground) => {
      const there = to(movedTo(step, low), ground);
      return step.kind === 'erase' ? sectorBox(step, ground, there) : [there, there + high - low];
    },
  };
  const { bits, parameters = {} } = place;
  return { kind, stage: 'block', on, parameters, bits: bits + bitsOfScope(on), hooks };
}

/** An erase that is done byte by byte begins just where it is sent, not with the sector there. */
export function unaligned(place: Primitive): Primitive {
  const { runs, box } = place.hooks;
  const asWrite = (step: Step): Step => (step.kind === 'erase' && !step.isWhole ? { ...step, kind: 'write' } : step);
  const hooks: Hooks = {
    ...place.hooks,
    ...(runs && { runs: (all, step, ground) => runs(all, asWrite(step), ground) }),
    ...(box && { box: (low, high, step, ground) => box(low, high, asWrite(step), ground) }),
  };
  return { ...place, parameters: { ...place.parameters, unaligned: 1 }, bits: place.bits + 1, hooks };
}

export function shift(on: Scope, by: number): Primitive {
  const place = block('shift', on, { bits: 3 + bitsOfNumber(by), parameters: { by } }, ({ address }) => address + by);
  return { ...place, hooks: { ...place.hooks, distance: Math.abs(by) } };
}

/** Base + number × `size`, where blocks have another size. */
export function stride(on: Scope, size: number): Primitive {
  const bits = 3 + (size === 0 ? 1 : bitsOfNumber(size));
  return block('stride', on, { bits, parameters: { size } }, ({ base, number }) => base + number * size);
}

/** The block number counts from `base`, whatever address was set. */
export function baseIgnored(on: Scope, base: number): Primitive {
  return block(
    'base-ignored',
    on,
    { bits: 4 + (base === 0 ? 0 : bitsOfNumber(base)), parameters: { base } },
    (step, ground) => base + step.number * ground.blockSize,
  );
}

/** The address only goes on from `base`, by as much as each block is long; no other address counts. */
export function pointer(on: Scope, base: number): Primitive {
  const place = { bits: 4 + (base === 0 ? 0 : bitsOfNumber(base)), parameters: { base } };
  return block('pointer', on, place, ({ done }) => base + done);
}

/** The offset of the address that was set is added twice. */
export function baseTwice(on: Scope): Primitive {
  return block('base-twice', on, { bits: 4 }, ({ address, base }) => address + base);
}

/** The same where bits of the address have been changed already. */
export function movedBehind(place: Primitive): Primitive {
  return { ...place, stage: 'second', parameters: { ...place.parameters, after: 1 }, bits: place.bits + 1 };
}

/** Bits of the address from `unit` down are dropped: a block goes to the start of its unit. */
export function aligned(on: Scope, unit: number): Primitive {
  return block(
    'aligned',
    on,
    { bits: 4 + bitsOfNumber(unit), parameters: { unit } },
    ({ address }) => Math.floor(address / unit) * unit,
  );
}

/** Offset × by / over: words taken for bytes, and the like. */
export function scaled(on: Scope, by: number, over: number): Primitive {
  return block(
    'scaled',
    on,
    { bits: 4 + bitsOfNumber(by) + bitsOfNumber(over), parameters: { by, over } },
    ({ address }) => Math.floor((address * by) / over),
  );
}

/** Blocks change places in groups: number xor `mask`. */
export function reorder(on: Scope, mask: number): Primitive {
  return block(
    'reorder',
    on,
    { bits: 5 + bitsOfNumber(mask), parameters: { mask } },
    ({ address, number }, ground) => address + ((number ^ mask) - number) * ground.blockSize,
  );
}

/** The block number is kept in too few bits. */
export function numberWraps(on: Scope, period: number): Primitive {
  return block(
    'number-wraps',
    on,
    { bits: 3 + bitsOfNumber(period), parameters: { period } },
    ({ base, number }, ground) => base + (number % period) * ground.blockSize,
  );
}

/** Everything goes to, or comes from, one address. */
export function onePlace(on: Scope, at: number): Primitive {
  return block('one-place', on, { bits: 3 + (at === 0 ? 0 : bitsOfNumber(at)), parameters: { at } }, () => at);
}

/** Goes to the address of the block before it; the first since the address was set stays where it is. */
export function previousAddress(on: Scope): Primitive {
  return block('previous-address', on, { bits: 5 }, ({ number, address }, { blockSize }) =>
    number > 0 ? address - blockSize : address,
  );
}

/** It goes there as well. */
export function also(on: Scope, by: number): Primitive {
  const runs: Hooks['runs'] = (all) => [...all, ...shiftRuns(all, by)];
  const hooks: Hooks = { runs, box: (low, high) => [Math.min(low, low + by), Math.max(high, high + by)] };
  return { kind: 'also', stage: 'second', on, parameters: { by }, bits: 4 + bitsOfNumber(by) + bitsOfScope(on), hooks };
}

/** Goes to sector number × `size`, as though all sectors were alike. */
export function sectorsAlike(size: number): Primitive {
  return block(
    'scaled',
    ERASES,
    { bits: 4 + bitsOfNumber(size), parameters: { sectorSize: size } },
    ({ address }, ground) => Math.max(0, sectorAt(ground, address)) * size,
  );
}

/** Pieces of `unit` bytes lie `by` times as far from the start of the block. */
export function spread(on: Scope, unit: number, by: number): Primitive {
  const runs: Hooks['runs'] = (all, { address }, _ground, within) => {
    const to = (a: number): number =>
      address + Math.floor(Math.floor((a - address) / unit) * unit * by) + ((a - address) % unit);
    return mapRuns(all, { to, grain: address % unit === 0 ? unit : 1 }, within);
  };
  const box: Hooks['box'] = (low, high) => [low, Math.ceil(low + (high - low) * Math.max(1, by))];
  const reach: Hooks['reach'] = (low, high, { address }) => [
    address + Math.floor((low - unit - address) / by),
    address + Math.ceil((high + 1 - address) / by) + unit,
  ];
  const bits = 4 + Math.log2(unit) / 2 + bitsOfScope(on);
  return { kind: 'spread', stage: 'block', on, parameters: { unit, by }, bits, hooks: { runs, box, reach } };
}

/** The block number counts from the first address that was set, whatever was set since. */
export function firstBaseKept(on: Scope): Primitive {
  const place = { bits: 4, parameters: { first: 1 } };
  return block('base-ignored', on, place, (step, ground) => step.firstBase + step.number * ground.blockSize);
}

/** The address only goes on from the first one that was set. */
export function pointerGoesOn(on: Scope): Primitive {
  const place = { bits: 4, parameters: { first: 1 } };
  return block('pointer', on, place, ({ firstBase, firstSkip, done }) => firstBase + firstSkip + done);
}

/** Everything goes to, or comes from, the first address that was set. */
export function firstPlace(on: Scope): Primitive {
  return block('one-place', on, { bits: 3, parameters: { first: 1 } }, ({ firstBase }) => firstBase);
}

/** The distance from the address that was set is kept in a signed number of `bits` bits. */
export function signedDistance(on: Scope, bits: number): Primitive {
  const range = 2 ** bits;
  return block('number-wraps', on, { bits: 7, parameters: { signed: bits } }, ({ base, number }, { blockSize }) => {
    const distance = (number * blockSize) % range;
    return base + (distance >= range / 2 ? distance - range : distance);
  });
}

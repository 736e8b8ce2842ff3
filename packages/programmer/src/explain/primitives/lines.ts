/** Deviations of address lines: where each byte goes, or comes from. */
import { bitsOfNumber } from '../condition.ts';
import type { Hooks, Primitive, PrimitiveKind } from '../primitive.ts';
import type { Scope } from '../steps.ts';
import { bitsOfScope, type PlaceParts, sectorBox, sectorRuns } from './place.ts';
import { type ByteMap, mapRuns, startOfRuns } from './runs.ts';

/** Every byte of the block goes to an address of its own. */
function byte(
  kind: PrimitiveKind,
  on: Scope,
  place: PlaceParts,
  map: ByteMap & Pick<Hooks, 'box' | 'reach'>,
): Primitive {
  const { box, reach } = map;
  const hooks: Hooks = {
    grain: map.grain,
    runs: (runs, step, ground, within) => {
      if (step.kind !== 'erase' || runs.length === 0) return mapRuns(runs, map, within);
      return sectorRuns(step, ground, map.to(startOfRuns(runs)));
    },
    ...(box && {
      box: (low, high, step, ground) =>
        step.kind === 'erase' ? sectorBox(step, ground, map.to(low)) : box(low, high, step, ground),
    }),
    ...(reach && { reach }),
  };
  const { bits, parameters = {} } = place;
  return { kind, stage: 'byte', on, parameters, bits: bits + bitsOfScope(on), hooks };
}

/** Address line `line` always reads `value`: 0, 1, or 2 for inverted. */
export function line(on: Scope, line: number, value: number): Primitive {
  const bit = 2 ** line;
  const to = [(a: number) => a & ~bit, (a: number) => a | bit, (a: number) => a ^ bit][value] ?? ((a: number) => a);
  const near = (low: number, high: number): readonly [number, number] => [low - bit, high + bit];
  return byte('line', on, { bits: 4 + value, parameters: { line, value } }, { to, grain: bit, box: near, reach: near });
}

/** The halves of the flash are exchanged, as its two banks may be. */
export function halvesExchanged(on: Scope, size: number): Primitive {
  const half = size / 2;
  const to = (a: number): number => (a < half ? a + half : a - half);
  const near = (low: number, high: number): readonly [number, number] => [low - half, high + half];
  return byte('line', on, { bits: 3, parameters: { half } }, { to, grain: half, box: near, reach: near });
}

export function linesExchanged(on: Scope, low: number, high: number): Primitive {
  const both = 2 ** low + 2 ** high;
  const to = (a: number): number => (((a >> low) ^ (a >> high)) & 1 ? a ^ both : a);
  const near = (from: number, end: number): readonly [number, number] => [from - both, end + both];
  return byte(
    'lines-exchanged',
    on,
    { bits: 8, parameters: { low, high } },
    { to, grain: 2 ** low, box: near, reach: near },
  );
}

/** Only the offset below `size` counts. */
export function modulo(on: Scope, size: number): Primitive {
  const to = (a: number): number => ((a % size) + size) % size;
  const box: Hooks['box'] = (low, high) => {
    const start = to(low);
    return start + high - low <= size ? [start, start + high - low] : [0, size];
  };
  return byte('modulo', on, { bits: 3 + bitsOfNumber(size), parameters: { size } }, { to, grain: size, box });
}

/** Offsets from `size` on lie `size` lower, once. */
export function foldedOnce(on: Scope, size: number): Primitive {
  const to = (a: number): number => (a >= size ? a - size : a);
  const box: Hooks['box'] = (low, high) => {
    if (low < size && high > size) return [0, high];
    return [to(low), to(low) + high - low];
  };
  return byte('modulo', on, { bits: 4 + bitsOfNumber(size), parameters: { size, once: 1 } }, { to, grain: size, box });
}

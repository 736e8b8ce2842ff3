/** Deviations of address lines: where each byte goes, or comes from. */
import { bitsOfNumber } from '../grammar/condition.ts';
import type { Hooks, Primitive, PrimitiveKind } from '../grammar/primitive.ts';
import type { Scope } from '../recording/steps.ts';
import { bitsOfScope, type PlaceParts, sectorBox, sectorRuns } from './place.ts';
import { type ByteMap, lengthToEdge, mapRuns, startOfRuns } from './runs.ts';

/** Every byte of the block goes to an address of its own. */
function byte(
  kind: PrimitiveKind,
  on: Scope,
  place: PlaceParts,
  map: ByteMap & Pick<Hooks, 'box' | 'reach' | 'distance'>,
): Primitive {
  const { box, reach, distance } = map;
  const hooks: Hooks = {
    grain: map.grain,
    runs: (runs, step, ground, within) => {
      if (step.kind !== 'erase' || runs.length === 0) return mapRuns(runs, map, within);
      return sectorRuns(step, ground, map.to(startOfRuns(runs)));
    },
    ...(box && {
      box: (low, high, step, ground) => {
        const to = map.to(low);
        if (step.kind === 'erase') return sectorBox(step, ground, to);
        const isOnePiece = high - low <= lengthToEdge(low, map.grain);
        return isOnePiece ? [to, to + high - low] : box(low, high, step, ground);
      },
    }),
    ...(reach && { reach }),
    distance,
  };
  const { bits, parameters = {} } = place;
  return { kind, stage: 'byte', on, parameters, bits: bits + bitsOfScope(on), hooks };
}

/** Bounds of a map that moves each byte so far or not at all. */
function boundsWithin(distance: number): Required<Pick<Hooks, 'box' | 'reach' | 'distance'>> {
  const near = (low: number, high: number): readonly [number, number] => [low - distance, high + distance];
  return { box: near, reach: near, distance };
}

/** Address line `line` always reads `value`: 0, 1, or 2 for inverted. */
export function line(on: Scope, line: number, value: number): Primitive {
  const bit = 2 ** line;
  const to = [(a: number) => a & ~bit, (a: number) => a | bit, (a: number) => a ^ bit][value] ?? ((a: number) => a);
  return byte('line', on, { bits: 4 + value, parameters: { line, value } }, { to, grain: bit, ...boundsWithin(bit) });
}

/** The halves of the flash are exchanged, as its two banks may be. */
export function halvesExchanged(on: Scope, size: number): Primitive {
  const half = size / 2;
  const to = (a: number): number => (a < half ? a + half : a - half);
  return byte('line', on, { bits: 3, parameters: { half } }, { to, grain: half, ...boundsWithin(half) });
}

export function linesExchanged(on: Scope, low: number, high: number): Primitive {
  const both = 2 ** low + 2 ** high;
  const to = (a: number): number => (((a >> low) ^ (a >> high)) & 1 ? a ^ both : a);
  const parameters = { low, high };
  return byte(
    'lines-exchanged',
    on,
    { bits: 8, parameters },
    { to, grain: 2 ** low, ...boundsWithin(2 ** high - 2 ** low) },
  );
}

/** Only the offset below `size` counts. */
export function modulo(on: Scope, size: number): Primitive {
  const to = (a: number): number => ((a % size) + size) % size;
  const box: Hooks['box'] = () => [0, size];
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

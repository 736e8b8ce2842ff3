/** Deviations of erasing: how much, where, and to what. */

import { bitsOfNumber } from '../grammar/condition.ts';
import type { Hooks, Primitive, PrimitiveKind } from '../grammar/primitive.ts';
import { firstFrom } from '../recording/ascending.ts';
import { type Ground, type Step, sectorAt } from '../recording/steps.ts';
import { movedTo } from './place.ts';

type Extent = readonly (readonly [start: number, end: number])[];

function extent(
  kind: PrimitiveKind,
  bits: number,
  parameters: Record<string, number>,
  of: (step: Step, ground: Ground) => Extent,
): Primitive {
  const hooks: Hooks = {
    runs: (runs, step, ground) => {
      if (step.isWhole || runs.length === 0) return runs;
      const [, address = step.address, length = step.length] = runs;
      return of(movedTo(step, address, length), ground).flatMap(([start, end]) =>
        end > start ? [0, start, end - start] : [],
      );
    },
    box: (low, high, step, ground) =>
      step.isWhole ? [low, high] : boundsOf(of(movedTo(step, low, high - low), ground)),
  };
  return { kind, stage: 'part', on: ['erase'], parameters, bits, hooks };
}

function boundsOf(all: Extent): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [start, end] of all) {
    low = Math.min(low, start);
    high = Math.max(high, end);
  }
  return [low, high];
}

/** The unit of `size` bytes that holds the address is erased, larger or smaller than the sector. */
export function eraseUnit(size: number): Primitive {
  return extent('erase-unit', 3 + bitsOfNumber(size), { size }, ({ address }) => {
    const start = Math.floor(address / size) * size;
    return [[start, start + size]];
  });
}

/** From the address on, `size` bytes are erased. */
export function eraseLength(size: number): Primitive {
  return extent('erase-unit', 3 + bitsOfNumber(size), { size, from: 1 }, ({ address }) => [[address, address + size]]);
}

/** Of each sector, only the `index`-th of `count` equal parts is erased. */
export function eraseShare(index: number, count: number): Primitive {
  return extent('erase-unit', 3 + count / 2, { index, count }, ({ address, length }) => {
    const size = length / count;
    return [[address + index * size, address + (index + 1) * size]];
  });
}

/** The sector `by` further is erased, too (`instead` 0) or in its place. */
export function eraseNeighbour(by: number, instead: number): Primitive {
  return extent('erase-neighbour', 3 + bitsOfNumber(by) + instead, { by, instead }, ({ address, length }, ground) => {
    const sector = sectorAt(ground, address) + by;
    const start = ground.edges[sector];
    const end = ground.edges[sector + 1];
    const other: Extent = start === undefined || end === undefined ? [] : [[start, end]];
    return instead ? other : [[address, address + length], ...other];
  });
}

/** `count` sectors are erased, the first of them `from` further than the one that is asked for. */
export function sectorErase(from: number, count: number): Primitive {
  return extent(
    'erase-sectors',
    3 + (from === 0 ? 0 : 2) + bitsOfNumber(count),
    { from, count },
    ({ address }, { edges }) => {
      const sector = sectorOf(edges, address) + from;
      const last = Math.min(sector + count, edges.length - 1);
      return last <= 0 ? [] : [[edges[Math.max(0, sector)] ?? 0, edges[last] ?? 0]];
    },
  );
}

const sectorOf = (edges: readonly number[], address: number): number => firstFrom(edges, address + 1) - 1;

/** A sector is erased besides, the same each time: the last, the first. */
export function eraseAlsoSector(sector: number): Primitive {
  return extent(
    'erase-neighbour',
    5 + (sector === 0 || sector === -1 ? 0 : 4),
    { sector },
    ({ address, length }, { edges }) => {
      const index = sector < 0 ? edges.length - 1 + sector : sector;
      return [
        [address, address + length],
        [edges[index] ?? 0, edges[index + 1] ?? 0],
      ];
    },
  );
}

export function massErase(): Primitive {
  return extent('erase-all', 3, {}, (_, { size }) => [[0, size]]);
}

/** Everything from the address to the end. */
export function eraseRest(): Primitive {
  return extent('erase-rest', 5, {}, ({ address }, { size }) => [[address, size]]);
}

/** Everything before the end of the sector. */
export function eraseUpTo(): Primitive {
  return extent('erase-rest', 6, { before: 1 }, ({ address, length }) => [[0, address + length]]);
}

/** Erased cells hold this. */
export function eraseValue(value: number): Primitive {
  const hooks: Hooks = { erasesTo: () => value, erasesUnknown: () => 0 };
  return { kind: 'erase-value', stage: 'data', on: ['erase'], parameters: { value }, bits: value === 0 ? 4 : 7, hooks };
}

/** Only these bits of a byte are erased. */
export function eraseBits(mask: number): Primitive {
  const hooks: Hooks = { erasesTo: (old) => old | mask, erasesUnknown: (unknown) => unknown & ~mask };
  return { kind: 'erase-value', stage: 'data', on: ['erase'], parameters: { mask }, bits: 8, hooks };
}

/** The number of the sector is kept in `bits` bits. */
export function sectorNumberCut(bits: number): Primitive {
  return extent('erase-sectors', 4 + bits / 2, { low: bits }, ({ address }, { edges }) => {
    const sector = Math.max(0, sectorOf(edges, address)) % 2 ** bits;
    return [[edges[sector] ?? 0, edges[sector + 1] ?? 0]];
  });
}

/** The number of the sector is the offset by `size`, as though all were alike. */
export function sectorBySize(size: number): Primitive {
  return extent('erase-sectors', 4 + bitsOfNumber(size), { by: size }, ({ address }, { edges }) => {
    const sector = Math.floor(address / size);
    const start = edges[sector];
    const end = edges[sector + 1];
    return start === undefined || end === undefined ? [] : [[start, end]];
  });
}

/** All `count` sectors of a group are erased, groups counted from the first sector. */
export function sectorGroup(count: number): Primitive {
  return extent('erase-sectors', 4 + bitsOfNumber(count), { group: count }, ({ address }, { edges }) => {
    const sector = Math.max(0, sectorOf(edges, address));
    const first = sector - (sector % count);
    return [[edges[first] ?? 0, edges[Math.min(first + count, edges.length - 1)] ?? 0]];
  });
}

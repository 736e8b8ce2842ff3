/** Which displacements, sizes of blocks and bases are likely, from where written bytes turned up. It decides nothing. */

import { findLandingsThrough, type Landing } from '../estimate/landing.ts';
import { holdsForeign, type Seen } from '../estimate/seen.ts';
import { VIEWS, viewed } from '../estimate/views.ts';
import * as data from '../primitives/data.ts';
import { WRITES } from '../primitives/place.ts';
import { type Guesses, LEAST_STRANGE } from './candidates-data.ts';

/** More of them are chance. */
const MOST_LANDINGS = 8;

/** Displacements that were seen more than once, as they are or through a change of data. */
export function likelyLandings(seen: Seen, { landings, tables: guessed }: Guesses): Landing[] {
  const plain = landings.filter(({ votes }) => votes >= 2);
  const moved = plain.filter(({ by }) => by !== 0).slice(0, MOST_LANDINGS);
  const total = seen.blocks.length;
  const hits = plain.reduce((sum, { votes }) => sum + votes, 0);
  if (hits > total || seen.strangeShare < LEAST_STRANGE || !holdsForeign(seen)) return moved;
  const tables = [
    data.table(WRITES, 'invert'),
    data.table(WRITES, 'bits-reversed'),
    ...guessed.slice(0, 2).map((guess) => data.table(WRITES, guess.kind, guess.value)),
  ];
  const some = { ...seen, blocks: someOf(seen.blocks), after: seen.after.filter(({ differing }) => differing > 0) };
  const views = [...VIEWS, ...tables].map((primitive) => (bytes: Uint8Array) => viewed(primitive, bytes));
  const through = findLandingsThrough(some, views).flatMap((found) =>
    found.filter(({ votes, by }) => votes >= 2 && by !== 0).slice(0, 3),
  );
  return [...moved, ...through];
}

/** Blocks that are looked for through a change of data, from the whole run. */
const MOST_VIEWED = 24;

function someOf<T>(all: readonly T[]): readonly T[] {
  const every = Math.ceil(all.length / MOST_VIEWED);
  return every <= 1 ? all : all.filter((_, i) => i % every === 0);
}

/** Sizes of blocks that explain displacements which grow with the block number. */
export function stridesOf(landings: readonly Landing[], blockSize: number): number[] {
  const votes = new Map<number, number>();
  for (const { by, steps } of landings) {
    for (const { number } of steps) {
      const size = blockSize + by / number;
      if (number > 0 && Number.isInteger(size) && size > 0) votes.set(size, (votes.get(size) ?? 0) + 1);
    }
  }
  return [...votes]
    .filter(([, n]) => n > 1)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([size]) => size);
}

/** Where block numbers seem to count from. */
export function basesOf(landings: readonly Landing[], blockSize: number): number[] {
  const votes = new Map<number, number>();
  for (const { by, steps } of landings) {
    for (const { address, number } of steps) {
      const base = address + by - number * blockSize;
      votes.set(base, (votes.get(base) ?? 0) + 1);
    }
  }
  return [...votes]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([base]) => base);
}

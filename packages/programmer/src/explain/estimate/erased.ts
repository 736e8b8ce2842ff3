/** Proposes which part of each sector an erase leaves, from bits that are clear where nothing cleared them. It decides nothing. */
import type { Expectation } from '../check/expect.ts';
import { sectorAt } from '../recording/steps.ts';
import type { Seen } from './seen.ts';

export interface ErasedGuesses {
  /** Bytes at the head, or at the tail, of sectors that keep what stood there. */
  readonly heads: readonly number[];
  readonly tails: readonly number[];
  /** Bytes at the head, or at the tail, of sectors that are as they should be, where others are not. */
  readonly rightHeads: readonly number[];
  readonly rightTails: readonly number[];
}

const MOST_BORDERS = 2;
/** A border is where several sectors have it. */
const LEAST_SECTORS = 2;
/** Content that is erased by chance hides a border by a few bytes. */
const GRAIN = 4;

export function guessErased({ after, ground }: Seen): ErasedGuesses {
  const { edges } = ground;
  const sectors = edges.slice(1).map((end, i) => ({ start: edges[i] ?? 0, end, low: end, high: edges[i] ?? 0 }));
  for (const read of after) {
    const { differing, step } = read;
    const end = step.address + step.length;
    if (differing === 0) continue;
    for (let n = Math.max(0, sectorAt(ground, step.address)); n < sectors.length; n++) {
      const sector = sectors[n];
      if (!sector || sector.start >= end) break;
      const [low, high] = [Math.max(sector.start, step.address), Math.min(sector.end, end)];
      const first = firstKept(read, low, high);
      if (first === undefined) continue;
      sector.low = Math.min(sector.low, first);
      sector.high = Math.max(sector.high, lastKept(read, first, high) + 1);
    }
  }
  const kept = sectors.filter(({ low, high }) => low < high);
  const down = (n: number): number => Math.floor(n / GRAIN) * GRAIN;
  const up = (n: number): number => Math.ceil(n / GRAIN) * GRAIN;
  return {
    heads: sharedBy(kept.map(({ start, high }) => up(high - start))),
    tails: sharedBy(kept.map(({ end, low }) => up(end - low))),
    rightHeads: sharedBy(kept.map(({ start, low }) => down(low - start))),
    rightTails: sharedBy(kept.map(({ end, high }) => down(end - high))),
  };
}

/** Whether a bit of the byte at an offset is clear that should be set. */
function isKept({ step, value, differs }: Expectation, at: number): boolean {
  const i = at - step.address;
  return differs[i] === 1 && ((value[i] ?? 0) & ~(step.bytes[i] ?? 0) & 0xff) !== 0;
}

function firstKept(read: Expectation, low: number, high: number): number | undefined {
  for (let at = low; at < high; at++) if (isKept(read, at)) return at;
  return undefined;
}

/** From `low` on, where one is kept, up to `high`. */
function lastKept(read: Expectation, low: number, high: number): number {
  let at = high - 1;
  while (at > low && !isKept(read, at)) at--;
  return at;
}

function sharedBy(all: readonly number[]): number[] {
  const votes = new Map<number, number>();
  for (const n of all) if (n > 0) votes.set(n, (votes.get(n) ?? 0) + 1);
  return [...votes]
    .filter(([, count]) => count >= LEAST_SECTORS)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_BORDERS)
    .map(([n]) => n);
}

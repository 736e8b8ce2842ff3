/** Whether blocks have changed places by their numbers: what was written turns up before and behind its place in turn. */
import { findLandings, type Landing } from './landing.ts';
import type { Seen } from './seen.ts';

/** What block numbers are exclusive-ored with. */
const MASKS = [1, 2, 4, 3, 7];
/** Blocks that are looked for, and answers in which. */
const MOST_EXCHANGED_BLOCKS = 48;
const MOST_EXCHANGED_ANSWERS = 96;
/** Blocks that must speak for an exchange, and as many times more than speak for one distance. */
const LEAST_BLOCKS = 6;
const TIMES_PLAIN = 1.5;

/**
 * The masks that bring most blocks to one distance, the best first; none where blocks lie at one distance as it is.
 * `views`: what may have become of blocks on their way, besides nothing; they are looked at where nothing is found without.
 */
export function exchangedBy(seen: Seen, views: readonly ((bytes: Uint8Array) => Uint8Array)[]): number[] {
  const some = {
    blocks: seen.blocks.slice(0, MOST_EXCHANGED_BLOCKS),
    // Half of the blocks may have come back to their places.
    after: seen.after.slice(0, MOST_EXCHANGED_ANSWERS),
  };
  for (const view of [undefined, ...views]) {
    const landings = findLandings(some, view).filter(({ votes }) => votes > 1);
    const plain = atOneDistance(landings, 0, seen.ground.blockSize);
    const masks = MASKS.map((mask) => ({ mask, blocks: atOneDistance(landings, mask, seen.ground.blockSize) }))
      .filter(({ blocks }) => blocks >= LEAST_BLOCKS && blocks > TIMES_PLAIN * plain)
      .sort((a, b) => b.blocks - a.blocks);
    if (masks.length > 0) return masks.map(({ mask }) => mask);
  }
  return [];
}

/** The most blocks that lie at one distance once numbers are exclusive-ored with `mask`. */
function atOneDistance(landings: readonly Landing[], mask: number, blockSize: number): number {
  const counts = new Map<number, number>();
  for (const { by, steps } of landings) {
    for (const { number } of steps) {
      const left = by - ((number ^ mask) - number) * blockSize;
      counts.set(left, (counts.get(left) ?? 0) + 1);
    }
  }
  return Math.max(0, ...counts.values());
}

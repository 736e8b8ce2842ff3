/** Trials that a host may make after a job: in sectors that the job has erased anyway. It knows no explanation. */

import { firmware, noise } from './content.ts';
import type { Dice } from './dice.ts';
import { diceOf } from './dice.ts';
import { type Geometry, KB } from './geometry.ts';
import { lookAt } from './host.ts';
import type { Operation } from './operation.ts';
import { type Range, readsOf, type Segment, writesOf } from './pieces.ts';

export interface AllowedTrial {
  /** The loader is started anew before. */
  readonly restarts: boolean;
  readonly operations: readonly Operation[];
}

const ALLOWED_STREAM = 4;
const MOST_TRIALS = 6;
/** Erased and written in one go: more takes a person's time. */
const MOST_BYTES = 48 * KB;
const LEAST_FIRMWARE = 1024;

/** By chance, always the same for one seed; nothing outside `within` is erased or written. */
export function allowedTrials(seed: number, geometry: Geometry, within: Range): AllowedTrial[] {
  const dice = diceOf(seed, ALLOWED_STREAM);
  return Array.from({ length: MOST_TRIALS }, (_, i) => ({
    restarts: i % 2 === 1,
    operations: [...roundIn(dice, geometry, within), ...roundIn(dice, geometry, within)],
  }));
}

function roundIn(dice: Dice, geometry: Geometry, within: Range): Operation[] {
  const inside = geometry.sectors.filter(({ start, end }) => start >= within.start && end <= within.end);
  const first = dice.int(0, inside.length - 1);
  const taken = inside.slice(first).filter(({ end }, i) => i === 0 || end - (inside[first]?.start ?? 0) <= MOST_BYTES);
  const stretch = { start: taken[0]?.start ?? within.start, end: taken.at(-1)?.end ?? within.start };
  const segments = segmentsIn(dice, stretch, geometry);
  const reads = segments.flatMap(({ address, bytes }) =>
    readsOf({ start: address, end: address + bytes.length }, geometry.blockBytes),
  );
  const looks = Array.from({ length: 8 }, () => lookAt(geometry.start + 8 * dice.int(0, geometry.bytes / 8 - 32)));
  const beside = segments.map(({ address }) => lookAt(address + 5));
  return [
    ...looks,
    ...taken.map(({ start, end }) => ({ kind: 'erase', address: start, length: end - start }) as const),
    ...segments.flatMap((segment) => writesOf(segment, geometry.blockBytes)),
    ...reads,
    ...looks,
    ...beside.reverse(),
  ];
}

/** Some of many lengths, one behind the other with gaps. */
function segmentsIn(dice: Dice, { start, end }: Range, { blockBytes }: Geometry): Segment[] {
  const segments: Segment[] = [];
  let at = start + 8 * dice.int(0, 40);
  while (at < end - 64) {
    const wanted = dice.pick([8, 24, 64, 200, 1000, blockBytes, 3 * blockBytes + 40, 6 * blockBytes]);
    const length = Math.min(wanted, end - at);
    const bytes = length > LEAST_FIRMWARE && dice.chance(0.5) ? firmware(dice, length, at) : noise(dice, length);
    segments.push({ address: at, bytes });
    at += Math.ceil(length / 8) * 8 + 8 * dice.int(0, 200);
  }
  return segments;
}

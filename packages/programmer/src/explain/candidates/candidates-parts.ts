/** The part of the flat list that is about amounts: which part of a block counts, and up to which address. */

import type { Seen } from '../estimate/seen.ts';
import { closedSet } from '../grammar/closed-set.ts';
import { condition } from '../grammar/condition.ts';
import { type Primitive, when } from '../grammar/primitive.ts';
import * as part from '../primitives/part.ts';
import { CHANGES, READS, WRITES } from '../primitives/place.ts';
import { firstFrom } from '../recording/ascending.ts';
import { type Guesses, powersOfTwo } from './candidates-data.ts';

const PADDED_WITH = ['zero', 'ones', 'before', 'buffer', 'blankBuffer'] as const;

/** Parts of blocks, and limits. */
export function partCandidates(seen: Seen, guesses: Guesses): Primitive[] {
  const { heads, tails, rightHeads, rightTails } = guesses.parts;
  const { blockSize } = seen.ground;
  const less = (ns: readonly number[]): number[] => lessThan(blockSize, ns);
  const limits = limitsOf(seen);
  const values = valuesBehind(seen);
  return [
    ...less(heads).map((n) => part.headLost(WRITES, n)),
    ...firstLost(),
    ...less(tails).map((n) => part.tailLost(WRITES, n)),
    ...less(rightHeads).map((n) => part.headOnly(WRITES, n)),
    ...less(rightTails).map((n) => part.tailOnly(WRITES, n)),
    ...usualParts(blockSize),
    ...multiplesFor(blockSize).flatMap((n) => values.map((filling) => part.padded(n, filling))),
    ...limits.flatMap((limit) =>
      [0, 1].flatMap((above) => [WRITES, CHANGES].map((on) => part.bounded(on, limit, above))),
    ),
    ...partsOfReads(blockSize),
    ...limits.flatMap((limit) => [part.bounded(READS, limit, 0), part.bounded(READS, limit, 1)].flatMap(bothFilled)),
  ];
}

/** Some numbers and round ones, as far as a block has more bytes. */
const lessThan = (blockSize: number, ns: readonly number[] = []): number[] =>
  [...new Set([...ns, ...powersOfTwo(1, 10), blockSize / 2])].filter((n) => n < blockSize);

const multiplesFor = (blockSize: number): number[] => [...powersOfTwo(2, 10), blockSize];

/** What comes first after an address was set may be lost to how it is set. */
const firstLost = closedSet(() =>
  powersOfTwo(1, 6).map((n) => when(condition('first-of-run'), part.headLost(WRITES, n))),
);

const usualParts = closedSet((blockSize) => [
  ...lessThan(blockSize).map((n) => part.oddTailLost(WRITES, n)),
  ...[2, 4, 8].map((n) => part.headShare(WRITES, n)),
  ...multiplesFor(blockSize).flatMap((n) => PADDED_WITH.map((filling) => part.padded(n, filling))),
]);

const partsOfReads = closedSet((blockSize) =>
  [
    ...[...lessThan(blockSize), 1].flatMap((n) => [
      part.headOnly(READS, n),
      part.tailLost(READS, n),
      part.headLost(READS, n),
    ]),
    ...[2, 4].map((n) => part.headShare(READS, n)),
  ].flatMap(bothFilled),
);

const bothFilled = (primitive: Primitive): Primitive[] => [part.filled(primitive, 0), part.filled(primitive, 0xff)];

/** Byte values that stand wrongly just behind a block, the most frequent first. */
function valuesBehind({ after, blocks, ground }: Seen): number[] {
  const votes = new Map<number, number>();
  const ends = blocks.map(({ step }) => step.address + step.length).sort((a, b) => a - b);
  for (const { step: read, differs, differing } of after) {
    if (differing === 0) continue;
    for (let n = firstFrom(ends, read.address); n < ends.length; n++) {
      const at = (ends[n] ?? 0) - read.address;
      if (at >= read.length) break;
      const value = differs[at] === 1 ? (read.bytes[at] ?? 0) : 0;
      if (value !== 0 && value !== ground.erasedValue) votes.set(value, (votes.get(value) ?? 0) + 1);
    }
  }
  return [...votes]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 2)
    .map(([value]) => value);
}

/** Offsets at which right turns into wrong or back, round ones near the first and the last, and powers of two. */
function limitsOf({ after, ground }: Seen): number[] {
  const edges: number[] = [];
  const sorted = [...after].sort((a, b) => a.step.address - b.step.address);
  for (const { step, differs, differing } of sorted) {
    if (differing === 0) continue;
    edges.push(step.address + differs.indexOf(1), step.address + differs.lastIndexOf(1) + 1);
  }
  const low = Math.min(...edges);
  const high = Math.max(...edges);
  const round = powersOfTwo(8, 16).flatMap((unit) => [Math.floor(low / unit) * unit, Math.ceil(high / unit) * unit]);
  return [...new Set([low, high, ...round, ...powersOfTwo(13, 17)])].filter((n) => n > 0 && n < ground.size);
}

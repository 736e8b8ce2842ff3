/** The part of the flat list that is about bytes: what becomes of them, and where they come from instead. */

import type { Expectation } from '../check/expect.ts';
import { type Landing, slipsIn } from '../estimate/landing.ts';
import type { PartGuesses } from '../estimate/parts.ts';
import { onlyValues, type Seen } from '../estimate/seen.ts';
import { fixedStretches } from '../estimate/stretches.ts';
import { guessTables, type TableGuess, wrongLanes } from '../estimate/tables.ts';
import { VIEWS, viewed } from '../estimate/views.ts';
import { closedSet } from '../grammar/closed-set.ts';
import type { Primitive } from '../grammar/primitive.ts';
import * as data from '../primitives/data.ts';
import { READS, WRITES } from '../primitives/place.ts';
import * as source from '../primitives/source.ts';

export const powersOfTwo = (low: number, high: number): number[] =>
  Array.from({ length: high - low + 1 }, (_, i) => 2 ** (low + i));

export interface Guesses {
  readonly parts: PartGuesses;
  readonly tables: readonly TableGuess[];
  readonly landings: readonly Landing[];
}

/** What may become of the bytes of a block. */
export function dataCandidates(seen: Seen, guesses: Guesses): Primitive[] {
  return [
    ...ordersOfBytes(),
    ...slippedData(seen, guesses),
    ...repetitions(seen.ground.blockSize),
    ...estimatedData(seen, guesses),
    ...fixedIn(seen),
    ...stretched(),
    ...staleStripes(),
    ...halfLost(),
    ...changed(seen, guesses),
  ];
}

const ordersOfBytes = closedSet(() => [
  ...SWAPS.flatMap(([group, unit]) => [0, 1, 2, 3].flatMap((tail) => both((on) => data.swap(on, group, unit, tail)))),
  ...both(data.reversed),
  ...[1, -1, 2, -2].flatMap(slips),
]);

const repetitions = closedSet((blockSize) =>
  powersOfTwo(0, 10)
    .filter((n) => n < blockSize)
    .flatMap((n) => both((on) => data.repeated(on, n))),
);

const stretched = closedSet(() => [
  ...[1, 2, 4, 8, 16].flatMap((unit) =>
    [2, 0.5].flatMap((by) =>
      (['none', 'zero', 'ones', 'before'] as const).flatMap((filling) =>
        by < 1 && filling !== 'none' ? [] : both((on) => data.strided(on, unit, by, filling)),
      ),
    ),
  ),
  ...[2, 4, 8].flatMap((unit) => both((on) => data.widened(on, unit))),
  ...[0, ...powersOfTwo(6, 12)].map((unit) => data.erasesFirst(unit)),
]);

/** Lines of a data cache, of every few of them one that was not refreshed. */
const staleStripes = closedSet(() =>
  [32, 64].flatMap((line) =>
    [2, 3, 4, 5, 6, 7, 8].flatMap((count) =>
      Array.from({ length: count }, (_, n) => n * line).flatMap((from) =>
        both((on) => data.stripes(on, [count * line, from, from + line], 'before')),
      ),
    ),
  ),
);

const halfLost = closedSet(() =>
  powersOfTwo(1, 10).flatMap((n) => [data.stripes(WRITES, [n, 0, n / 2]), data.stripes(WRITES, [n, n / 2, n])]),
);

/** What moves bytes within their block by so many. */
export const slips = (by: number): Primitive[] =>
  ([undefined, 'none', 'zero', 'ones', 'before'] as const).flatMap((filling) =>
    both((on) => data.rotated(on, by, filling)),
  );

/** Bytes that moved within their block, as far as they were seen to. */
export function slippedData(
  { ground: { blockSize } }: Seen,
  { landings, parts: { rightHeads } }: Guesses,
): Primitive[] {
  const near = landings.filter(({ votes, by }) => votes >= 2 && by !== 0 && Math.abs(by) < blockSize).slice(0, 4);
  const small = [...new Map([...near, ...slipsIn(landings)].map(({ by }) => [by, { by }])).values()];
  const first = Math.min(...rightHeads, blockSize);
  const closings = [
    ...new Set([first, ...[2, 4, 8, 16, 32, 64].map((unit) => Math.floor(first / unit) * unit), ...rightHeads]),
  ];
  return [
    ...small.flatMap(({ by }) => slips(by)),
    ...small.filter(({ by }) => by < 0).flatMap(({ by }) => closings.map((from) => data.closedUp(WRITES, from, -by))),
  ];
}

const both = (make: (on: typeof WRITES) => Primitive): Primitive[] => [make(WRITES), make(READS)];

/** Stretches that hold one value in most answers, whatever was read or written. */
export const fixedIn = ({ reads }: Seen): Primitive[] =>
  fixedStretches(reads).flatMap(({ from, to, value }) => both((on) => data.patched(on, from, to, value)));

/** Changes of data with parameters that were seen, nothing else. */
export function estimatedData(seen: Seen, { parts: { stripes, holes, patches }, tables }: Guesses): Primitive[] {
  return [
    ...stripes.flatMap(({ period, from, to }) => [
      ...(['none', 'zero', 'ones', 'before'] as const).map((filling) =>
        data.stripes(WRITES, [period, from, to], filling),
      ),
      ...(['zero', 'ones', 'before'] as const).map((filling) => data.stripes(READS, [period, from, to], filling)),
    ]),
    ...holes.flatMap(([from, to]) => [
      ...(['none', 'zero', 'ones', 'before'] as const).map((filling) => data.hole(WRITES, from, to, filling)),
      ...(['zero', 'ones', 'before'] as const).map((filling) => data.hole(READS, from, to, filling)),
    ]),
    ...patches.flatMap(({ from, to, value }) => both((on) => data.patched(on, from, to, value))),
    ...wrongLanes(seen).flatMap((lane) =>
      guessTables(seen, undefined, lane).flatMap(({ kind, value }) => both((on) => data.table(on, kind, value, lane))),
    ),
    ...tables.flatMap(({ kind, value }) => both((on) => data.table(on, kind, value))),
  ];
}

/** With fewer strange bytes nobody looks for what became of them on the way. */
export const LEAST_STRANGE = 0.02;
/** So many places where blocks lie elsewhere as they were sent show that nothing became of them on the way. */
const MANY_MOVED = 48;

/** What becomes of each byte, wherever it goes. */
function changed(seen: Seen, { tables, landings }: Guesses): Primitive[] {
  const isMoved = landings.some(({ by, votes }) => by !== 0 && votes >= MANY_MOVED);
  const guesses =
    tables.length > 0 || isMoved || seen.strangeShare < LEAST_STRANGE
      ? []
      : VIEWS.flatMap((view) => guessTables(seen, (bytes) => viewed(view, bytes)));
  return [
    ...guesses.flatMap(({ kind, value }) => both((on) => data.table(on, kind, value))),
    ...usualTables(),
    ...stuckLanes(),
    // Erased cells show what a key makes of them.
    ...onlyValues(seen.reads.map(({ step }) => step.bytes)).flatMap((value) =>
      value === seen.ground.erasedValue ? [] : both((on) => data.table(on, 'xor', value ^ seen.ground.erasedValue)),
    ),
    ...[0, 0xff].map((value) => data.table(WRITES, 'fill', value)),
    ...[0, 1, 2, 3, 4].flatMap((by) => both((on) => data.keyed(on, by))),
    // Where cells clear bits whatever stands there, that is right.
    ...(seen.ground.unit > 1 ? [data.combine('and')] : []),
    ...(['overwrite', 'or', 'xor'] as const).map(data.combine),
  ];
}

const usualTables = closedSet(() => [
  ...(['invert', 'bits-reversed', 'nibbles-swapped'] as const).flatMap((kind) => both((on) => data.table(on, kind))),
  ...powersOfTwo(0, 7).flatMap((bit) => both((on) => data.table(on, 'and', 0xff ^ bit))),
  ...powersOfTwo(0, 7).flatMap((bit) => both((on) => data.table(on, 'or', bit))),
]);

/** One data line of a wider bus that is stuck while a block is written. */
const stuckLanes = closedSet(() =>
  [2, 4].flatMap((period) =>
    Array.from({ length: period }, (_, lane) => lane).flatMap((lane) =>
      powersOfTwo(0, 7).flatMap((bit) => [
        data.table(WRITES, 'and', 0xff ^ bit, [period, lane]),
        data.table(WRITES, 'or', bit, [period, lane]),
      ]),
    ),
  ),
);

const SWAPS: readonly (readonly [group: number, unit: number])[] = [
  [2, 1],
  [4, 1],
  [8, 1],
  [4, 2],
  [8, 2],
  [8, 4],
  [16, 1],
  [16, 8],
  [128, 64],
  [1024, 512],
  [2048, 1024],
];

const LINE_SIZES = powersOfTwo(6, 14);
const LINE_COUNTS = [1, 2, 4, 8, 16, 32, 64, 128];
/** Of the bytes that differ. */
const LEAST_REPEATED = 0.2;
/** What is read twice in between fills no other lines. */
const MOST_READ_TWICE = 2;

/** Of a read, the share of the bytes that differ that is what was first read in the same place. */
function repeatedShare({ step, differs }: Expectation, firstRead: Int16Array): number {
  let all = 0;
  let repeated = 0;
  for (let i = 0; i < step.length; i += Math.ceil(step.length / REPEATED_SAMPLES)) {
    if (differs[i] === 0) continue;
    all++;
    if (firstRead[step.address + i] === step.bytes[i]) repeated++;
  }
  return repeated / Math.max(1, all);
}

/** Bytes of a read that are looked at. */
const REPEATED_SAMPLES = 500;

/** What a cache must hold: the fewest bytes that were read between two reads of a place, of which the second repeats the first. */
function leastKept({ reads, firstRead }: Seen): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [n, read] of reads.entries()) {
    if (read.differing === 0 || repeatedShare(read, firstRead) <= LEAST_REPEATED) continue;
    const { address, length } = read.step;
    let between = 0;
    for (let i = n - 1; i >= 0 && between < least; i--) {
      const other = reads[i]?.step;
      if (!other) break;
      if (other.address < address + length && other.address + other.length > address) least = between;
      between += other.length;
    }
  }
  return least;
}

/** Where bytes may come from instead. */
export function sourceCandidates(seen: Seen): Primitive[] {
  const { after, ground } = seen;
  const kept = leastKept(seen);
  const values = onlyValues(after.map(({ step }) => step.bytes));
  return [
    ...[...new Set([0, 0xff, ground.erasedValue, ...values])].map(source.constant),
    ...[0, 0xff].flatMap((fill) => [source.echo(fill), source.again(fill)]),
    ...[source.firstData(true), source.firstData(false), ...[0, 1, 2].map(source.lateData)].flatMap((each) => [
      each,
      source.cutFirst(each),
    ]),
    ...[0, 0xff].map(source.lateAnswer),
    source.cache(0),
    source.cache(1),
    ...caches().filter(({ parameters: { size = 0, count = 0 } }) => size * count * MOST_READ_TWICE >= kept),
  ];
}

const caches = closedSet(() => LINE_SIZES.flatMap((size) => LINE_COUNTS.map((n) => source.staleLines(size, n))));

/** The flat list of single deviations that are worth a trial: small closed sets, and what estimators propose. */

import { dataCandidates, type Guesses, powersOfTwo, sourceCandidates } from './candidates-data.ts';
import { findLandings, findSources, type Landing } from './estimate/landing.ts';
import { guessParts } from './estimate/parts.ts';
import { onlyValues, type Seen } from './estimate/seen.ts';
import { guessTables } from './estimate/tables.ts';
import { keyOf, type Primitive } from './primitive.ts';
import * as data from './primitives/data.ts';
import * as erase from './primitives/erase.ts';
import * as part from './primitives/part.ts';
import * as place from './primitives/place.ts';
import { VIEWS, viewed } from './views.ts';

const { WRITES, READS, ERASES, BLOCKS, CHANGES, ALL } = place;
/** Unconditional primitives, the cheapest first, each once. */
export function candidatesFor(seen: Seen): Primitive[] {
  const guesses: Guesses = { parts: guessParts(seen), tables: guessTables(seen), landings: findLandings(seen) };
  const all = [
    ...gates(),
    ...erases(seen),
    ...places(seen, guesses),
    ...parts(seen, guesses),
    ...dataCandidates(seen, guesses),
    ...sourceCandidates(seen),
  ];
  const byKey = new Map(all.map((primitive) => [keyOf(primitive), primitive]));
  return [...byKey.values()].sort((a, b) => a.bits - b.bits);
}

function gates(): Primitive[] {
  return [
    part.lost(WRITES),
    part.lost(ERASES),
    part.lost(CHANGES),
    part.late(WRITES, WRITES, 1),
    part.late(WRITES, WRITES, 2),
    part.late(WRITES, CHANGES, 1),
    part.late(ERASES, ERASES, 1),
    part.late(ERASES, WRITES, 1),
    part.late(ERASES, CHANGES, 1),
    part.pending(ERASES, WRITES),
    part.late(CHANGES, CHANGES, 1),
  ];
}

function erases({ ground, after }: Seen): Primitive[] {
  const values = onlyValues(after.map(({ step }) => step.bytes)).filter((value) => value !== ground.erasedValue);
  const smallest = Math.min(...ground.edges.slice(1).map((end, i) => end - (ground.edges[i] ?? 0)));
  return [
    erase.massErase(),
    erase.eraseRest(),
    erase.eraseUpTo(),
    ...powersOfTwo(7, 18).flatMap((size) => [erase.eraseUnit(size), erase.eraseLength(size)]),
    ...powersOfTwo(2, 16).flatMap((size) => [part.headOnly(ERASES, size), part.tailOnly(ERASES, size)]),
    ...powersOfTwo(1, 16)
      .filter((size) => size < smallest)
      .flatMap((size) => [
        part.headLost(ERASES, size),
        part.tailLost(ERASES, size),
        part.headOnly(ERASES, smallest - size),
      ]),
    ...[2, 4].flatMap((count) => Array.from({ length: count }, (_, index) => erase.eraseShare(index, count))),
    ...[1, -1, 2, -2].flatMap((by) => [erase.eraseNeighbour(by, 0), erase.eraseNeighbour(by, 1)]),
    ...[0, 1, -1].map(erase.eraseAlsoSector),
    ...[0, -1, -2, 1].flatMap((from) => [2, 3, 4, 8].map((count) => erase.sectorErase(from, count))),
    ...[...new Set([0, ...values])].map(erase.eraseValue),
    ...powersOfTwo(10, 17).flatMap((size) => [place.sectorsAlike(size), erase.sectorBySize(size)]),
    ...powersOfTwo(0, 6).map((_, i) => erase.sectorNumberCut(i + 1)),
    ...powersOfTwo(1, 4).map(erase.sectorGroup),
    erase.eraseShare(7, 8),
    erase.eraseShare(0, 8),
    ...[0x0f, 0xf0, ...powersOfTwo(0, 7).map((bit) => 0xff ^ bit)].map(erase.eraseBits),
  ];
}

/** More of them are chance. */
const MOST_LANDINGS = 8;

function places(seen: Seen, guesses: Guesses): Primitive[] {
  const { ground, steps } = seen;
  const sources = findSources(seen);
  const landings = likelyLandings(seen, guesses);
  const offsets = landings.map(({ by }) => by).filter((by) => by !== 0);
  const bases = [...new Set(steps.filter(({ kind }) => kind === 'write').map(({ base }) => base))].slice(0, 2);
  const readBases = [...new Set(steps.filter(({ kind }) => kind === 'read').map(({ address }) => address))].slice(0, 2);
  const strides = [
    ...new Set([0, ...powersOfTwo(6, 13), 2 * ground.blockSize, ...stridesOf(landings, ground.blockSize)]),
  ].filter((size) => size !== ground.blockSize);
  const lines = Array.from({ length: 21 }, (_, line) => line).filter((line) => 2 ** line < ground.size);
  const moduli = [...new Set([...powersOfTwo(8, 20), ...offsets.map(Math.abs)])].filter(
    (size) => size < ground.size && size > 32,
  );
  return [
    ...offsets.flatMap((by) => [
      place.shift(WRITES, by),
      place.shift(READS, -by),
      place.also(WRITES, by),
      place.shift(ERASES, by),
      place.shift(CHANGES, by),
    ]),
    ...[1, -1].flatMap((n) => powersOfTwo(0, 16).flatMap((by) => [place.shift(ERASES, n * by)])),
    ...[1, -1].flatMap((n) =>
      [...powersOfTwo(0, 16), ground.blockSize].flatMap((by) => [
        place.shift(WRITES, n * by),
        place.shift(READS, n * by),
      ]),
    ),
    ...strides.flatMap((size) => [place.stride(WRITES, size), place.stride(READS, size), place.stride(BLOCKS, size)]),
    ...[0, ...bases].flatMap((base) =>
      [WRITES, READS, BLOCKS].flatMap((on) => [place.baseIgnored(on, base), place.pointer(on, base)]),
    ),
    ...powersOfTwo(8, 17).flatMap((unit) => [place.aligned(WRITES, unit), place.aligned(READS, unit)]),
    ...SCALES.flatMap(([by, over]) => [WRITES, READS, ERASES, CHANGES, ALL].map((on) => place.scaled(on, by, over))),
    ...[1, 2, 3, 4, 7].flatMap((mask) => [place.reorder(WRITES, mask), place.reorder(READS, mask)]),
    ...powersOfTwo(1, 8).flatMap((period) => [
      place.numberWraps(WRITES, period),
      place.numberWraps(READS, period),
      place.numberWraps(BLOCKS, period),
    ]),
    ...[0, ...bases].map((at) => place.onePlace(WRITES, at)),
    ...[0, ...readBases, ...bases, ...sources.places].map((at) => place.onePlace(READS, at)),
    ...[0, ...bases].map((at) => place.onePlace(ERASES, at)),
    ...[1, 2, 4, 8, 16].flatMap((unit) =>
      [2, 0.5, 4].flatMap((by) => [WRITES, READS].map((on) => place.spread(on, unit, by))),
    ),
    ...sources.bases.map((base) => place.baseIgnored(READS, base)),
    ...[WRITES, READS, BLOCKS].map(place.baseTwice),
    ...basesOf(landings, ground.blockSize).flatMap((base) => [
      place.baseIgnored(WRITES, base),
      place.baseIgnored(READS, base),
      place.onePlace(WRITES, base),
    ]),
    ...[WRITES, READS, BLOCKS].flatMap((on) => [
      place.firstBaseKept(on),
      place.pointerGoesOn(on),
      place.firstPlace(on),
    ]),
    place.previousAddress(WRITES),
    place.previousAddress(READS),
    ...lines.flatMap((line) => SCOPES.flatMap((on) => [0, 1, 2].map((value) => place.line(on, line, value)))),
    ...[WRITES, READS, ERASES].map((on) => place.halvesExchanged(on, ground.size)),
    ...moduli.flatMap((size) => SCOPES.map((on) => place.modulo(on, size))),
    ...powersOfTwo(13, 19).flatMap((size) =>
      [WRITES, READS, ERASES, CHANGES, ALL].map((on) => place.foldedOnce(on, size)),
    ),
    ...[12, 13, 14, 15, 16].flatMap((bits) => [WRITES, READS, BLOCKS].map((on) => place.signedDistance(on, bits))),
    ...lines
      .slice(0, -1)
      .flatMap((line) => [WRITES, READS, ERASES].map((on) => place.linesExchanged(on, line, line + 1))),
  ];
}

const SCALES = [
  [2, 1],
  [1, 2],
  [4, 1],
  [1, 4],
] as const;
const SCOPES = [WRITES, READS, ERASES, CHANGES, BLOCKS, ALL];

/** Displacements that were seen more than once, as they are or through a change of data. */
function likelyLandings(seen: Seen, { landings, tables: guessed }: Guesses): Landing[] {
  const plain = landings.filter(({ votes }) => votes >= 2);
  const moved = plain.filter(({ by }) => by !== 0).slice(0, MOST_LANDINGS);
  const total = seen.blocks.length;
  const hits = plain.reduce((sum, { votes }) => sum + votes, 0);
  if (hits > total) return moved;
  const tables = [
    data.table(WRITES, 'invert'),
    data.table(WRITES, 'bits-reversed'),
    ...guessed.slice(0, 2).map((guess) => data.table(WRITES, guess.kind, guess.value)),
  ];
  const through = [...VIEWS, ...tables].flatMap((primitive) =>
    findLandings(seen, (bytes) => viewed(primitive, bytes))
      .filter(({ votes, by }) => votes >= 2 && by !== 0)
      .slice(0, 3),
  );
  return [...moved, ...through];
}

/** Sizes of blocks that explain displacements which grow with the block number. */
function stridesOf(landings: readonly Landing[], blockSize: number): number[] {
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
function basesOf(landings: readonly Landing[], blockSize: number): number[] {
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

function parts(seen: Seen, guesses: Guesses): Primitive[] {
  const { heads, tails, rightHeads, rightTails } = guesses.parts;
  const { blockSize } = seen.ground;
  const round = powersOfTwo(2, 10).filter((n) => n < blockSize);
  const less = (ns: readonly number[]): number[] =>
    [...new Set([...ns, ...round, blockSize / 2])].filter((n) => n < blockSize);
  const limits = limitsOf(seen);
  const reads = [...less([]), 1, 2].flatMap((n) => [
    part.headOnly(READS, n),
    part.tailLost(READS, n),
    part.headLost(READS, n),
  ]);
  return [
    ...less(heads).map((n) => part.headLost(WRITES, n)),
    ...less(tails).map((n) => part.tailLost(WRITES, n)),
    ...less(rightHeads).map((n) => part.headOnly(WRITES, n)),
    ...less(rightTails).map((n) => part.tailOnly(WRITES, n)),
    ...less([]).map((n) => part.oddTailLost(WRITES, n)),
    ...[2, 4, 8].flatMap((n) => [part.headShare(WRITES, n)]),
    ...[...powersOfTwo(2, 10), blockSize].flatMap((n) =>
      (['zero', 'ones', 'before', 'buffer'] as const).map((filling) => part.padded(n, filling)),
    ),
    ...limits.flatMap((limit) =>
      [0, 1].flatMap((above) => [WRITES, CHANGES].map((on) => part.bounded(on, limit, above))),
    ),
    ...[
      ...reads,
      ...[2, 4].map((n) => part.headShare(READS, n)),
      ...limits.flatMap((limit) => [part.bounded(READS, limit, 0), part.bounded(READS, limit, 1)]),
    ].flatMap((primitive) => [part.filled(primitive, 0), part.filled(primitive, 0xff)]),
  ];
}

/** Offsets at which right turns into wrong or back, and round ones near the first and the last. */
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
  return [...new Set([low, high, ...round])].filter((n) => n > 0 && n < ground.size);
}

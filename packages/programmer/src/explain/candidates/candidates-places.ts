/** The part of the flat list that is about addresses: where blocks and bytes may go, or come from. */

import { findSources, type Landing, slipsIn } from '../estimate/landing.ts';
import type { Seen } from '../estimate/seen.ts';
import { closedSet } from '../grammar/closed-set.ts';
import type { Primitive } from '../grammar/primitive.ts';
import * as lines from '../primitives/lines.ts';
import * as place from '../primitives/place.ts';
import { powersOfTwo } from './candidates-data.ts';
import { basesOf, stridesOf } from './likely.ts';

const { WRITES, READS, ERASES, BLOCKS, CHANGES, ALL } = place;
const SCOPES = [WRITES, READS, ERASES, CHANGES, BLOCKS, ALL];
const EACH = [WRITES, READS, BLOCKS];
const SCALES = [
  [2, 1],
  [1, 2],
  [4, 1],
  [1, 4],
] as const;

/** What estimators and the run itself say of addresses. */
interface Hints {
  readonly offsets: readonly number[];
  readonly strides: readonly number[];
  /** Addresses that were set for writes and for reads. */
  readonly bases: readonly number[];
  readonly readBases: readonly number[];
  /** Where block numbers seem to count from, and where reads seem to come from. */
  readonly countedFrom: readonly number[];
  readonly sources: { readonly places: readonly number[]; readonly bases: readonly number[] };
}

/** Addresses of blocks and of bytes. */
export function placeCandidates(seen: Seen, likely: readonly Landing[]): Primitive[] {
  const hints = hintsOf(seen, likely);
  const { blockSize, size } = seen.ground;
  return [...displaced(hints, blockSize), ...renumbered(hints), ...gathered(hints), ...byLine(hints, size)];
}

function hintsOf(seen: Seen, landings: readonly Landing[]): Hints {
  const { ground, steps } = seen;
  const distinct = (all: readonly number[]): number[] => [...new Set(all)];
  const strides = [0, ...powersOfTwo(6, 13), 2 * ground.blockSize, ...stridesOf(landings, ground.blockSize)];
  return {
    offsets: distinct([...landings.map(({ by }) => by), ...slipsIn(landings).flatMap(({ moves }) => moves)]).filter(
      (by) => by !== 0,
    ),
    strides: distinct(strides).filter((size) => size !== ground.blockSize),
    bases: distinct(steps.filter(({ kind }) => kind === 'write').map(({ base }) => base)).slice(0, 2),
    readBases: distinct(steps.filter(({ kind }) => kind === 'read').map(({ address }) => address)).slice(0, 2),
    countedFrom: basesOf(landings, ground.blockSize),
    sources: findSources(seen),
  };
}

function displaced({ offsets }: Hints, blockSize: number): Primitive[] {
  return [
    ...offsets.flatMap((by) => [
      place.shift(WRITES, by),
      place.shift(READS, -by),
      place.also(WRITES, by),
      place.shift(ERASES, by),
      place.shift(CHANGES, by),
    ]),
    ...usuallyDisplaced(blockSize),
  ];
}

const usuallyDisplaced = closedSet((blockSize) => [
  ...[1, -1].flatMap((n) => powersOfTwo(0, 16).flatMap((by) => [place.shift(ERASES, n * by)])),
  ...[1, -1].flatMap((n) => BEGINNINGS.flatMap((by) => [WRITES, READS, ERASES].map((on) => place.shift(on, n * by)))),
  ...[1, -1].flatMap((n) => powersOfTwo(8, 17).flatMap((by) => [place.also(WRITES, n * by)])),
  ...[1, -1].flatMap((n) =>
    [...powersOfTwo(0, 16), blockSize].flatMap((by) => [place.shift(WRITES, n * by), place.shift(READS, n * by)]),
  ),
  ...powersOfTwo(8, 17).flatMap((unit) => [place.aligned(WRITES, unit), place.aligned(READS, unit)]),
  ...SCALES.flatMap(([by, over]) => [WRITES, READS, ERASES, CHANGES, ALL].map((on) => place.scaled(on, by, over))),
  ...[1, 2, 4, 8, 16].flatMap((unit) =>
    [2, 0.5, 4].flatMap((by) => [WRITES, READS].map((on) => place.spread(on, unit, by))),
  ),
  ...EACH.map(place.baseTwice),
  place.previousAddress(WRITES),
  place.previousAddress(READS),
]);

/** Other arithmetic with block numbers. */
function renumbered({ strides, bases, countedFrom, sources }: Hints): Primitive[] {
  return [
    ...strides.flatMap((size) => EACH.map((on) => place.stride(on, size))),
    ...BEGINNINGS.flatMap((base) => [place.baseIgnored(WRITES, base), place.baseIgnored(READS, base)]),
    ...[0, ...bases].flatMap((base) => EACH.flatMap((on) => [place.baseIgnored(on, base), place.pointer(on, base)])),
    ...usuallyRenumbered(),
    ...sources.bases.map((base) => place.baseIgnored(READS, base)),
    ...countedFrom.flatMap((base) => [place.baseIgnored(WRITES, base), place.baseIgnored(READS, base)]),
    ...usualPointers(),
  ];
}

const usuallyRenumbered = closedSet(() => [
  ...[1, 2, 3, 4, 7].flatMap((mask) => [place.reorder(WRITES, mask), place.reorder(READS, mask)]),
  ...powersOfTwo(1, 8).flatMap((period) => EACH.map((on) => place.numberWraps(on, period))),
]);

const usualPointers = closedSet(() => [
  ...EACH.flatMap((on) => [place.firstBaseKept(on), place.pointerGoesOn(on)]),
  ...[12, 13, 14, 15, 16].flatMap((bits) => EACH.map((on) => place.signedDistance(on, bits))),
]);

/** Where applications begin behind a bootloader. */
const BEGINNINGS = [0x2000, 0x4000, 0x5000, 0x8000];

/** Everything at one place. */
function gathered({ bases, readBases, countedFrom, sources }: Hints): Primitive[] {
  return [
    ...[0, ...bases].flatMap((at) => [place.onePlace(WRITES, at), place.onePlace(ERASES, at)]),
    ...[0, ...BEGINNINGS, ...readBases, ...bases, ...sources.places].map((at) => place.onePlace(READS, at)),
    ...countedFrom.map((base) => place.onePlace(WRITES, base)),
    ...EACH.map(place.firstPlace),
  ];
}

/** Address lines, and memories that are smaller than they seem. */
function byLine({ offsets }: Hints, flashSize: number): Primitive[] {
  const sizes = offsets.map(Math.abs).filter((size) => size < flashSize && size > 32);
  return [...stuckLines(flashSize), ...sizes.flatMap(smallerMemories), ...foldedMemories(flashSize)];
}

const smallerMemories = (size: number): Primitive[] => SCOPES.map((on) => lines.modulo(on, size));

const linesBelow = (flashSize: number): number[] =>
  Array.from({ length: 21 }, (_, line) => line).filter((line) => 2 ** line < flashSize);

const stuckLines = closedSet((flashSize) => [
  ...linesBelow(flashSize).flatMap((line) =>
    SCOPES.flatMap((on) => [0, 1, 2].map((value) => lines.line(on, line, value))),
  ),
  ...[WRITES, READS, ERASES].map((on) => lines.halvesExchanged(on, flashSize)),
  ...powersOfTwo(8, 20)
    .filter((size) => size < flashSize)
    .flatMap(smallerMemories),
]);

const foldedMemories = closedSet((flashSize) => [
  ...powersOfTwo(13, 19).flatMap((size) =>
    [WRITES, READS, ERASES, CHANGES, ALL].map((on) => lines.foldedOnce(on, size)),
  ),
  ...linesBelow(flashSize)
    .slice(0, -1)
    .flatMap((line) => [WRITES, READS, ERASES].map((on) => lines.linesExchanged(on, line, line + 1))),
]);

/** The flat list of single deviations that are worth a trial: small closed sets, and what estimators propose. */

import { guessErased } from '../estimate/erased.ts';
import { findLandings } from '../estimate/landing.ts';
import { guessParts } from '../estimate/parts.ts';
import { onlyValues, type Seen, type SeenBlock } from '../estimate/seen.ts';
import { guessTables, guessTablesUnerased } from '../estimate/tables.ts';
import { closedSet } from '../grammar/closed-set.ts';
import { evenly, keyOf, type Primitive } from '../grammar/primitive.ts';
import * as copies from '../primitives/copies.ts';
import * as erase from '../primitives/erase.ts';
import { blankGuard } from '../primitives/guard.ts';
import * as part from '../primitives/part.ts';
import { CHANGES, ERASES, sectorsAlike, WRITES } from '../primitives/place.ts';
import type { Ground, Step, StepKind } from '../recording/steps.ts';
import {
  dataCandidates,
  estimatedData,
  type Guesses,
  powersOfTwo,
  slippedData,
  sourceCandidates,
} from './candidates-data.ts';
import { partCandidates } from './candidates-parts.ts';
import { placeCandidates } from './candidates-places.ts';
import { likelyLandings } from './likely.ts';

/** Primitives that strike always, and a few of which the condition is part, the cheapest first, each once. */
export function candidatesFor(seen: Seen): Primitive[] {
  const tables = [...guessTables(seen), ...guessTablesUnerased(seen)];
  const guesses: Guesses = { parts: guessParts(seen), tables, landings: findLandings(seen) };
  const likely = likelyLandings(seen, guesses);
  const all = [
    ...gates(),
    ...erases(seen),
    ...eraseParts(seen),
    ...placeCandidates(seen, likely),
    ...partCandidates(seen, guesses),
    ...dataCandidates(seen, { ...guesses, landings: [...guesses.landings, ...likely] }),
    ...sourceCandidates(seen),
  ];
  return eachOnce(all).sort((a, b) => a.bits - b.bits);
}

/** Of those that have one name the last, in the place of the first. */
function eachOnce(some: readonly Primitive[]): Primitive[] {
  const byKey = new Map(some.map(evenly).map((primitive) => [keyOf(primitive), primitive]));
  return [...byKey.values()];
}

/** Blocks of which estimators make proposals a second time. */
const MOST_BLOCKS_AGAIN = 24;

/** What estimators propose besides `known` when they look at what another deviation leaves. */
export function candidatesAgain(seen: Seen, known: ReadonlySet<string>): Primitive[] {
  const blocks = seen.blocks.filter(({ wrong }) => wrong > 0).slice(0, MOST_BLOCKS_AGAIN);
  const some = { ...seen, blocks };
  // How far bytes moved within blocks, wherever these went.
  const landings = findLandings({ ...seen, blocks, after: blocks.map(asFound) });
  const guesses: Guesses = { parts: guessParts(some), tables: guessTables(some), landings };
  const all = [
    ...eraseParts(seen),
    ...slippedData(seen, guesses),
    ...partCandidates(seen, guesses),
    ...estimatedData(some, guesses),
  ];
  const others = eachOnce(all).filter((primitive) => !known.has(keyOf(primitive)));
  return others.sort((a, b) => a.bits - b.bits);
}

/** A block as if it had been read where it was written. */
const asFound = ({ step, found }: SeenBlock): { readonly step: Step } => ({
  step: { ...step, bytes: Uint8Array.from(found, (byte) => Math.max(0, byte)) },
});

const gates = closedSet(() => [
  part.lost(WRITES),
  part.lost(ERASES),
  part.lost(CHANGES),
  copies.copied(),
  copies.answered(),
  ...powersOfTwo(12, 16).map(copies.keptFromStart),
  part.late(WRITES, WRITES, 1),
  part.late(WRITES, WRITES, 2),
  part.late(WRITES, CHANGES, 1),
  part.late(ERASES, ERASES, 1),
  part.late(ERASES, WRITES, 1),
  part.late(ERASES, CHANGES, 1),
  part.pending(ERASES, WRITES),
  part.late(CHANGES, CHANGES, 1),
]);

const sectorSizes = ({ edges }: Ground): number[] => edges.slice(1).map((end, i) => end - (edges[i] ?? 0));

function erases({ ground, after }: Seen): Primitive[] {
  const values = onlyValues(after.map(({ step }) => step.bytes)).filter((value) => value !== ground.erasedValue);
  return [
    ...usualErases(Math.min(...sectorSizes(ground))),
    ...[...new Set([0, ...values])].map(erase.eraseValue),
    ...otherErases(),
  ];
}

/** `smallest`: length of the smallest sector. */
const usualErases = closedSet((smallest) => [
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
]);

const otherErases = closedSet(() => [
  ...powersOfTwo(10, 17).flatMap((size) => [sectorsAlike(size), erase.sectorBySize(size)]),
  ...powersOfTwo(0, 6).map((_, i) => erase.sectorNumberCut(i + 1)),
  ...powersOfTwo(1, 4).map(erase.sectorGroup),
  erase.eraseShare(7, 8),
  erase.eraseShare(0, 8),
  ...[0x0f, 0xf0, ...powersOfTwo(0, 7).map((bit) => 0xff ^ bit)].map(erase.eraseBits),
]);

/** Parts of sectors that erases leave, as far as their borders were seen. */
function eraseParts(seen: Seen): Primitive[] {
  const { heads, tails, rightHeads, rightTails } = guessErased(seen);
  const largest = Math.max(...sectorSizes(seen.ground));
  // Of what is lost of all sectors nothing is left.
  const isPart = (n: number): boolean => n < largest;
  return [
    ...heads.filter(isPart).map((n) => part.headLost(ERASES, n)),
    ...tails.filter(isPart).map((n) => part.tailLost(ERASES, n)),
    ...rightHeads.map((n) => part.headOnly(ERASES, n)),
    ...rightTails.map((n) => part.tailOnly(ERASES, n)),
  ];
}

/** What an operation may look at before it acts. */
export function guardCandidates(on: StepKind, { blockSize }: Ground): Primitive[] {
  const few = powersOfTwo(0, 8);
  const atErase = [
    ...few.map((bytes) => blankGuard('erase', 'sector-start', bytes)),
    ...few.map((bytes) => blankGuard('erase', 'sector-end', bytes)),
  ];
  if (on === 'erase') return atErase.map(evenly);
  const atOthers = [
    ...few.slice(0, 5).map((bytes) => blankGuard(on, 'sector-start', bytes)),
    ...[1, 4, ...[1, 2, 4, 8, 16, 32].map((blocks) => blocks * blockSize)].map((bytes) =>
      blankGuard(on, 'address', bytes),
    ),
  ];
  return atOthers.map(evenly);
}

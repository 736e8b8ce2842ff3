/** Proposes what became of each byte value: masks, inversions, sums, by what stands where it was written. */
import { TABLE_KINDS, TABLES, type TableKind } from '../primitives/data.ts';
import type { View } from './hits.ts';
import type { Seen } from './seen.ts';

export interface TableGuess {
  readonly kind: TableKind;
  readonly value: number;
}

/** Byte values that must have been seen before a table is believed. */
const LEAST_VALUES = 6;
const LEAST_COUNT = 3;

/** `view` undoes a change of order; `by`: bytes stand this far from their place. */
export function guessTables(
  { blocks, ground }: Seen,
  view: View = (bytes) => bytes,
  [period, remainder]: readonly [number, number] = [1, 0],
): TableGuess[] {
  counts.fill(0);
  for (const { step, found } of someWrong(blocks)) {
    const bytes = view(step.bytes);
    for (let i = remainder; i < bytes.length; i += period) {
      const y = found[i] ?? -1;
      if (y < 0) continue;
      const at = (bytes[i] ?? 0) * 256 + y;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  const { most, mostUnerased, and, or } = becomingOf(ground.erasedValue);
  const guesses = [...fittingTables(most), ...fittingTables(mostUnerased), ...masks(and, or)];
  return guesses.filter(
    (guess, i) => guesses.findIndex((other) => other.kind === guess.kind && other.value === guess.value) === i,
  );
}

/** Of the bytes of blocks that came out wrong, the share that has no bit that was clear before: then nothing was erased. */
const LEAST_KEPT = 0.95;
const LEAST_OLD_BYTES = 512;

/** As `guessTables` where nothing was erased: of what arrived only those bits show that were set before. */
export function guessTablesUnerased({ blocks, firstRead, ground }: Seen): TableGuess[] {
  if (ground.erasedValue !== 0xff) return [];
  const wrong = someWrong(blocks);
  if (!isUnerased(wrong, firstRead)) return [];
  const votes = new Int32Array(256 * 8);
  for (const { step, found } of wrong.slice(0, MOST_COUNTED_BY_BIT)) {
    for (let i = 0; i < Math.min(step.length, MOST_BYTES_BY_BIT); i++) {
      const [x, y, old] = [step.bytes[i] ?? 0, found[i] ?? -1, firstRead[step.address + i] ?? -1];
      if (y < 0 || old < 0) continue;
      for (let bit = 0; bit < 8; bit++)
        if ((old >> bit) & 1) votes[x * 8 + bit] = (votes[x * 8 + bit] ?? 0) + ((y >> bit) & 1 ? 1 : -1);
    }
  }
  const became = new Int16Array(256).fill(-1);
  for (let x = 0; x < 256; x++) {
    const bits = votes.subarray(x * 8, x * 8 + 8);
    if (bits.every((vote) => Math.abs(vote) >= LEAST_COUNT))
      became[x] = bits.reduce((byte, vote, bit) => (vote > 0 ? byte | (1 << bit) : byte), 0);
  }
  return fittingTables(became);
}

function isUnerased(wrong: Seen['blocks'], firstRead: Int16Array): boolean {
  let all = 0;
  let kept = 0;
  for (const { step, found } of wrong) {
    for (let i = 0; i < step.length; i++) {
      const [y, old] = [found[i] ?? -1, firstRead[step.address + i] ?? -1];
      if (y < 0 || old < 0 || old === 0xff) continue;
      all++;
      if ((y & ~old) === 0) kept++;
    }
  }
  return all >= LEAST_OLD_BYTES && kept >= LEAST_KEPT * all;
}

/** How often each byte became which: kept from one call to the next, because it is large. */
const counts = new Uint32Array(256 * 256);

/** More blocks, or more bytes of them, say no more. */
const MOST_COUNTED = 24;
const MOST_COUNTED_BYTES = 24 * 1024;
const MOST_COUNTED_BY_BIT = 12;
const MOST_BYTES_BY_BIT = 1024;

function someWrong(blocks: Seen['blocks']): Seen['blocks'] {
  const wrong = blocks.filter((block) => block.wrong > 0);
  const bytes = wrong.reduce((sum, { step }) => sum + step.length, 0);
  const every = Math.ceil(Math.max(wrong.length / MOST_COUNTED, bytes / MOST_COUNTED_BYTES));
  return every <= 1 ? wrong : wrong.filter((_, i) => i % every === 0);
}

interface Becoming {
  /** For each byte value what it became most often, -1 where that is not clear. */
  readonly most: Int16Array;
  /** The same where erased bytes are left out. */
  readonly mostUnerased: Int16Array;
  /** Bits that are set in all that was read, erased bytes left out, and bits that are set in any of it. */
  readonly and: number;
  readonly or: number;
}

/** What the counts say, in one look at all of them. */
function becomingOf(erased: number): Becoming {
  const most = new Int16Array(256);
  const mostUnerased = new Int16Array(256);
  let and = 0xff;
  let or = 0;
  for (let x = 0; x < 256; x++) {
    let best = -1;
    let more = LEAST_COUNT - 1;
    let total = 0;
    for (let y = 0; y < 256; y++) {
      const n = counts[x * 256 + y] ?? 0;
      if (n === 0) continue;
      or |= y;
      if (y === erased) continue;
      and &= y;
      total += n;
      if (n > more) {
        more = n;
        best = y;
      }
    }
    mostUnerased[x] = more * 2 > total ? best : -1;
    const blank = counts[x * 256 + erased] ?? 0;
    most[x] = Math.max(more, blank) * 2 > total + blank ? (blank > more ? erased : best) : -1;
  }
  return { most, mostUnerased, and, or };
}

const LEAST_SHARE = 0.9;

function fittingTables(became: Int16Array): TableGuess[] {
  const seen = [...became].filter((y) => y >= 0).length;
  if (seen < LEAST_VALUES || became.every((y, x) => y < 0 || y === x)) return [];
  const guesses: TableGuess[] = [];
  for (const kind of TABLE_KINDS) {
    for (const value of valuesFor(kind, became, seen)) {
      if (share(became, kind, value, seen) >= LEAST_SHARE && !isIdentity(kind, value)) guesses.push({ kind, value });
    }
  }
  return guesses;
}

const EVERY_VALUE = Array.from({ length: 256 }, (_, value) => value);

/** Values that a table of this kind may have, before each is tried. */
function valuesFor(kind: TableKind, became: Int16Array, seen: number): readonly number[] {
  if (kind === 'invert' || kind === 'bits-reversed' || kind === 'nibbles-swapped') return [0];
  if (kind.includes('ted-')) return EVERY_VALUE.slice(0, 8);
  const votes = new Uint16Array(256);
  let cleared = 0;
  let set = 0;
  for (let x = 0; x < 256; x++) {
    const y = became[x] ?? -1;
    if (y < 0) continue;
    if ((y & ~x) === 0) cleared++;
    if ((x & ~y) === 0) set++;
    const at = kind === 'xor' ? x ^ y : kind === 'add' ? (y - x) & 0xff : y;
    votes[at] = (votes[at] ?? 0) + 1;
  }
  const least = seen * LEAST_SHARE;
  if (kind === 'and') return cleared < least ? [] : EVERY_VALUE;
  if (kind === 'or') return set < least ? [] : EVERY_VALUE;
  return EVERY_VALUE.filter((value) => (votes[value] ?? 0) >= least);
}

function share(became: Int16Array, kind: TableKind, value: number, seen: number): number {
  let wrong = 0;
  for (let x = 0; x < 256; x++) {
    const y = became[x] ?? -1;
    if (y >= 0 && TABLES[kind](x, value) !== y && ++wrong > seen * (1 - LEAST_SHARE)) return 0;
  }
  return 1 - wrong / seen;
}

function isIdentity(kind: TableKind, value: number): boolean {
  return TABLES[kind](0, value) === 0 && TABLES[kind](0x5a, value) === 0x5a && TABLES[kind](0xff, value) === 0xff;
}

/** Masks that hold wherever bytes landed. */
function masks(and: number, or: number): TableGuess[] {
  const guesses: TableGuess[] = [];
  if (or !== 0xff && or !== 0) guesses.push({ kind: 'and', value: or });
  if (and !== 0 && and !== 0xff) guesses.push({ kind: 'or', value: and });
  return guesses;
}

/** Bytes of a lane that are wrong for another reason: fewer than this share of those in the worst. */
const LANE_NOISE = 0.2;

/** Lanes of bytes in which alone, but for a few, something is wrong: period and remainder of the index. */
export function wrongLanes({ blocks }: Seen): (readonly [period: number, remainder: number])[] {
  const wrong = new Uint32Array(8);
  for (const { step, found } of someWrong(blocks)) {
    for (let i = 0; i < step.length; i++)
      if ((found[i] ?? -1) >= 0 && found[i] !== step.bytes[i]) wrong[i % 8] = (wrong[i % 8] ?? 0) + 1;
  }
  const most = Math.max(...wrong);
  const lanes: (readonly [number, number])[] = [];
  for (const period of [2, 4, 8]) {
    const hit = Array.from({ length: period }, (_, k) => k).filter((k) =>
      wrong.some((n, i) => n > most * LANE_NOISE && i % period === k),
    );
    if (hit.length <= period / 2) for (const k of hit) lanes.push([period, k]);
  }
  return lanes;
}

/** Proposes which part of a block is missing, and from where on nothing is right. It decides nothing. */
import type { Seen, SeenBlock } from './seen.ts';

export interface PartGuesses {
  /** Bytes that are wrong at the head, or at the tail, of a block. */
  readonly heads: readonly number[];
  readonly tails: readonly number[];
  /** Bytes that are right at the head, or at the tail, of a block that is wrong elsewhere. */
  readonly rightHeads: readonly number[];
  readonly rightTails: readonly number[];
  /** Parts of a block that are wrong in every block, as far as they differ. */
  readonly holes: readonly (readonly [from: number, to: number])[];
  /** Parts of a block that hold one value in every read that differs there. */
  readonly patches: readonly { readonly from: number; readonly to: number; readonly value: number }[];
  /** Of every `period` bytes, from `from` to `to`. */
  readonly stripes: readonly { readonly period: number; readonly from: number; readonly to: number }[];
}

export function guessParts(seen: Seen): PartGuesses {
  const wrong = seen.blocks.filter((block) => block.wrong > 0);
  const arrived = wrong.filter((block) => hasArrived(block, seen));
  const partly = arrived.length > 0 ? arrived : wrong;
  const heads = new Map<number, number>();
  const tails = new Map<number, number>();
  const rightHeads = new Map<number, number>();
  const rightTails = new Map<number, number>();
  for (const block of wrong) {
    const { first, last } = wrongRange(block);
    const { length } = block.step;
    vote(heads, last + 1);
    vote(tails, length - first);
    vote(rightHeads, first);
    vote(rightTails, length - last - 1);
  }
  return {
    heads: rounded(heads),
    tails: rounded(tails),
    rightHeads: rounded(rightHeads),
    rightTails: rounded(rightTails),
    stripes: stripesOf(partly),
    holes: holesOf(partly),
    patches: patchesOf(partly),
  };
}

/** Of the bytes of a block that programming would have changed, the share that is right in one of which a part is wrong. */
const LEAST_ARRIVED = 0.05;

/** Whether anything of a block is where it belongs: of one that is lost, nothing tells what becomes of the others. */
function hasArrived({ step, found }: SeenBlock, { ground: { erasedValue }, firstRead }: Seen): boolean {
  let all = 0;
  let right = 0;
  const { bytes, address, length } = step;
  for (let i = 0; i < length; i++) {
    const asked = bytes[i];
    const is = found[i] ?? -1;
    if (is < 0 || asked === erasedValue || asked === firstRead[address + i]) continue;
    all++;
    if (is === asked) right++;
    if (right > LEAST_ARRIVED * length) return true;
  }
  return right > LEAST_ARRIVED * all;
}

function vote(votes: Map<number, number>, n: number): void {
  if (n > 0) votes.set(n, (votes.get(n) ?? 0) + 1);
}

function wrongRange({ step, found }: SeenBlock): { first: number; last: number } {
  const isRight = (i: number): boolean => (found[i] ?? -1) < 0 || found[i] === step.bytes[i];
  let first = 0;
  let last = step.length - 1;
  while (first < step.length && isRight(first)) first++;
  while (last > first && isRight(last)) last--;
  return first < step.length ? { first, last } : { first: -1, last: -1 };
}

const MOST_GUESSES = 4;

/** The most frequent, and the round numbers beside them: a byte that is right by chance hides the edge. */
function rounded(votes: ReadonlyMap<number, number>): number[] {
  const most = [...votes]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_GUESSES)
    .map(([n]) => n);
  const largest = Math.max(0, ...votes.keys());
  const smallest = Math.min(largest, ...votes.keys());
  const round = [...most, largest, smallest].flatMap((n) => [
    n,
    ...[4, 8, 16, 32, 64, 128, 256].flatMap((m) => [Math.ceil(n / m) * m, Math.floor(n / m) * m]),
  ]);
  return [...new Set(round)].filter((n) => n > 0);
}

function holesOf(wrong: readonly SeenBlock[]): (readonly [number, number])[] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const block of wrong) {
    const { first, last } = wrongRange(block);
    low = Math.min(low, first);
    high = Math.max(high, last + 1);
  }
  const holes = [1, 2, 4, 8, 16, 32, 64].map((unit): readonly [number, number] => [
    Math.floor(low / unit) * unit,
    Math.ceil(high / unit) * unit,
  ]);
  return high > low
    ? holes.filter(([from, to], i) => i === 0 || from !== holes[i - 1]?.[0] || to !== holes[i - 1]?.[1])
    : [];
}

/** Indices that hold the same value wherever something is wrong there, and are wrong somewhere. */
function patchesOf(wrong: readonly SeenBlock[]): PartGuesses['patches'] {
  const length = wrong.reduce((most, { step }) => Math.max(most, step.length), 0);
  const values = new Int16Array(length).fill(NEVER_SEEN);
  let mixed = 0;
  for (const { step, found } of wrong) {
    const { bytes } = step;
    for (let i = 0; i < bytes.length; i++) {
      const y = found[i] ?? -1;
      const known = values[i] ?? MIXED;
      if (known === MIXED || y < 0 || y === bytes[i] || y === known) continue;
      values[i] = known === NEVER_SEEN ? y : MIXED;
      if (known !== NEVER_SEEN) mixed++;
    }
    if (mixed === length) return [];
  }
  const patches: { from: number; to: number; value: number }[] = [];
  for (let from = 0; from < length; ) {
    const isFixed = (at: number): boolean => (values[at] ?? MIXED) >= 0;
    let to = from + 1;
    while (isFixed(from) && to < length && isFixed(to)) to++;
    if (isFixed(from)) for (const value of frequent(values.subarray(from, to))) patches.push({ from, to, value });
    from = to;
  }
  return patches.length <= MOST_GUESSES ? patches : [];
}

/** The most frequent values: another deviation may change some of those that were one. */
function frequent(values: Int16Array): number[] {
  const votes = new Map<number, number>();
  for (const value of values) votes.set(value, (votes.get(value) ?? 0) + 1);
  return [...votes]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 2)
    .map(([value]) => value);
}

const NEVER_SEEN = -1;
const MIXED = -2;

const PERIODS = [
  ...new Set([
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    12,
    16,
    24,
    ...[32, 64].flatMap((unit) => [1, 2, 3, 4, 5, 6, 7, 8, 12, 16].map((n) => n * unit)),
  ]),
].sort((a, b) => a - b);
/** More would be chance. */
const MOST_STRIPES = 5;

function stripesOf(wrong: readonly SeenBlock[]): PartGuesses['stripes'] {
  const stripes: { period: number; from: number; to: number }[] = [];
  const indices = wrongIndices(wrong.slice(0, 24));
  for (const period of PERIODS) {
    const residues = new Uint8Array(period);
    for (const i of indices) {
      residues[i % period] = 1;
      if (residues[0] === 1 && residues[period - 1] === 1) break;
    }
    const from = residues.indexOf(1);
    const to = residues.lastIndexOf(1) + 1;
    if (from < 0 || to - from === period) continue;
    if (stripes.length >= MOST_STRIPES) break;
    stripes.push({ period, from, to });
    const low = Math.floor(from / 4) * 4;
    const high = Math.ceil(to / 4) * 4;
    if (low !== from || high !== to) stripes.push({ period, from: low, to: Math.min(period, high) });
  }
  return stripes;
}

/** Those at which any of the blocks is wrong. */
function wrongIndices(blocks: readonly SeenBlock[]): number[] {
  const marks = new Uint8Array(blocks.reduce((most, { step }) => Math.max(most, step.length), 0));
  for (const { step, found } of blocks)
    for (let i = 0; i < step.length; i++) if ((found[i] ?? -1) >= 0 && found[i] !== step.bytes[i]) marks[i] = 1;
  return [...marks.keys()].filter((i) => marks[i] === 1);
}

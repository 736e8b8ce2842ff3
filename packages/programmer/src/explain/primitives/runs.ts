/** Arithmetic on runs: pieces of a block and where they go. It knows no deviation. */
import type { Runs } from '../grammar/primitive.ts';

/** `grain`: a map of offsets is linear between its multiples. */
export interface ByteMap {
  readonly to: (address: number) => number;
  readonly grain: number;
}

const EVERYWHERE = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

const remainder = (a: number, n: number): number => ((a % n) + n) % n;

/** Bytes from `address` to the next multiple of `grain`. */
export const lengthToEdge = (address: number, grain: number): number => grain - remainder(address, grain);

/** Index in a block at `address` at which the piece between two multiples of `grain` begins that holds index `i`. */
export function startOfPiece(address: number, i: number, grain: number): number {
  const first = lengthToEdge(address, grain);
  return i < first ? 0 : first + Math.floor((i - first) / grain) * grain;
}

/** Adds a piece; one that goes on where the last ended becomes part of it. */
function append(runs: number[], from: number, to: number, length: number): void {
  const n = runs.length;
  const last = runs[n - 1] ?? 0;
  if (n > 0 && (runs[n - 3] ?? 0) + last === from && (runs[n - 2] ?? 0) + last === to) runs[n - 1] = last + length;
  else runs.push(from, to, length);
}

/** Every byte goes where `map` says; what goes nowhere in `within` may be left out. */
export function mapRuns(
  runs: Runs,
  { to: map, grain }: ByteMap,
  within: readonly [low: number, high: number] = EVERYWHERE,
): Runs {
  const [low, high] = within;
  const mapped: number[] = [];
  for (let r = 0; r < runs.length; r += 3) {
    let from = runs[r] ?? 0;
    let at = runs[r + 1] ?? 0;
    let left = runs[r + 2] ?? 0;
    while (left > 0) {
      const n = Math.min(left, lengthToEdge(at, grain));
      const to = map(at);
      if (to < high && to + n > low) append(mapped, from, to, n);
      from += n;
      at += n;
      left -= n;
    }
  }
  return mapped;
}

/** The parts whose index in the block lies in [low, high). */
export function cutRuns(runs: Runs, low: number, high: number): Runs {
  const cut: number[] = [];
  for (let r = 0; r < runs.length; r += 3) {
    const from = runs[r] ?? 0;
    const start = Math.max(from, low);
    const end = Math.min(from + (runs[r + 2] ?? 0), high);
    if (start < end) cut.push(start, (runs[r + 1] ?? 0) + start - from, end - start);
  }
  return cut;
}

/** Whether a block of `length` bytes stays in one piece. */
export const isOneRun = (runs: Runs, length: number): boolean =>
  runs.length === 3 && runs[0] === 0 && runs[2] === length;

/** Where byte 0 of the block goes, or would. */
export const startOfRuns = (runs: Runs): number => (runs[1] ?? 0) - (runs[0] ?? 0);

/** Where byte `i` of the block goes, or comes from; `undefined` for nowhere. */
export function placeInRuns(runs: Runs, i: number): number | undefined {
  for (let r = 0; r < runs.length; r += 3) {
    const by = i - (runs[r] ?? 0);
    if (by >= 0 && by < (runs[r + 2] ?? 0)) return (runs[r + 1] ?? 0) + by;
  }
  return undefined;
}

/** Where they go, as [start, end) pairs. */
export function runRanges(runs: Runs): [number, number][] {
  const ranges: [number, number][] = [];
  for (let r = 0; r < runs.length; r += 3) {
    const to = runs[r + 1] ?? 0;
    ranges.push([to, to + (runs[r + 2] ?? 0)]);
  }
  return ranges;
}

export function shiftRuns(runs: Runs, by: number): Runs {
  if (by === 0) return runs;
  return runs.map((value, i) => (i % 3 === 1 ? value + by : value));
}

/** The parts that lie in [low, high). */
export function clipRuns(runs: Runs, low: number, high: number): Runs {
  const clipped: number[] = [];
  for (let r = 0; r < runs.length; r += 3) {
    const to = runs[r + 1] ?? 0;
    const start = Math.max(to, low);
    const end = Math.min(to + (runs[r + 2] ?? 0), high);
    if (start < end) clipped.push((runs[r] ?? 0) + start - to, start, end - start);
  }
  return clipped;
}

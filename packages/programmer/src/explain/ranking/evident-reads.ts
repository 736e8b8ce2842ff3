/** Deviations of reads that every answer bears the mark of, whatever flash holds: bytes that repeat, or that are always one value. */

import { LEAST_DIFFERENT } from '../estimate/stretches.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { markedValue } from '../grammar/marks.ts';
import { isOfReads, type Primitive } from '../grammar/primitive.ts';
import { table } from '../primitives/data.ts';
import { READS } from '../primitives/place.ts';
import { placeInRuns } from '../primitives/runs.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { wholeOf } from '../simulate/machine.ts';
import { sourceIndices } from '../simulate/transform.ts';

/** Reads that are looked at. */
const MOST_READS = 24;
/** Bytes that must bear the mark. */
const LEAST_MARKED = 64;
const MOST_EVIDENT_READS = 6;

/** Those whose mark more bytes bear come first. */
export function evidentReads({ candidates, steps, ground }: SearchProblem): Primitive[] {
  const reads = tellingReads(steps, ground);
  if (reads.length === 0) return [];
  const marked = candidates.filter(isOfReads).flatMap((primitive) => {
    const bytes = markedBytes(primitive, reads, ground);
    return bytes >= LEAST_MARKED ? [{ primitive, bytes }] : [];
  });
  marked.sort((a, b) => b.bytes - a.bytes || a.primitive.bits - b.primitive.bits);
  // What repeats every 16 bytes repeats every 32 as well.
  const strongest = marked.filter(
    ({ primitive, bytes }) => !marked.some((other) => other.primitive.kind === primitive.kind && other.bytes > bytes),
  );
  return [...stuckBits(reads), ...strongest.map(({ primitive }) => primitive)].slice(0, MOST_EVIDENT_READS);
}

/** Some reads of the flash that give different values, spread over the run. */
function tellingReads(steps: readonly Step[], { size }: Ground): Step[] {
  const all = steps.filter(
    ({ kind, bytes, address }) =>
      kind === 'read' && address >= 0 && address < size && new Set(bytes).size >= LEAST_DIFFERENT,
  );
  const every = Math.max(1, Math.floor(all.length / MOST_READS));
  return all.filter((_, i) => i % every === 0).sort((a, b) => b.length - a.length);
}

/** Bytes that are as no other loader need give them; 0 where any of the reads is not as this one would give it. */
function markedBytes(primitive: Primitive, reads: readonly Step[], ground: Ground): number {
  let marked = 0;
  for (const [n, step] of reads.entries()) {
    const own = markedBytesOf(primitive, step, ground);
    // What bears no mark in one of the longest reads bears none.
    if (own === undefined || (n === 0 && own === 0)) return 0;
    marked += own;
  }
  return marked;
}

function markedBytesOf({ hooks, condition }: Primitive, step: Step, ground: Ground): number | undefined {
  const { bytes, length } = step;
  if (condition || bytes.length < length) return undefined;
  if (hooks.data?.move) {
    const { move } = hooks.data;
    return markedBySources(sourceIndices({ moves: [move] }, length), bytes);
  }
  if (hooks.fill === undefined || !hooks.runs) return undefined;
  const runs = hooks.runs(wholeOf(step), step, ground);
  let marked = 0;
  for (let i = 0; i < length; i++) {
    if (placeInRuns(runs, i) !== undefined) continue;
    if (bytes[i] !== hooks.fill) return undefined;
    marked++;
  }
  return marked;
}

/** Bytes from one source are alike, and those from none are what stands for it. */
function markedBySources(sources: Int32Array, bytes: Uint8Array): number | undefined {
  const first = new Int16Array(sources.reduce((most, source) => Math.max(most, source), 0) + 1).fill(-1);
  let marked = 0;
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i] ?? 0;
    const due = source < 0 ? markedValue(source) : (first[source] ?? -1);
    if (due === undefined || due < 0) {
      if (source >= 0) first[source] = bytes[i] ?? 0;
      continue;
    }
    if (due !== bytes[i]) return undefined;
    marked++;
  }
  return marked;
}

/** Lanes of four bytes that are looked at apart. */
const LANES = 4;
const LANE_PERIODS = [1, 2, 4] as const;

/** Bits that never change in a lane of bytes, while they do elsewhere or others do. */
function stuckBits(reads: readonly Step[]): Primitive[] {
  const ones = new Uint8Array(LANES);
  const zeros = new Uint8Array(LANES);
  for (const { bytes } of reads) {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      ones[i % LANES] = (ones[i % LANES] ?? 0) | byte;
      zeros[i % LANES] = (zeros[i % LANES] ?? 0) | ~byte;
    }
  }
  return [
    ...lanesOf(ones.map((bits) => ~bits)).map(({ mask, lane }) => stuck('and', mask ^ 0xff, lane)),
    ...lanesOf(zeros.map((bits) => ~bits)).map(({ mask, lane }) => stuck('or', mask, lane)),
  ];
}

interface StuckLane {
  readonly mask: number;
  readonly lane: readonly [period: number, remainder: number];
}

/** The fewest lanes that have all bits that are stuck in each. */
function lanesOf(masks: Uint8Array): StuckLane[] {
  const left = Uint8Array.from(masks);
  const lanes: StuckLane[] = [];
  for (const period of LANE_PERIODS) {
    for (let remainder = 0; remainder < period; remainder++) {
      const own = left.filter((_, i) => i % period === remainder);
      const mask = own.reduce((all, bits) => all & bits, 0xff);
      if (mask === 0 || mask === 0xff) continue;
      lanes.push({ mask, lane: [period, remainder] });
      for (let i = remainder; i < LANES; i += period) left[i] = (left[i] ?? 0) & ~mask;
    }
  }
  return lanes;
}

const stuck = (kind: 'and' | 'or', mask: number, lane: StuckLane['lane']): Primitive =>
  lane[0] === 1 ? table(READS, kind, mask) : table(READS, kind, mask, lane);

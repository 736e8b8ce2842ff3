/** Finds where written bytes turn up among those that were read, whatever lies between. It proposes and decides nothing. */
import type { Step } from '../recording/steps.ts';
import {
  asSent,
  changesAt,
  hashAt,
  hitsIn,
  LEAST_CHANGES,
  PIECE_BYTES,
  type SentPiece,
  type Sought,
  scanFor,
  sieved,
  type View,
} from './hits.ts';
import type { Seen } from './seen.ts';

/** How often content of written blocks was found this far from where it should be. */
export interface Landing {
  readonly by: number;
  readonly votes: number;
  /** Some of the blocks that landed so. */
  readonly steps: readonly Step[];
}

interface Votes {
  votes: number;
  readonly steps: Set<Step>;
}

/** How far from their place bytes of blocks turned up, as they were sent or through a view, the most frequent first. */
export function findLandings(sought: Sought, view: View = asSent): readonly Landing[] {
  return findLandingsThrough(sought, [view])[0] ?? [];
}

/** The same for each of some views, in one look at what was read. */
export function findLandingsThrough(sought: Sought, views: readonly View[]): (readonly Landing[])[] {
  const all = views.map(() => new Map<number, Votes>());
  for (const { piece, read, j } of hitsIn(sought, views)) {
    const votes = all[piece.view];
    if (votes) voteFor(votes, read.address + j - piece.step.address - piece.i, piece.step);
  }
  return all.map((votes) =>
    [...votes]
      .map(([by, { votes: n, steps }]) => ({ by, votes: n, steps: [...steps] }))
      .sort((a, b) => b.votes - a.votes),
  );
}

/** Moves go by multiples of it: what is left of a distance is how far bytes slipped within blocks. */
const MOVE_UNIT = 64;
/** Places that must speak for a slip. */
const LEAST_SLIPPED = 12;
const MOST_SLIPS = 2;
const MOST_MOVES = 8;

/** How far bytes slipped where they also lie elsewhere, and in which moves. */
export interface Slip {
  readonly by: number;
  readonly moves: readonly number[];
}

/** The slips for which most places speak. */
export function slipsIn(landings: readonly Landing[]): Slip[] {
  const votes = new Map<number, { votes: number; moves: number[] }>();
  for (const { by, votes: n } of landings) {
    const move = Math.round(by / MOVE_UNIT) * MOVE_UNIT;
    if (by === move || move === 0) continue;
    const known = votes.get(by - move) ?? { votes: 0, moves: [] };
    votes.set(by - move, known);
    known.votes += n;
    known.moves.push(move);
  }
  return [...votes]
    .filter(([, each]) => each.votes >= LEAST_SLIPPED)
    .sort((a, b) => b[1].votes - a[1].votes)
    .slice(0, MOST_SLIPS)
    .map(([by, { moves }]) => ({ by, moves: moves.slice(0, MOST_MOVES) }));
}

/** Bytes from index `i` of a written block on turned up from index `j` of a read on. */
export interface Trace {
  readonly write: Step;
  readonly i: number;
  readonly read: Step;
  readonly j: number;
}

const TRACED_READS = 200;
const MOST_TRACES = 16;

/** Some traces of what was written in reads that came out wrong, spread over them, whatever lies between. */
export function findTraces(seen: Seen, view: View = asSent): Trace[] {
  const { after, firstRead } = seen;
  const wrong = after.filter(({ differing }) => differing > 0);
  const every = Math.max(1, Math.floor(wrong.length / TRACED_READS));
  const reads = wrong.filter((_, i) => i % every === 0).slice(0, TRACED_READS);
  const traced = new Set(reads.map(({ step }) => step));
  const all = new Map<number, Trace[]>();
  for (const { piece, read, j } of hitsIn(view === asSent ? seen : { ...seen, after: reads }, [view])) {
    if (!traced.has(read) || stoodThere(firstRead, read, j)) continue;
    const { step: write, i } = piece;
    const by = read.address + j - write.address - i;
    const known = all.get(by);
    const trace = { write, i, read, j };
    if (known) known.push(trace);
    else all.set(by, [trace]);
  }
  // What turned up at a distance only once is chance, as old content that is like the new is.
  const some = [...all.values()].filter((traces) => traces.length > 1).flat();
  some.sort((a, b) => a.read.at - b.read.at || a.j - b.j);
  const step = Math.max(1, some.length / MOST_TRACES);
  return Array.from({ length: Math.min(some.length, MOST_TRACES) }, (_, n) => some[Math.floor(n * step)]).flatMap(
    (trace) => trace ?? [],
  );
}

/**
 * Those of them whose bytes were sent once, and were read nowhere before anything changed: they came from there. Where they
 * lie as they should, it is known what stood there before: it may have been the same.
 */
export function surelyFrom({ blocks, reads, after, firstRead }: Seen, traces: readonly Trace[]): Trace[] {
  if (traces.length === 0) return [];
  const pieces = new Map(traces.map(({ write, i }) => [hashAt(write.bytes, i), { step: write, i, view: 0 }]));
  const known = sieved(pieces);
  const met = new Map<SentPiece, number>();
  const before = reads.slice(0, reads.length - after.length);
  for (const { step } of [...blocks, ...before])
    scanFor(known, step, (piece) => met.set(piece, (met.get(piece) ?? 0) + 1));
  const once = new Set([...met].filter(([, times]) => times === 1).map(([piece]) => piece));
  return traces.filter(({ write, i, read, j }) => {
    const piece = pieces.get(hashAt(write.bytes, i));
    const place = read.address + j;
    const isInPlace = place === write.address + i;
    return piece !== undefined && once.has(piece) && (!isInPlace || wasRead(firstRead, place));
  });
}

function wasRead(firstRead: Int16Array, place: number): boolean {
  for (let at = place; at < place + PIECE_BYTES; at++) if ((firstRead[at] ?? -1) < 0) return false;
  return true;
}

/** Old content that is like the new shows nothing of where the new went. */
function stoodThere(firstRead: Int16Array, { address, bytes, length }: Step, j: number): boolean {
  for (let k = j; k < Math.min(j + PIECE_BYTES, length); k++) if (firstRead[address + k] !== bytes[k]) return false;
  return true;
}

/** Places in written blocks that are looked for in the first reads; a block has several. */
const MOST_SOURCES = 2500;

/** Offsets at which reads seem to begin, wherever they should: as they are, and less the blocks that were read before. */
export function findSources({ blocks, after, ground }: Seen): { places: number[]; bases: number[] } {
  const pieces = new Map<number, SentPiece | undefined>();
  const total = blocks.reduce((sum, { step }) => sum + step.length, 0);
  const every = Math.max(16, Math.floor(total / MOST_SOURCES));
  for (const { step } of blocks) {
    for (let i = 0; i + PIECE_BYTES <= step.length; i += every)
      if (changesAt(step.bytes, i) >= LEAST_CHANGES) pieces.set(hashAt(step.bytes, i), { step, i, view: 0 });
  }
  const places = new Map<number, Votes>();
  const bases = new Map<number, Votes>();
  const known = sieved(pieces);
  for (const { step } of after.slice(0, 32))
    scanFor(known, step, (piece, i) => {
      const place = piece.step.address + piece.i - i;
      voteFor(places, place, step);
      voteFor(bases, place - step.number * ground.blockSize, step);
    });
  const best = (votes: typeof places): number[] =>
    [...votes]
      .filter(([, { steps }]) => steps.size > 1)
      .sort((a, b) => b[1].steps.size - a[1].steps.size)
      .slice(0, 3)
      .map(([at]) => at);
  return { places: best(places), bases: best(bases) };
}

function voteFor(votes: Map<number, Votes>, by: number, step: Step): void {
  const vote = votes.get(by) ?? { votes: 0, steps: new Set<Step>() };
  vote.votes++;
  if (vote.steps.size < 32) vote.steps.add(step);
  votes.set(by, vote);
}

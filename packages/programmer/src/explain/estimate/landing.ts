/** Finds where written bytes turn up among those that were read, whatever lies between. It proposes and decides nothing. */
import type { Step } from '../steps.ts';
import type { Seen } from './seen.ts';

/** How often content of written blocks was found this far from where it should be. */
export interface Landing {
  readonly by: number;
  readonly votes: number;
  /** Some of the blocks that landed so. */
  readonly steps: readonly Step[];
}

const WINDOW = 12;
const MOST_SAMPLES = 3000;
const FACTOR = 0x01000193;
/** FACTOR to the power of WINDOW - 1, in 32 bits: what the leaving byte counts for. */
const LEAVING = Array.from({ length: WINDOW - 1 }).reduce<number>((product) => Math.imul(product, FACTOR), 1);

/** Of many views each has at least a third of what one has. */
const FEWEST_SHARE = 3;

interface LandingSample {
  readonly step: Step;
  readonly i: number;
  /** Which of the views it was seen through. */
  readonly view: number;
}

interface Votes {
  votes: number;
  readonly steps: Set<Step>;
}

/** What may have become of a block on its way. */
export type View = (bytes: Uint8Array) => Uint8Array;

export const asSent: View = (bytes) => bytes;

/** How far from their place bytes of blocks turned up, as they were sent or through a view, the most frequent first. */
export function findLandings(
  { blocks, after }: Pick<Seen, 'blocks'> & { readonly after: readonly { readonly step: Step }[] },
  view: View = asSent,
): readonly Landing[] {
  return findLandingsThrough({ blocks, after }, [view])[0] ?? [];
}

/** The same for each of some views, in one look at what was read. */
export function findLandingsThrough(
  { blocks, after }: Pick<Seen, 'blocks'> & { readonly after: readonly { readonly step: Step }[] },
  views: readonly View[],
): (readonly Landing[])[] {
  const samples = samplesOf(blocks, views);
  const all = views.map(() => new Map<number, Votes>());
  const sieve = sieveOf(samples);
  for (const { step } of after)
    scanLandings(step, { samples, sieve }, (sample, i) => {
      const votes = all[sample.view];
      if (votes) voteFor(votes, step.address + i - sample.step.address - sample.i, sample.step);
    });
  return all.map((votes) =>
    [...votes]
      .map(([by, { votes: n, steps }]) => ({ by, votes: n, steps: [...steps] }))
      .sort((a, b) => b.votes - a.votes),
  );
}

type LandingSampleMap = ReadonlyMap<number, LandingSample | undefined>;

/** Pieces of blocks through each view, fewer of each where there are several. */
function samplesOf(blocks: Seen['blocks'], views: readonly View[]): LandingSampleMap {
  const samples = new Map<number, LandingSample | undefined>();
  const total = blocks.reduce((sum, { step }) => sum + step.length, 0);
  const most = Math.ceil(MOST_SAMPLES / Math.min(views.length, FEWEST_SHARE));
  const every = Math.max(37, Math.floor(total / most));
  for (const { step } of blocks) {
    for (const [n, view] of views.entries()) {
      const bytes = view(step.bytes);
      for (let i = step.index % 7; i + WINDOW <= bytes.length; i += every) {
        if (changes(bytes, i) < 6) continue;
        const hash = hashAt(bytes, i);
        samples.set(hash, samples.has(hash) ? undefined : { step, i, view: n });
      }
    }
  }
  return samples;
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
export function findTraces({ blocks, after, firstRead }: Seen, view: View = asSent): Trace[] {
  const wrong = after.filter(({ differing }) => differing > 0);
  const every = Math.max(1, Math.floor(wrong.length / TRACED_READS));
  const reads = wrong.filter((_, i) => i % every === 0).slice(0, TRACED_READS);
  const samples = samplesOf(blocks, [view]);
  const sieve = sieveOf(samples);
  const all = new Map<number, Trace[]>();
  for (const { step: read } of reads) {
    scanLandings(read, { samples, sieve }, ({ step: write, i }, j) => {
      if (stoodThere(firstRead, read, j)) return;
      const by = read.address + j - write.address - i;
      const known = all.get(by);
      const trace = { write, i, read, j };
      if (known) known.push(trace);
      else all.set(by, [trace]);
    });
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
  const samples = new Map(traces.map(({ write, i }) => [hashAt(write.bytes, i), { step: write, i, view: 0 }]));
  const known = { samples, sieve: sieveOf(samples) };
  const met = new Map<LandingSample, number>();
  const before = reads.slice(0, reads.length - after.length);
  for (const { step } of [...blocks, ...before])
    scanLandings(step, known, (sample) => met.set(sample, (met.get(sample) ?? 0) + 1));
  const once = new Set([...met].filter(([, times]) => times === 1).map(([sample]) => sample));
  return traces.filter(({ write, i, read, j }) => {
    const sample = samples.get(hashAt(write.bytes, i));
    const place = read.address + j;
    const isInPlace = place === write.address + i;
    return sample !== undefined && once.has(sample) && (!isInPlace || wasRead(firstRead, place));
  });
}

function wasRead(firstRead: Int16Array, place: number): boolean {
  for (let at = place; at < place + WINDOW; at++) if ((firstRead[at] ?? -1) < 0) return false;
  return true;
}

/** Old content that is like the new shows nothing of where the new went. */
function stoodThere(firstRead: Int16Array, { address, bytes, length }: Step, j: number): boolean {
  for (let k = j; k < Math.min(j + WINDOW, length); k++) if (firstRead[address + k] !== bytes[k]) return false;
  return true;
}

/** Places in written blocks that are looked for in the first reads; a block has several. */
const MOST_SOURCES = 8000;

/** Offsets at which reads seem to begin, wherever they should: as they are, and less the blocks that were read before. */
export function findSources({ blocks, after, ground }: Seen): { places: number[]; bases: number[] } {
  const samples = new Map<number, LandingSample | undefined>();
  const total = blocks.reduce((sum, { step }) => sum + step.length, 0);
  const every = Math.max(16, Math.floor(total / MOST_SOURCES));
  for (const { step } of blocks) {
    for (let i = 0; i + WINDOW <= step.length; i += every)
      if (changes(step.bytes, i) >= 6) samples.set(hashAt(step.bytes, i), { step, i, view: 0 });
  }
  const places = new Map<number, Votes>();
  const bases = new Map<number, Votes>();
  const sieve = sieveOf(samples);
  for (const { step } of after.slice(0, 32))
    scanLandings(step, { samples, sieve }, (sample, i) => {
      const place = sample.step.address + sample.i - i;
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

const LEAST_SIEVE = 1 << 16;
/** Of a sieve, what is open at most. */
const SIEVE_FACTOR = 16;

/** 1 for what the hash of a sample may end in: most places are passed over without a look into the map. */
function sieveOf(samples: LandingSampleMap): Uint8Array {
  const size = Math.max(LEAST_SIEVE, 2 ** Math.ceil(Math.log2(samples.size * SIEVE_FACTOR + 1)));
  const sieve = new Uint8Array(size);
  for (const [hash, sample] of samples) if (sample) sieve[hash & (size - 1)] = 1;
  return sieve;
}

interface LandingSamples {
  readonly samples: LandingSampleMap;
  readonly sieve: Uint8Array;
}

function scanLandings(
  read: Step,
  { samples, sieve }: LandingSamples,
  hit: (sample: LandingSample, i: number) => void,
): void {
  const { bytes } = read;
  if (bytes.length < WINDOW) return;
  const mask = sieve.length - 1;
  let hash = hashAt(bytes, 0);
  for (let i = 0; ; i++) {
    const sample = sieve[hash & mask] === 1 ? samples.get(hash) : undefined;
    if (sample) hit(sample, i);
    if (i + WINDOW >= bytes.length) return;
    hash = (Math.imul(hash - Math.imul(bytes[i] ?? 0, LEAVING), FACTOR) + (bytes[i + WINDOW] ?? 0)) | 0;
  }
}

function hashAt(bytes: Uint8Array, from: number): number {
  let hash = 0;
  for (let i = from; i < from + WINDOW; i++) hash = (Math.imul(hash, FACTOR) + (bytes[i] ?? 0)) | 0;
  return hash;
}

function changes(bytes: Uint8Array, from: number): number {
  let n = 0;
  for (let i = from + 1; i < from + WINDOW; i++) if (bytes[i] !== bytes[i - 1]) n++;
  return n;
}

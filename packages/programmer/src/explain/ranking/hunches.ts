/** Which deviations are worth a trial as one of two, by what reads tell without a simulation. */

import type { Trace } from '../estimate/landing.ts';
import { placePairs } from '../estimate/place-pairs.ts';
import type { SeenBlock } from '../estimate/seen.ts';
import { isOfPlaces, tracesFit } from '../estimate/traces.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { isOfReads, keyOf, type Model, type Primitive } from '../grammar/primitive.ts';
import { TABLE_KINDS } from '../primitives/data.ts';
import type { Ground } from '../recording/steps.ts';
import type { Evident } from './evident.ts';
import { dataFit, type Echo, echoFit, findEchoes, partFit, telltaleBlocks } from './fits.ts';
import type { Told } from './rank.ts';

export const MOST_PLACES = 8;
const MOST_OF_KIND = 3;
export const MOST_DATA = 6;
const MOST_OTHERS = 8;
/** A deviation that is not nearer than this to what was read explains nothing. */
const LEAST_GAIN = 0.02;

export interface Hunches {
  /** One of two, the most promising first. */
  readonly beam: readonly Primitive[];
  /** Those that can be seen whatever else deviates; of them, those that all reads bear the mark of. */
  readonly evident: readonly Primitive[];
  readonly marks: readonly Primitive[];
  /** Both at once. */
  readonly placed: readonly Model[];
  readonly traces: readonly Trace[];
  readonly echoes: readonly Echo[];
  readonly places: readonly Primitive[];
  readonly data: readonly Primitive[];
  readonly parts: readonly Primitive[];
  readonly erases: readonly Primitive[];
  /** Few, of which nothing tells but a trial: what comes late, from elsewhere, or meets what stands there in another way. */
  readonly odd: readonly Primitive[];
  /** Keys of all candidates. */
  readonly known: ReadonlySet<string>;
}

export interface Rated {
  readonly primitive: Primitive;
  readonly worth: number;
}

export const mostPromising = (rated: readonly Rated[], above: number, most: number): Rated[] =>
  rated
    .filter(({ worth }) => worth > above)
    .sort((a, b) => b.worth - a.worth || a.primitive.bits - b.primitive.bits)
    .slice(0, most);

/** The first of each kind. */
function ofFewKinds(rated: readonly Rated[], most: number): Rated[] {
  const counts = new Map<string, number>();
  const some = rated.filter(({ primitive: { kind } }) => {
    const n = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, n);
    return n <= MOST_OF_KIND;
  });
  return some.slice(0, most);
}

/** What was found out before about a problem. */
export interface Clues {
  readonly told: readonly Told[];
  readonly traces: readonly Trace[];
  readonly evident: Evident;
}

export function hunchesOf(problem: SearchProblem, { told, traces, evident: { alone, marks } }: Clues): Hunches {
  const { candidates, seen, ground } = problem;
  const places = candidates.filter(isOfPlaces);
  const data = candidates.filter(isOfData);
  const echoes = findEchoes(seen);
  const evident = [...new Set([...marks, ...alone])];
  const groups = [
    evident.map((primitive) => ({ primitive, worth: 1 })),
    ...bestPlaces(places, told, { traces, echoes, ground }),
    bestOthers(told),
    fittingData(data, problem, telltaleBlocks(seen), MOST_DATA),
  ];
  // Where reads were wrong before anything changed, one of the two is theirs.
  const isOpen = ({ on }: Primitive): boolean => problem.head !== undefined || on.includes('read');
  return {
    beam: inTurn(groups).filter(isOpen),
    evident,
    marks,
    placed: placePairs(places, traces, ground),
    traces,
    echoes,
    places,
    data,
    parts: candidates.filter(isOfParts),
    erases: candidates.filter(({ on, stage }) => on.length === 1 && on[0] === 'erase' && stage !== 'gate'),
    odd: candidates.filter(isOdd),
    known: new Set(candidates.map(keyOf)),
  };
}

/** The first of each group, then the second of each; each once. */
function inTurn(groups: readonly (readonly Rated[])[]): Primitive[] {
  const all = groups.flatMap((rated, i) =>
    rated.map(({ primitive }, n) => ({ primitive, turn: n * groups.length + i })),
  );
  all.sort((a, b) => a.turn - b.turn);
  return [...new Set(all.map(({ primitive }) => primitive))];
}

interface Tracks {
  readonly traces: readonly Trace[];
  readonly echoes: readonly Echo[];
  readonly ground: Ground;
}

/** Places of writes, and of reads, by how much of what turned up elsewhere they explain. */
function bestPlaces(places: readonly Primitive[], told: readonly Told[], tracks: Tracks): Rated[][] {
  const { traces, echoes, ground } = tracks;
  const tells = new Map(told.map((each) => [each.primitive, each.tells / each.of]));
  const nothing = tracesFit(traces, [], ground);
  const crossed = crossedTraces(traces);
  const rated = places.map((primitive) => {
    const isOfBoth = primitive.on.includes('write') && primitive.on.includes('read');
    const byChance = isOfBoth ? tracesFit(crossed, [primitive], ground) : nothing;
    const share = (tracesFit(traces, [primitive], ground) - byChance) / Math.max(1, traces.length);
    const worth = Math.max(0, share) + (tells.get(primitive) ?? 0) + echoGain(echoes, [], primitive, ground);
    return { primitive, worth };
  });
  return [false, true].map((isOfRead) =>
    ofFewKinds(
      mostPromising(
        rated.filter(({ primitive }) => isOfReads(primitive) === isOfRead),
        0,
        places.length,
      ),
      MOST_PLACES,
    ),
  );
}

/** Writes with the reads of others: a place that explains them as well explains anything. */
const crossedTraces = (traces: readonly Trace[]): Trace[] =>
  traces.map((trace, n) => {
    const { read, j } = traces[(n + (traces.length >> 1)) % traces.length] ?? trace;
    return { ...trace, read, j };
  });

/** Those that come nearest to what was read, of any kind. */
const bestOthers = (told: readonly Told[]): Rated[] =>
  ofFewKinds(
    mostPromising(
      told.map(({ primitive, gain }) => ({ primitive, worth: gain })),
      LEAST_GAIN,
      told.length,
    ),
    MOST_OTHERS,
  );

const isOdd = ({ kind, hooks: { schedule, source, combine, erasesFirst } }: Primitive): boolean =>
  kind !== 'copied' && Boolean(schedule ?? source ?? combine ?? erasesFirst);

/** Some of the block, or all, becomes something else of its own. */
const isOfData = ({ hooks, parameters, kind }: Primitive): boolean =>
  hooks.data !== undefined &&
  kind !== 'hole' &&
  kind !== 'patched' &&
  !(kind === 'table' && parameters['table'] === FILL);
const FILL = TABLE_KINDS.indexOf('fill');

const isOfParts = ({ stage, on, hooks }: Primitive): boolean =>
  stage === 'part' && hooks.runs !== undefined && on.length === 1 && on[0] !== 'erase';

/** Parts of blocks that are wrong just where they do not arrive. */
export function fittingParts(
  { ground }: SearchProblem,
  parts: readonly Primitive[],
  blocks: readonly SeenBlock[],
): Rated[] {
  const nothing = partFit(blocks, undefined, ground);
  const rated = parts.map((primitive) => ({ primitive, worth: partFit(blocks, primitive, ground) }));
  return mostPromising(rated, nothing + LEAST_BETTER, MOST_PARTS);
}

const MOST_PARTS = 16;

/** Changes of data that make more bits right than there are. */
export function fittingData(
  data: readonly Primitive[],
  { ground }: SearchProblem,
  blocks: readonly SeenBlock[],
  most: number,
): Rated[] {
  const fitIn = (some: readonly SeenBlock[], primitive?: Primitive): number =>
    dataFit(some, primitive, ground.erasedValue);
  const first = blocks.slice(0, FIRST_FITTED);
  const atFirst = fitIn(first);
  const rated = data
    .filter((primitive) => fitIn(first, primitive) > atFirst)
    .map((primitive) => ({ primitive, worth: fitIn(blocks, primitive) }));
  return mostPromising(rated, fitIn(blocks) + LEAST_BETTER, most);
}

/** Blocks in which a change of data must be better than none before it is held against more of them. */
const FIRST_FITTED = 2;
const LEAST_BETTER = 0.01;

/** How many more of the echoes another deviation explains beside these, of all. */
export function echoGain(echoes: readonly Echo[], base: Model, other: Primitive, ground: Ground): number {
  if (!other.on.includes('read')) return 0;
  return Math.max(0, echoFit(echoes, [...base, other], ground) - echoFit(echoes, base, ground));
}

/** Which deviations are worth a trial as one of two, and which beside another, by what reads tell without a simulation. */
import { candidatesAgain } from './candidates.ts';
import { findTraces, type Trace } from './estimate/landing.ts';
import type { Seen, SeenBlock } from './estimate/seen.ts';
import { evidentLosses } from './evident.ts';
import { dataFit, type Echo, echoFit, findEchoes, isOfPlaces, partFit, telltaleBlocks, tracesFit } from './fits.ts';
import { keyOf, type Model, type Primitive } from './primitive.ts';
import { TABLE_KINDS } from './primitives/data.ts';
import type { SearchProblem } from './problem.ts';
import type { Told } from './rank.ts';
import type { Rest } from './rest.ts';
import type { Ground } from './steps.ts';
import { seeThrough } from './through.ts';
import { viewed } from './views.ts';

const MOST_PLACES = 10;
const MOST_DATA = 6;
const MOST_OTHERS = 6;

export interface Hunches {
  /** One of two, the most promising first. */
  readonly beam: readonly Primitive[];
  readonly traces: readonly Trace[];
  readonly echoes: readonly Echo[];
  readonly places: readonly Primitive[];
  readonly data: readonly Primitive[];
  readonly parts: readonly Primitive[];
  readonly erases: readonly Primitive[];
  /** Keys of all candidates. */
  readonly known: ReadonlySet<string>;
}

interface Rated {
  readonly primitive: Primitive;
  readonly worth: number;
}

const mostPromising = (rated: readonly Rated[], above: number, most: number): Rated[] =>
  rated
    .filter(({ worth }) => worth > above)
    .sort((a, b) => b.worth - a.worth || a.primitive.bits - b.primitive.bits)
    .slice(0, most);

export function hunchesOf(problem: SearchProblem, told: readonly Told[], traces: readonly Trace[]): Hunches {
  const { candidates, seen, ground } = problem;
  const places = candidates.filter(isOfPlaces);
  const data = candidates.filter(isOfData);
  const tells = new Map(told.map((each) => [each.primitive, each.tells / each.of]));
  const nothing = tracesFit(traces, [], ground);
  const echoes = findEchoes(seen);
  const bestPlaces = mostPromising(
    places.map((primitive) => {
      const share = (tracesFit(traces, [primitive], ground) - nothing) / Math.max(1, traces.length);
      const echo = echoGain(echoes, [], primitive, ground);
      return { primitive, worth: Math.max(0, share) + (tells.get(primitive) ?? 0) + echo };
    }),
    0,
    MOST_PLACES,
  );
  const bestData = fittingData(data, problem, telltaleBlocks(seen), MOST_DATA);
  const others = mostPromising(
    told
      .filter(({ primitive }) => !isOfPlaces(primitive))
      .map((each) => ({ primitive: each.primitive, worth: each.tells / each.of })),
    0,
    MOST_OTHERS,
  );
  const evident = evidentLosses(problem).map((primitive) => ({ primitive, worth: 1 }));
  const beam = [evident, bestPlaces, bestData, others].flatMap((rated, i) =>
    rated.map((each, n) => ({ ...each, turn: n * 4 + i })),
  );
  beam.sort((a, b) => a.turn - b.turn);
  return {
    beam: [...new Set(beam.map(({ primitive }) => primitive))],
    traces,
    echoes,
    places,
    data,
    parts: candidates.filter(isOfParts),
    erases: candidates.filter(({ on, stage }) => on.length === 1 && on[0] === 'erase' && stage !== 'gate'),
    known: new Set(candidates.map(keyOf)),
  };
}

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
function fittingParts({ ground }: SearchProblem, parts: readonly Primitive[], blocks: readonly SeenBlock[]): Rated[] {
  const nothing = partFit(blocks, undefined, ground);
  const rated = parts.map((primitive) => ({ primitive, worth: partFit(blocks, primitive, ground) }));
  return mostPromising(rated, nothing + LEAST_BETTER, MOST_PARTS);
}

const MOST_PARTS = 16;

/** Changes of data that make more bits right than there are. */
function fittingData(
  data: readonly Primitive[],
  { ground }: SearchProblem,
  blocks: readonly SeenBlock[],
  most: number,
): Rated[] {
  const nothing = dataFit(blocks, undefined, ground.erasedValue);
  return mostPromising(
    data.map((primitive) => ({ primitive, worth: dataFit(blocks, primitive, ground.erasedValue) })),
    nothing + LEAST_BETTER,
    most,
  );
}

const LEAST_BETTER = 0.01;
/** What estimators propose beside one deviation. */
const MOST_AGAIN = 120;

/** What may be the second deviation beside the base of a rest, in groups: what is found quickly comes first. */
export function* secondsFor(problem: SearchProblem, rest: Rest, hunches: Hunches): Iterable<readonly Primitive[]> {
  const through = seeThrough(problem.seen, rest);
  const blocks = telltaleBlocks(through);
  const data = fittingData(hunches.data, problem, blocks, 2 * MOST_DATA);
  const parts = fittingParts(problem, hunches.parts, blocks);
  yield [...data, ...parts].map(({ primitive }) => primitive);
  if (looksUnerased(through)) yield hunches.erases;
  yield placesBeside(problem, rest.base, hunches);
  yield candidatesAgain(through, hunches.known).slice(0, MOST_AGAIN);
}

/** How many more of the echoes another deviation explains beside these, of all. */
function echoGain(echoes: readonly Echo[], base: Model, other: Primitive, ground: Ground): number {
  if (!other.on.includes('read')) return 0;
  return Math.max(0, echoFit(echoes, [...base, other], ground) - echoFit(echoes, base, ground));
}

/** Of the bytes that are left, the share that speaks of erasing too little or too much. */
const LEAST_UNERASED = 0.5;

/** Whether bytes that are wrong have no bit set that was clear before, or are erased where they should not be. */
function looksUnerased({ after, firstRead, ground }: Seen): boolean {
  let all = 0;
  let kept = 0;
  let erased = 0;
  for (const { step, differs, differing } of after) {
    if (differing === 0) continue;
    for (let i = differs.indexOf(1); i >= 0; i = differs.indexOf(1, i + 1)) {
      const old = firstRead[step.address + i] ?? -1;
      const is = step.bytes[i] ?? 0;
      all++;
      if (is === ground.erasedValue) erased++;
      else if (old < 0 || (is & ~old) === 0) kept++;
    }
  }
  return all > 0 && Math.max(kept, erased) / all > LEAST_UNERASED;
}

function placesBeside(
  { seen, ground }: SearchProblem,
  base: Primitive,
  { traces, echoes, places }: Hunches,
): Primitive[] {
  const isData = base.hooks.data !== undefined;
  const own = isData ? findTraces(seen, (bytes) => viewed(base, bytes)) : traces;
  const start = isData ? [] : [base];
  const alone = tracesFit(own, start, ground);
  const worthOf = (primitive: Primitive): number =>
    Math.max(0, tracesFit(own, [...start, primitive], ground, alone + 1) - alone) / Math.max(1, own.length) +
    echoGain(echoes, start, primitive, ground);
  const rated = places.map((primitive) => ({ primitive, worth: primitive === base ? 0 : worthOf(primitive) }));
  return mostPromising(rated, 0, MOST_PLACES).map(({ primitive }) => primitive);
}

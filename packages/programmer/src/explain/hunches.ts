/** Which deviations are worth a trial as one of two, and which beside another, by what reads tell without a simulation. */
import { candidatesAgain } from './candidates.ts';
import { findTraces, type Trace } from './estimate/landing.ts';
import type { Seen, SeenBlock } from './estimate/seen.ts';
import { evidentAlone, evidentBeside } from './evident.ts';
import { evidentReads } from './evident-reads.ts';
import { dataFit, type Echo, echoFit, findEchoes, isOfPlaces, needsOfBlocks, partFit, telltaleBlocks, tracesFit } from './fits.ts';
import { placePairs } from './place-pairs.ts';
import { allowed } from './losses.ts';
import { MUST, MUST_NOT } from './needs.ts';
import { isOfReads, keyOf, type Model, type Primitive, when } from './primitive.ts';
import { TABLE_KINDS } from './primitives/data.ts';
import type { SearchProblem } from './problem.ts';
import type { Told } from './rank.ts';
import { type Rest, restOf } from './rest.ts';
import type { Ground } from './steps.ts';
import { seeThrough } from './through.ts';
import { viewed } from './views.ts';

const MOST_PLACES = 8;
const MOST_OF_KIND = 3;
const MOST_DATA = 6;
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

export function hunchesOf(problem: SearchProblem, told: readonly Told[], traces: readonly Trace[]): Hunches {
  const { candidates, seen, ground } = problem;
  const places = candidates.filter(isOfPlaces);
  const data = candidates.filter(isOfData);
  const tells = new Map(told.map((each) => [each.primitive, each.tells / each.of]));
  const nothing = tracesFit(traces, [], ground);
  const echoes = findEchoes(seen);
  const worthOfPlace = (primitive: Primitive): number => {
    const share = (tracesFit(traces, [primitive], ground) - nothing) / Math.max(1, traces.length);
    return Math.max(0, share) + (tells.get(primitive) ?? 0) + echoGain(echoes, [], primitive, ground);
  };
  const [ofReads, ofWrites] = [true, false].map((isRead) =>
    ofFewKinds(
      mostPromising(
        places
          .filter((primitive) => isOfReads(primitive) === isRead)
          .map((primitive) => ({ primitive, worth: worthOfPlace(primitive) })),
        0,
        places.length,
      ),
      MOST_PLACES,
    ),
  );
  const bestData = fittingData(data, problem, telltaleBlocks(seen), MOST_DATA);
  const others = ofFewKinds(
    mostPromising(
      told.map(({ primitive, gain }) => ({ primitive, worth: gain })),
      LEAST_GAIN,
      told.length,
    ),
    MOST_OTHERS,
  );
  const marks = evidentReads(problem);
  const evident = [...marks, ...evidentAlone(problem)].map((primitive) => ({ primitive, worth: 1 }));
  const groups = [evident, ofWrites ?? [], ofReads ?? [], others, bestData];
  const beam = groups.flatMap((rated, i) => rated.map((each, n) => ({ ...each, turn: n * groups.length + i })));
  beam.sort((a, b) => a.turn - b.turn);
  const all = [...new Set(beam.map(({ primitive }) => primitive))];
  // Where reads were wrong before anything changed, one of the two is theirs.
  const isOpen = ({ on }: Primitive): boolean => problem.head !== undefined || on.includes('read');
  return {
    beam: all.filter(isOpen),
    evident: evident.map(({ primitive }) => primitive),
    marks,
    placed: placePairs(places, traces, ground),
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

/** What one of the beam leaves, and what is seen behind it. */
export interface Behind {
  readonly rest: Rest;
  readonly through: Seen;
}

export function lookBehind(problem: SearchProblem, base: Primitive): Behind {
  const rest = restOf(problem, base);
  return { rest, through: seeThrough(problem.seen, rest) };
}

/** What may be the second deviation by what can be seen: few, the likeliest first. */
export function likelySeconds(problem: SearchProblem, { rest, through }: Behind, hunches: Hunches): Primitive[] {
  const { base, machine } = rest;
  const blocks = telltaleBlocks(through);
  const data = fittingData(hunches.data, problem, blocks, 2 * MOST_DATA);
  const parts = fittingParts(problem, hunches.parts, blocks);
  return [
    ...evidentBeside(problem, base, through, machine),
    ...hunches.evident,
    ...placesBeside(problem, base, hunches),
    ...[...data, ...parts].flatMap(({ primitive }) => [primitive, ...conditioned(problem, through, primitive)]),
    ...hunches.beam,
  ];
}

/** Conditions that are taken for each. */
const MOST_CONDITIONS_EACH = 2;

/** A change of blocks under the cheapest conditions that hold for those that it makes right, and for none that are right. */
function conditioned(problem: SearchProblem, { blocks, ground }: Seen, primitive: Primitive): Primitive[] {
  if (primitive.condition || primitive.on.length !== 1 || primitive.on[0] !== 'write') return [];
  const needs = needsOfBlocks(blocks, primitive, ground);
  if (!needs.includes(MUST) || !needs.includes(MUST_NOT)) return [];
  return allowed(problem.classes('write'), needs, true)
    .slice(0, MOST_CONDITIONS_EACH)
    .map((condition) => when(condition, primitive));
}

/** What else may be the second deviation, by the kind of what is left: many. */
export function otherSeconds({ through }: Behind, hunches: Hunches): Primitive[] {
  return [
    ...candidatesAgain(through, hunches.known).slice(0, MOST_AGAIN),
    ...(looksUnerased(through) ? hunches.erases : []),
    ...(looksUnwritten(through) ? hunches.places.filter(({ on }) => on.includes('write')) : []),
  ];
}

/** Of the blocks that are wrong, the share of which nothing arrived. */
const LEAST_UNWRITTEN = 0.3;

function looksUnwritten({ blocks, ground }: Seen): boolean {
  const wrong = blocks.filter((block) => block.wrong > 0);
  const blank = wrong.filter(({ found }) => found.every((byte) => byte < 0 || byte === ground.erasedValue));
  return blank.length > wrong.length * LEAST_UNWRITTEN;
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

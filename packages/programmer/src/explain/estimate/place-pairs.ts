/** Two deviations of places that together send written bytes where they turned up. It simulates nothing and decides nothing. */

import { bitsOfModel, type Model, type Primitive } from '../grammar/primitive.ts';
import { ALL, shift } from '../primitives/place.ts';
import type { Ground } from '../recording/steps.ts';
import { machineOf, modelRunsOf } from '../simulate/machine.ts';
import type { Trace } from './landing.ts';
import { tracesFit } from './traces.ts';

/** Traces that are compared at first: a pair that explains too few of them is given up. */
const FIRST_TRACES = 5;
const LEAST_FIRST = 3;
/** What a pair must explain of all traces. */
const LEAST_PAIR_SHARE = 0.75;
const MOST_PAIRS = 48;
/** With fewer traces, too much fits by chance. */
const LEAST_PAIR_TRACES = 4;

/** For each deviation, where it sends the byte of each trace, or where it takes it from; `undefined` for nowhere. */
interface Sent {
  readonly primitive: Primitive;
  readonly places: readonly (number | undefined)[];
}

/** The cheapest first. None where one deviation alone explains as much. */
export function placePairs(places: readonly Primitive[], traces: readonly Trace[], ground: Ground): Model[] {
  if (traces.length < LEAST_PAIR_TRACES) return [];
  const least = Math.max(LEAST_PAIR_TRACES, Math.ceil(traces.length * LEAST_PAIR_SHARE));
  const ofWrites = places.filter(({ on }) => on.includes('write') && !on.includes('read'));
  const ofReads = places.filter(({ on }) => on.includes('read') && !on.includes('write'));
  // Where all writes and all reads go to a few places, anything turns up anywhere.
  const alone = [...ofWrites, ...ofReads].filter((primitive) => !isByOddBytes(primitive));
  if (alone.some((primitive) => tracesFit(traces, [primitive], ground, least) >= least)) return [];
  const writes = ofWrites.map((primitive) => sentBy(primitive, traces, ground));
  const reads = ofReads.map((primitive) => takenBy(primitive, traces, ground));
  const pairs = [
    ...acrossKinds(writes, reads, least),
    ...ofOneKind(ofWrites, traces, ground, sentBy),
    ...ofOneKind(ofReads, traces, ground, takenBy),
  ];
  const fitting = pairs.filter((pair) => tracesFit(traces, pair, ground, least) >= least);
  return fitting.sort((a, b) => bitsOfModel(a) - bitsOfModel(b)).slice(0, MOST_PAIRS);
}

/** A distance of which two are the likelier parts: some bytes on the way out, and whole pages on the way in. */
const ODD_UNIT = 64;
const isByOddBytes = ({ parameters }: Primitive): boolean =>
  Object.values(parameters).some((n) => Math.abs(n) > ODD_UNIT && n % ODD_UNIT !== 0);

const sentBy = (primitive: Primitive, traces: readonly Trace[], ground: Ground): Sent => {
  const { chains } = machineOf([primitive], ground);
  const places = traces.map(({ write, i }) => modelRunsOf(chains.write, write, ground, { indices: [i, i + 1] })?.[1]);
  return { primitive, places };
};

const takenBy = (primitive: Primitive, traces: readonly Trace[], ground: Ground): Sent => {
  const { chains } = machineOf([primitive], ground);
  const places = traces.map(({ read, j }) => modelRunsOf(chains.read, read, ground, { indices: [j, j + 1] })?.[1]);
  return { primitive, places };
};

/** One of writes and one of reads that meet. */
function* acrossKinds(writes: readonly Sent[], reads: readonly Sent[], least: number): Iterable<Model> {
  for (const write of writes) {
    for (const read of reads) {
      let missed = 0;
      const most = write.places.length - least;
      for (let t = 0; t < write.places.length && missed <= most; t++)
        if (write.places[t] === undefined || write.places[t] !== read.places[t]) missed++;
      if (missed <= most) yield [write.primitive, read.primitive];
    }
  }
}

/** Two of one kind: one makes the address of a block, the other moves what goes there. */
function* ofOneKind(
  places: readonly Primitive[],
  traces: readonly Trace[],
  ground: Ground,
  sent: (primitive: Primitive, traces: readonly Trace[], ground: Ground) => Sent,
): Iterable<Model> {
  const every = Math.max(1, Math.floor(traces.length / FIRST_TRACES));
  const some = traces.filter((_, t) => t % every === 0).slice(0, FIRST_TRACES);
  const enough = Math.min(LEAST_FIRST, some.length);
  const asAsked = sent(NOWHERE_ELSE, some, ground).places;
  const moving = places.filter((primitive) =>
    sent(primitive, some, ground).places.some((place, t) => place !== asAsked[t]),
  );
  for (const one of moving) {
    if (isSecond(one) && one.stage !== 'byte') continue;
    for (const other of moving)
      if (other !== one && isSecond(other) && tracesFit(some, [one, other], ground, enough) >= enough)
        yield [one, other];
  }
}

/** As asked: it moves nothing. */
const NOWHERE_ELSE = shift(ALL, 0);

/** It moves whatever comes, wherever that was sent before. */
const isSecond = ({ stage, kind }: Primitive): boolean => stage !== 'block' || kind === 'shift';

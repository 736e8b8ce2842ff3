/** Changes of data and slips of bytes that show though blocks lie elsewhere: what became of them turns up there. It tries none. */

import { spreadOut } from '../check/windows.ts';
import { asSent } from '../estimate/hits.ts';
import { findLandingsThrough, type Landing, slipsIn } from '../estimate/landing.ts';
import type { Seen } from '../estimate/seen.ts';
import { VIEWS, viewed } from '../estimate/views.ts';
import type { Primitive } from '../grammar/primitive.ts';
import * as data from '../primitives/data.ts';
import { WRITES } from '../primitives/place.ts';
import { slips } from './candidates-data.ts';

/** Blocks that are looked for, and answers in which. */
const MOST_SOUGHT = 48;
const MOST_SEARCHED = 64;
/** Places that must speak for a change, and how many times as many as speak for none. */
const LEAST_VOTES = 12;
const CLEARLY = 3;

/** Slips of each distance that are looked at first. */
const MOST_OF_SLIP = 3;

/** What may have become of each whole block, and can be told from any stretch of it. */
const WHOLE_CHANGES: readonly Primitive[] = [
  ...VIEWS,
  ...(['invert', 'bits-reversed', 'nibbles-swapped'] as const).map((kind) => data.table(WRITES, kind)),
  ...[2, 4].map((unit) => data.widened(WRITES, unit)),
];

export interface EvidentChanges {
  /** Those of the candidates that change bytes so, or let them slip, on the way in or out. */
  readonly changes: readonly Primitive[];
  /** By how far bytes have slipped that are changed so: that shows in no other way. */
  readonly slipped: readonly Primitive[];
}

/** What became of blocks that turned up elsewhere, and by how far they slipped besides. */
export function evidentChanges(
  seen: Pick<Seen, 'blocks' | 'after' | 'ground'>,
  candidates: readonly Primitive[],
): EvidentChanges {
  const blocks = spreadOut(seen.blocks, MOST_SOUGHT);
  const after = spreadOut(
    seen.after.filter(({ differing }) => differing > 0),
    MOST_SEARCHED,
  );
  const views = WHOLE_CHANGES.map((view) => (bytes: Uint8Array) => viewed(view, bytes));
  const [plain = [], ...changed] = findLandingsThrough({ blocks, after }, [asSent, ...views]).map((landings) =>
    landings.filter(({ votes }) => votes >= 2),
  );
  const least = Math.max(LEAST_VOTES, CLEARLY * votesOf(plain));
  const evident = WHOLE_CHANGES.map((view, n) => ({ view, landings: changed[n] ?? [] })).filter(
    ({ landings }) => votesOf(landings) >= least,
  );
  const changes = evident.flatMap(({ view }) =>
    candidates.filter((each) => each.on.length === 1 && isSameChange(each, view)),
  );
  const slippedPlain = slipsIn(plain).flatMap(({ by }) =>
    candidates.filter((each) => slipOf(each) === by && each.on[0] === 'write').slice(0, MOST_OF_SLIP),
  );
  const distances = evident.flatMap(({ view, landings }) => slippedIn(view, landings, seen.ground.blockSize));
  return { changes: [...changes, ...slippedPlain], slipped: [...new Set(distances)].flatMap(slips) };
}

/** Distances that are looked at for each change, those for which most places speak. */
const MOST_DISTANCES = 2;

/** How far changed bytes slipped within their blocks, behind the change or before it. */
function slippedIn(
  { parameters: { unit = 1 }, kind }: Primitive,
  landings: readonly Landing[],
  blockSize: number,
): number[] {
  const spreads = kind === 'widened' ? unit : 1;
  const near = landings.filter(({ by }) => by !== 0 && Math.abs(by) < blockSize).slice(0, MOST_DISTANCES);
  return near.flatMap(({ by }) => (spreads > 1 && by % spreads === 0 ? [by, by / spreads] : [by]));
}

/** What becomes of a group that is cut: it stays, or only those of its bytes do that have no partner. */
const LIKELY_TAILS: readonly (number | undefined)[] = [0, 3];

const isSameChange = ({ kind, parameters: own }: Primitive, { kind: of, parameters }: Primitive): boolean =>
  kind === of &&
  Object.entries(parameters).every(([name, value]) =>
    name === 'tail' ? LIKELY_TAILS.includes(own[name]) : own[name] === value,
  ) &&
  own['period'] === parameters['period'];

const votesOf = (landings: readonly Landing[]): number => landings.reduce((sum, { votes }) => sum + votes, 0);

/** By how much it moves bytes within their block. */
function slipOf({ kind, parameters: { by = 0 } }: Primitive): number | undefined {
  if (kind === 'rotated') return by;
  return kind === 'closed-up' ? -by : undefined;
}

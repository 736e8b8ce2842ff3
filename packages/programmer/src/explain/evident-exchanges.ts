/** Exchanges of bytes that show though blocks lie elsewhere: through them, what was written turns up. It tries none. */
import { findLandings } from './estimate/landing.ts';
import type { Seen } from './estimate/seen.ts';
import { keyOf, type Primitive } from './primitive.ts';
import { VIEWS, viewed } from './views.ts';
import { spreadOut } from './windows.ts';

/** Blocks that are looked for, and answers in which. */
const MOST_SOUGHT = 48;
const MOST_SEARCHED = 64;
/** Places that must speak for an exchange, and how many times as many as speak for none. */
const LEAST_VOTES = 12;
const CLEARLY = 3;

/** Those of `candidates` that exchange bytes so, on the way in or out. */
export function evidentExchanges(seen: Seen, candidates: readonly Primitive[]): Primitive[] {
  const blocks = spreadOut(seen.blocks, MOST_SOUGHT);
  const after = spreadOut(
    seen.after.filter(({ differing }) => differing > 0),
    MOST_SEARCHED,
  );
  const votesFor = (view?: Primitive): number =>
    findLandings({ blocks, after }, view && ((bytes) => viewed(view, bytes)))
      .filter(({ votes }) => votes >= 2)
      .reduce((sum, { votes }) => sum + votes, 0);
  const least = Math.max(LEAST_VOTES, CLEARLY * votesFor());
  return VIEWS.filter((view) => votesFor(view) >= least).flatMap((view) =>
    candidates.filter(({ on, ...own }) => on.length === 1 && keyOf({ ...own, on: view.on }) === keyOf(view)),
  );
}

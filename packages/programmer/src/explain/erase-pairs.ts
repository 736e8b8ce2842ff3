/** Two deviations of erases, by how well they agree with what became of old content. It tries none. */
import { fitOf, type Spots, spotsHit, spotsOf } from './erase-fits.ts';
import { machineOf } from './machine.ts';
import { ordersOf } from './orders.ts';
import { bitsOfModel, type Model, type Primitive, when } from './primitive.ts';
import type { SearchProblem } from './problem.ts';
import type { Step } from './steps.ts';

/** Pairs that are worth a trial. */
const MOST_ERASE_PAIRS = 120;
/** First ones of pairs: so many that erase different spots, and of each so many kinds, which go on differently. */
const MOST_SPOT_PATTERNS = 8;
const KINDS_PER_PATTERN = 4;
const MOST_SECOND = 80;
/** Of the spots that right erases get wrong, the share that one of two must mend alone. */
const LEAST_MENDED = 0.2;

interface Fitting<T> {
  readonly own: T;
  /** Spots of which it is right whether they were erased. */
  readonly fit: number;
}

/** Those that agree with more spots than either does alone, the best first. */
export function twoErases(problem: SearchProblem): Model[] {
  const { seen, ground, steps } = problem;
  const spots = spotsOf(seen, machineOf([], ground));
  const erases = steps.filter(({ kind }) => kind === 'erase');
  const right = fitOf(spots, spotsHit(spots, [], erases, ground));
  if (right === spots.at.length) return [];
  const alike = rated(problem, spots, erases);
  const mended = (alike[0]?.[0]?.fit ?? 0) - right;
  if (mended < (spots.at.length - right) * LEAST_MENDED) return [];
  const firsts = alike.slice(0, MOST_SPOT_PATTERNS).flatMap((some) => some.slice(0, KINDS_PER_PATTERN));
  const seconds = alike.slice(0, MOST_SECOND).flatMap((some) => some.slice(0, 1));
  const pairs = firsts.flatMap((first) =>
    seconds.flatMap((second) =>
      ordersOf(problem, first.own, second.own).flatMap((own): Fitting<Model>[] => {
        const fit = fitOf(spots, spotsHit(spots, own, erases, ground));
        return fit > Math.max(first.fit, second.fit) ? [{ own, fit }] : [];
      }),
    ),
  );
  pairs.sort((a, b) => b.fit - a.fit || bitsOfModel(a.own) - bitsOfModel(b.own));
  return pairs.slice(0, MOST_ERASE_PAIRS).map(({ own }) => own);
}

/** By the spots that they erase, the best first; of each kind the cheapest. */
function rated(
  { candidates, classes, ground }: SearchProblem,
  spots: Spots,
  erases: readonly Step[],
): (readonly Fitting<Primitive>[])[] {
  const isOfErases = ({ on }: Primitive): boolean => on.length === 1 && on[0] === 'erase';
  const loss = candidates.find((each) => each.kind === 'lost' && isOfErases(each));
  const conditions = classes('erase').flatMap(({ members }) => members.slice(0, 1));
  const lost = loss ? conditions.map((each) => when(each, loss)) : [];
  const moved = candidates.filter((each) => isOfErases(each) && each.hooks.runs);
  const byHits = new Map<string, Fitting<Primitive>[]>();
  for (const own of [...moved, ...lost].sort((a, b) => a.bits - b.bits)) {
    const hits = spotsHit(spots, [own], erases, ground);
    const key = String.fromCharCode(...hits);
    const alike = byHits.get(key) ?? [];
    byHits.set(key, alike);
    if (!alike.some((other) => other.own.kind === own.kind)) alike.push({ own, fit: fitOf(spots, hits) });
  }
  return [...byHits.values()].sort((a, b) => (b[0]?.fit ?? 0) - (a[0]?.fit ?? 0));
}

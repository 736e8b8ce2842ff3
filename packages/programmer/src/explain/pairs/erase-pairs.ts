/** Two deviations of erases, by how well they agree with what became of old content, or of writes that erase. It tries none. */
import { guardCandidates } from '../candidates/candidates.ts';
import { MUST, MUST_NOT } from '../exact/needs.ts';
import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { bitsOfModel, type Model, type Primitive, when } from '../grammar/primitive.ts';
import { fitOf, type Spots, spotsHit, spotsOf, spotsOfEach } from '../ranking/erase-fits.ts';
import { allowed } from '../ranking/losses.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { erasesThrough } from '../simulate/erases-through.ts';
import { machineOf } from '../simulate/machine.ts';

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
  const lossy = lossesBehind(problem, spots, erases);
  const alike = rated(problem, spots, erases);
  const mended = (alike[0]?.[0]?.fit ?? 0) - right;
  if (mended < (spots.at.length - right) * LEAST_MENDED) return lossy;
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
  return [...lossy, ...pairs.slice(0, MOST_ERASE_PAIRS).map(({ own }) => own)];
}

/** Writes that erase first, through what deviates in erases: little is left that shows either. */
export function* erasesByWrites({ candidates }: SearchProblem): Iterable<Model> {
  const erases = candidates.filter(isOfErases);
  for (const first of candidates.filter(({ hooks }) => hooks.erasesFirst)) {
    for (const other of erases) {
      const through = erasesThrough(first, other);
      if (through) yield [through, other];
    }
  }
}

/** Erases that go elsewhere and are lost, under a condition or by what flash holds: each says which must be, and which must not. */
function lossesBehind(problem: SearchProblem, spots: Spots, erases: readonly Step[]): Model[] {
  const { candidates, classes, ground } = problem;
  const loss = candidates.find((each) => each.kind === 'lost' && isOfErases(each));
  if (!loss) return [];
  const byCondition: Model[] = [];
  const byFlash: Fitting<Model>[] = [];
  const guards = guardCandidates('erase', ground).map((guard) => ({ guard, like: lossLike(problem, guard, loss) }));
  for (const moved of candidates.filter(isMovedErase)) {
    const needs = lossesAmong(spots, [moved], erases, ground);
    if (!needs?.includes(MUST)) continue;
    const under = allowed(classes('erase'), needs, true)
      .slice(0, MOST_LOSSES)
      .flatMap((condition) => ordersOf(problem, moved, when(condition, loss)));
    byCondition.push(
      ...under.filter((model) => fitOf(spots, spotsHit(spots, model, erases, ground)) === spots.at.length),
    );
    // Some were lost and others not: by what stood there.
    for (const { guard, like } of needs.includes(MUST_NOT) ? guards : []) {
      const fit = fitOf(spots, spotsHit(spots, [like, moved], erases, ground));
      byFlash.push(...ordersOf(problem, moved, guard).map((own) => ({ own, fit })));
    }
  }
  byCondition.sort((a, b) => bitsOfModel(a) - bitsOfModel(b));
  byFlash.sort((a, b) => b.fit - a.fit || bitsOfModel(a.own) - bitsOfModel(b.own));
  return [...byCondition.slice(0, MOST_ERASE_PAIRS), ...byFlash.slice(0, MOST_ERASE_PAIRS).map(({ own }) => own)];
}

/** Erases that are lost where a check would have seen nothing but erased bytes before anything changed. */
function lossLike(
  { seen: { firstRead }, ground }: SearchProblem,
  { hooks: { guard } }: Primitive,
  loss: Primitive,
): Primitive {
  const holds = (step: Step): boolean => {
    const [start, end] = guard?.at(step, ground) ?? [0, 0];
    return firstRead.subarray(Math.max(0, start), Math.max(0, end)).every((byte) => byte === ground.erasedValue);
  };
  return { ...loss, condition: { kind: 'only', values: [], bits: 0, holds } };
}

/** For each of the erases, which go as `model` says, whether it must be lost or must not be; `undefined`: nothing mends it. */
function lossesAmong(spots: Spots, model: Model, erases: readonly Step[], ground: Ground): Uint8Array | undefined {
  const { at, isErased } = spots;
  const needs = new Uint8Array(erases.length);
  const by = new Int32Array(at.length).fill(NO_ERASE);
  for (const [i, own] of spotsOfEach(spots, model, erases, ground).entries()) {
    if (own.some((n) => !isErased[n])) needs[i] = MUST;
    else for (const n of own) by[n] = by[n] === NO_ERASE ? i : SEVERAL_ERASES;
  }
  for (const [n, one] of by.entries()) {
    if (!isErased[n]) continue;
    if (one === NO_ERASE) return undefined;
    if (one !== SEVERAL_ERASES) needs[one] = MUST_NOT;
  }
  return needs;
}

const NO_ERASE = -1;
const SEVERAL_ERASES = -2;
/** Conditions of a loss beside each deviation of erases. */
const MOST_LOSSES = 4;

const isOfErases = ({ on }: Primitive): boolean => on.length === 1 && on[0] === 'erase';
const isMovedErase = (each: Primitive): boolean => isOfErases(each) && each.hooks.runs !== undefined;

/** By the spots that they erase, the best first; of each kind the cheapest. */
function rated(
  { candidates, classes, ground }: SearchProblem,
  spots: Spots,
  erases: readonly Step[],
): (readonly Fitting<Primitive>[])[] {
  const loss = candidates.find((each) => each.kind === 'lost' && isOfErases(each));
  const conditions = classes('erase').flatMap(({ members }) => members.slice(0, 1));
  const lost = loss ? conditions.map((each) => when(each, loss)) : [];
  const moved = candidates.filter(isMovedErase);
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

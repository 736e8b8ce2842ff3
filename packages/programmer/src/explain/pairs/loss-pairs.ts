/** Pairs in which operations are lost: beside another deviation, or for two reasons. */

import { fits, spreadOut } from '../check/windows.ts';
import { type ConditionClass, MOST_PERIOD, roundest } from '../estimate/conditions.ts';
import { MUST, needsBy, type Wrong, wrongBytesOf, wrongInBoth } from '../exact/needs.ts';
import { ordersOf } from '../exact/orders.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { type Search, tryAll } from '../exact/trying.ts';
import { type Condition, condition } from '../grammar/condition.ts';
import { evenly, type Model, type Primitive, when } from '../grammar/primitive.ts';
import { ahead, passedBy } from '../primitives/filter.ts';
import { guardsBy, lossesBy } from '../ranking/losses.ts';
import { needsBeside, type Rest, restOf } from '../ranking/rest.ts';
import type { Step, StepKind } from '../recording/steps.ts';
import { machineOf } from '../simulate/machine.ts';

/** Conditions of one deviation that are tried beside another. */
export const MOST_CONDITIONS_BESIDE = 24;

const lossesIn = ({ candidates }: SearchProblem): Primitive[] => candidates.filter(({ kind }) => kind === 'lost');

/** Windows in which a loss must mend what a base gets wrong before it is looked for where it must strike. */
const MOST_LOOKS_FOR_LOSS = 20;

/** Erases or writes that are lost besides. @returns `false` when the time is up */
export async function tryLosses(search: Search, rest: Rest): Promise<boolean> {
  const { problem, pace } = search;
  if (rest.base.kind === 'lost') return !pace.isUp();
  const looks = spreadOut(problem.chosenWindows, MOST_LOOKS_FOR_LOSS).filter(
    (window) => !fits(rest.machine, window, problem),
  );
  for (const loss of lossesIn(problem)) {
    if (!(await pace.goOn())) return false;
    const machine = machineOf([rest.base, loss], problem.ground);
    if (looks.length > 0 && !looks.some((window) => fits(machine, window, problem))) continue;
    const needs = needsBeside(problem, rest, loss);
    if (!needs.includes(MUST)) continue;
    const some = [
      ...lossesBy(problem, loss, needs).slice(0, MOST_CONDITIONS_BESIDE),
      ...guardsBy(problem, loss, needs),
    ];
    if (
      !(await tryAll(
        search,
        some.flatMap((each) => ordersOf(problem, rest.base, each)),
      ))
    )
      return false;
  }
  return !pace.isUp();
}

/** Losses under any condition: where all blocks go to a few places, nothing tells which of them are lost. */
export function* anyLosses(problem: SearchProblem, base: Primitive): Iterable<Model> {
  if (base.kind === 'lost') return;
  for (const loss of lossesIn(problem)) {
    const [kind] = loss.on;
    if (!kind || loss.on.length > 1) continue;
    for (const { members } of problem.classes(kind).slice(0, MOST_ANY_LOSSES)) {
      const [first] = members;
      if (first) yield* ordersOf(problem, base, when(first, loss));
    }
  }
}

const MOST_ANY_LOSSES = 400;

/** Losses of two kinds of operation, or two conditions for one kind. */
export function* twoLosses(problem: SearchProblem): Iterable<Model> {
  const singles = lossesIn(problem).filter(({ on }) => on.length === 1);
  const nothing = problem.differs;
  for (const loss of singles) yield* lossesOfOne(problem, loss);
  const [first, second] = singles;
  if (!first || !second) return;
  const [ofFirst, ofSecond, ofBoth] = [[first], [second], [first, second]].map((model) => wrongBytesOf(problem, model));
  if (!ofFirst || !ofSecond || !ofBoth) return;
  const firstOnes = lossesUnder(problem, first, [wrongInBoth(nothing, ofSecond), wrongInBoth(ofFirst, ofBoth)]);
  const secondOnes = lossesUnder(problem, second, [wrongInBoth(nothing, ofFirst), wrongInBoth(ofSecond, ofBoth)]);
  for (const one of firstOnes.by) for (const other of secondOnes.by) yield* ordersOf(problem, one, other);
  for (const [lostOnes, other] of [[firstOnes.by, second] as const, [secondOnes.by, first] as const])
    yield* sinceErasesThatPass(lostOnes, other);
  for (const one of firstOnes.by) for (const guard of secondOnes.guards) yield [one, guard];
  for (const guard of firstOnes.guards)
    for (const other of [...secondOnes.by, ...secondOnes.guards]) yield [guard, other];
}

/** Writes that are lost after an erase, where those do not count that were lost themselves. */
function* sinceErasesThatPass(erases: readonly Primitive[], loss: Primitive): Iterable<Model> {
  if (loss.on[0] !== 'write') return;
  for (const each of erases) {
    const front = evenly(ahead(each));
    for (const n of AFTER_ERASE) {
      yield [front, when(condition('after-erase', n), loss)];
      yield [front, when(condition('later-after-erase', n), loss)];
    }
  }
}

/** Under conditions, and by what flash holds. */
interface Losses {
  readonly by: readonly Primitive[];
  readonly guards: readonly Primitive[];
}

function lossesUnder(problem: SearchProblem, loss: Primitive, [wrong, contradicted]: readonly [Wrong, Wrong]): Losses {
  const kind = loss.on[0] ?? 'write';
  const needs = needsBy(kind, machineOf([], problem.ground), problem.steps, { wrong, contradicted });
  return {
    by: lossesBy(problem, loss, needs).slice(0, MOST_CONDITIONS_BESIDE),
    guards: guardsBy(problem, loss, needs),
  };
}

/** Losses of writes that are tried before what counts those that went through. */
const MOST_FILTERS_OF_COUNTS = 60;

/** Two reasons for which operations of one kind are lost: they strike wherever they must, and neither where it must not. */
function* lossesOfOne(problem: SearchProblem, loss: Primitive): Iterable<Model> {
  const kind: StepKind = loss.on[0] ?? 'write';
  const needs = needsBy(kind, machineOf([], problem.ground), problem.steps, {
    wrong: problem.differs,
    contradicted: wrongBytesOf(problem, [loss]),
  });
  const must = [...needs].flatMap((need, i) => (need === MUST ? [i] : []));
  const harmless = needs.map((need) => (need === MUST ? 0 : need));
  const some = problem
    .classes(kind)
    .filter(
      ({ holds }) => harmless.every((need, i) => need === 0 || holds[i] === 0) && must.some((i) => holds[i] === 1),
    );
  for (const [n, one] of some.entries()) {
    const left = must.filter((i) => one.holds[i] === 0);
    if (left.length === 0 || left.length === must.length) continue;
    for (const other of some.slice(n + 1)) {
      const [a] = one.members;
      const [b] = other.members;
      if (a && b && left.every((i) => other.holds[i] === 1)) yield [when(a, loss), when(b, loss)];
    }
  }
  for (const guard of guardsBy(problem, loss, needs)) {
    const beside = needsBeside(problem, restOf(problem, guard), loss);
    for (const each of lossesBy(problem, loss, beside).slice(0, MOST_CONDITIONS_BESIDE))
      yield* ordersOf(problem, guard, each);
  }
  const late = problem.candidates.filter((each) => each.kind === 'late' && each.on.length === 1 && each.on[0] === kind);
  for (const one of some.slice(0, MOST_FILTERS_OF_COUNTS)) {
    if (kind === 'write') yield* countedBehind(problem, loss, one, needs);
    const [filter] = one.members;
    const front = filter && evenly(ahead(when(filter, loss)));
    // What was lost does not push out what waits.
    if (front) for (const each of late) yield [front, each];
  }
}

/** A filter of writes, and losses by the count of those that it let through. */
function* countedBehind(
  { steps }: SearchProblem,
  loss: Primitive,
  { members: [filter], holds }: ConditionClass,
  needs: Uint8Array,
): Iterable<Model> {
  const counted = countedOnes(steps, holds, needs);
  if (!filter || !counted.some(({ need }) => need === MUST)) return;
  const front = evenly(ahead(when(filter, loss)));
  for (const each of [...countsUpTo(counted.length), ...bytesBetween(counted.map(({ step }) => step.done))])
    if (counted.every(({ step, need }) => need === 0 || (need === MUST) === each.holds(step)))
      yield [front, when(each, loss)];
}

/** Writes that a filter lets through, with what a loader counts of them. */
function countedOnes(
  steps: readonly Step[],
  holds: Uint8Array,
  needs: Uint8Array,
): { readonly step: Step; readonly need: number }[] {
  const writes = new Map(steps.filter(({ kind }) => kind === 'write').map(({ at }, i) => [at, i]));
  const { seen } = passedBy(steps, ({ at }) => holds[writes.get(at) ?? -1] === 1, 'write');
  return seen.flatMap((step) => (step.kind === 'write' ? [{ step, need: needs[writes.get(step.at) ?? -1] ?? 0 }] : []));
}

/** Losses from a number of bytes on: the roundest number between any two blocks. */
const bytesBetween = (done: readonly number[]): Condition[] =>
  done.slice(1).map((bytes, i) => condition('from-bytes', roundest(done[i] ?? 0, bytes)));

/** Blocks after an erase that a loader may lose. */
const AFTER_ERASE = [1, 2, 3, 4] as const;

/** When a loader that counts operations may strike, with so many of them. */
function countsUpTo(length: number): Condition[] {
  const periods = Array.from({ length: MOST_PERIOD - 1 }, (_, i) => i + 2);
  const limits = Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);
  return [
    ...limits.flatMap((n) => [condition('from-count', n), condition('up-to-count', n)]),
    ...AFTER_ERASE.flatMap((n) => [condition('after-erase', n), condition('later-after-erase', n)]),
    ...periods.flatMap((n) =>
      Array.from({ length: n }, (_, k) => [condition('every', n, k), condition('all-but-every', n, k)]).flat(),
    ),
  ];
}

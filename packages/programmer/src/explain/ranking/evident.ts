/** Deviations that can be seen whatever else deviates: reads of one value, blocks that did not arrive, sectors that stayed. */

import type { ConditionClass } from '../estimate/conditions.ts';
import type { Seen } from '../estimate/seen.ts';
import { hasMany } from '../estimate/stretches.ts';
import { MUST, MUST_NOT } from '../exact/needs.ts';
import type { SearchProblem } from '../exact/problem.ts';
import type { Condition } from '../grammar/condition.ts';
import { type Model, type Primitive, when } from '../grammar/primitive.ts';
import { lost } from '../primitives/part.ts';
import { ERASES, WRITES } from '../primitives/place.ts';
import { again, cache, constant } from '../primitives/source.ts';
import type { Step } from '../recording/steps.ts';
import { type Machine, machineOf } from '../simulate/machine.ts';
import { marksIn } from './cover.ts';
import { erasesFit, erasesLost, type Spots, spotsOf } from './erase-fits.ts';
import { evidentReads } from './evident-reads.ts';
import { allowed } from './losses.ts';

/** Conditions that are taken for each. */
const MOST_EVIDENT = 2;

/** Erases that go otherwise and agree with more spots than those that go as asked. */
const MOST_ERASES = 6;

/** What can be seen whatever else deviates; `marks`: what all reads bear. */
export interface Evident {
  readonly alone: readonly Primitive[];
  readonly marks: readonly Primitive[];
}

export const evidentIn = (problem: SearchProblem): Evident => ({
  alone: evidentAlone(problem),
  marks: evidentReads(problem),
});

/** What can be seen whatever else deviates, the surest first. */
export function evidentAlone(problem: SearchProblem): Primitive[] {
  return [
    ...[0, 0xff].flatMap((value) => under(problem, constant(value), readsOfOneValue(problem, value))),
    ...[again(0), again(0xff), cache(0), cache(1)].flatMap((each) =>
      under(problem, each, readsFromAnother(problem, each)),
    ),
    ...under(problem, lost(WRITES), writesNotSeen(problem.seen)),
    ...erasesSeen(problem, machineOf([], problem.ground)),
  ];
}

/** As `evidentAlone`, behind a loader that deviates already: `through` is what is seen behind it. */
export function evidentBeside(problem: SearchProblem, base: Primitive, through: Seen, machine: Machine): Primitive[] {
  return [
    ...under(problem, lost(WRITES), writesNotSeen(through)),
    ...(base.on.includes('read') || base.on.includes('erase') ? erasesSeen(problem, machine, base) : []),
  ];
}

/** Where reads go as `machine` says. `base`: erases may deviate as it says already. */
function erasesSeen(problem: SearchProblem, machine: Machine, base?: Primitive): Primitive[] {
  const spots = spotsOf(problem.seen, machine);
  const erases = problem.steps.filter(({ kind }) => kind === 'erase');
  const beside = base?.on.includes('erase') ? [base] : [];
  return [
    ...(beside.length === 0 ? under(problem, lost(ERASES), erasesLost(spots, erases)) : []),
    ...evidentErases(problem, spots, erases, beside),
  ];
}

/** Each under the cheapest conditions that hold just where it can be seen. */
function under(problem: SearchProblem, primitive: Primitive, needs: Uint8Array): Primitive[] {
  if (!needs.includes(MUST)) return [];
  if (!needs.includes(MUST_NOT)) return primitive.kind === 'lost' ? [primitive] : [];
  const [kind = 'write'] = primitive.on;
  const classes = problem.classes(kind);
  const exactly = allowed(classes, needs, true);
  return (exactly.length > 0 ? exactly : mostly(classes, needs))
    .slice(0, MOST_EVIDENT)
    .map((condition) => when(condition, primitive));
}

/** Of the operations at which a deviation seems to strike, the share at which it must: another one may seem to be it. */
const LEAST_STRIKES = 0.6;

/** Conditions that strike nowhere where it cannot be, those first that strike most often where it seems to. */
function mostly(classes: readonly ConditionClass[], needs: Uint8Array): Condition[] {
  const strikesIn = ({ holds }: ConditionClass): number =>
    needs.reduce((sum, need, i) => sum + (need === MUST && holds[i] === 1 ? 1 : 0), 0);
  const all = marksIn(needs.map((need) => Number(need === MUST)));
  return classes
    .filter(({ holds }) => needs.every((need, i) => need !== MUST_NOT || holds[i] !== 1))
    .map((each) => ({ each, strikes: strikesIn(each) }))
    .filter(({ strikes }) => strikes >= all * LEAST_STRIKES)
    .sort((a, b) => b.strikes - a.strikes)
    .flatMap(({ each }) => each.members.slice(0, 1));
}

function evidentErases(
  { candidates, ground }: SearchProblem,
  spots: Spots,
  erases: readonly Step[],
  beside: Model,
): Primitive[] {
  const alone = erasesFit(spots, beside, erases, ground);
  if (alone === spots.at.length) return [];
  const fitWith = (primitive: Primitive): number => {
    const first = erasesFit(spots, [primitive, ...beside], erases, ground);
    return beside.length === 0 ? first : Math.max(first, erasesFit(spots, [...beside, primitive], erases, ground));
  };
  const rated = candidates
    .filter(({ on, hooks }) => on.includes('erase') && hooks.runs)
    .map((primitive) => ({ primitive, fit: fitWith(primitive) }))
    .filter(({ fit }) => fit > alone);
  rated.sort((a, b) => b.fit - a.fit || a.primitive.bits - b.primitive.bits);
  return rated.slice(0, MOST_ERASES).map(({ primitive }) => primitive);
}

const LEAST_EVIDENT_BYTES = 16;

function readsOfOneValue({ seen: { reads } }: SearchProblem, value: number): Uint8Array {
  return Uint8Array.from(reads, ({ step: { bytes }, value: expected, differing }) => {
    if (bytes.length < LEAST_EVIDENT_BYTES) return 0;
    if (!bytes.every((byte) => byte === value)) return MUST_NOT;
    // A place that should hold one value may hold another.
    return differing > 0 && hasMany(expected) ? MUST : 0;
  });
}

/** Of an answer, the share that must be that of another read, and that must not. */
const LEAST_SAME = 0.9;
const MOST_SAME = 0.5;

/** Reads that gave what another had given, where that is not what stands there. */
function readsFromAnother(
  { seen: { reads, firstRead }, steps }: SearchProblem,
  { hooks: { source } }: Primitive,
): Uint8Array {
  return Uint8Array.from(reads, ({ step, differing }) => {
    const at = source?.instead(step, steps);
    const other = at === undefined || at === 'none' ? undefined : steps[at];
    if (!other || other === step || step.bytes.length < LEAST_EVIDENT_BYTES) return 0;
    const offset = source?.offset?.(step, other) ?? 0;
    const length = Math.min(step.bytes.length, other.bytes.length - offset);
    let same = 0;
    for (let i = 0; i < length; i++) if (step.bytes[i] === other.bytes[i + offset]) same++;
    if (same < length * MOST_SAME) return MUST_NOT;
    // What stood there from the start need not come from another read, however alike places are.
    let old = 0;
    for (let i = 0; i < length; i++) if (step.bytes[i] === firstRead[step.address + i]) old++;
    if (old > length * MOST_SAME) return 0;
    return same > length * LEAST_SAME && differing > length / 4 ? MUST : 0;
  });
}

/** Of the bytes of a block that programming would have changed, the share that shows no trace of it in one that is lost, and in one that is not. */
const LEAST_UNTOUCHED = 0.6;
const MOST_UNTOUCHED = 0.02;

/** Programming clears bits: where those are set that a block has clear, nothing of it arrived, whatever stood there. */
function writesNotSeen({ blocks }: Seen): Uint8Array {
  return Uint8Array.from(blocks, ({ step, found }) => {
    let all = 0;
    let untouched = 0;
    for (let i = 0; i < step.length; i++) {
      const is = found[i] ?? -1;
      const clear = ~(step.bytes[i] ?? 0) & 0xff;
      if (is < 0 || clear === 0) continue;
      all++;
      if (is & clear) untouched++;
    }
    if (all < LEAST_EVIDENT_BYTES) return 0;
    if (untouched < all * MOST_UNTOUCHED) return MUST_NOT;
    return untouched > all * LEAST_UNTOUCHED ? MUST : 0;
  });
}

/** Proposes when a deviation may strike, from how many operations there were, how long, and which came out wrong. */
import { type Condition, type ConditionKind, condition, FIRST_BYTES, isSameCondition } from '../grammar/condition.ts';
import type { Step } from '../recording/steps.ts';

/** Conditions that hold for the same operations of a run: only another run tells them apart. */
export interface ConditionClass {
  /** 1 for each step, by its place among those of its kind. */
  readonly holds: Uint8Array;
  /** The cheapest first. */
  readonly members: readonly Condition[];
  /** It turns where right turns into wrong or back, or is one of the usual ones: the others are tried only where they are known to fit. */
  readonly isNear: boolean;
}

export const MOST_PERIOD = 8;
const LONG_PERIODS = [12, 16, 32];
const MOST_PER_ERASE = 12;
const LINES = Array.from({ length: 13 }, (_, i) => i + 8);

/** Conditions on the steps of one kind that hold for some of them. `wrong`: those whose place came out wrong. */
export function conditionClasses(steps: readonly Step[], wrong: ReadonlySet<Step>): ConditionClass[] {
  const classes = new Map<string, { holds: Uint8Array; members: Condition[]; isNear: boolean }>();
  const holds = new Uint8Array(steps.length);
  const add = (each: Condition, isNear: boolean): void => {
    const key = keyOfHeld(each, steps, holds);
    if (key === undefined) return;
    const known = classes.get(key);
    if (!known) classes.set(key, { holds: holds.slice(), members: [each], isNear });
    else if (!known.members.some((other) => isSameCondition(each, other))) known.members.push(each);
  };
  for (const each of proposals(steps, wrong)) add(each, true);
  for (const each of everyLimit(steps)) add(each, false);
  const found = [...classes.values()];
  for (const { members } of found) members.sort((a, b) => a.bits - b.bits);
  return found.sort((a, b) => (a.members[0]?.bits ?? 0) - (b.members[0]?.bits ?? 0));
}

/**
 * Marks the steps for which a condition holds. @returns the same for those that hold for the same steps, sixteen to a
 * character; `undefined` where it holds for all or for none
 */
function keyOfHeld({ holds }: Condition, steps: readonly Step[], marks: Uint8Array): string | undefined {
  let held = 0;
  let i = 0;
  let key = '';
  let bits = 0;
  for (const step of steps) {
    const isHeld = holds(step);
    marks[i] = isHeld ? 1 : 0;
    if (isHeld) {
      held++;
      bits |= 1 << (i & 15);
    }
    if ((++i & 15) === 0) {
      key += String.fromCharCode(bits);
      bits = 0;
    }
  }
  return held === 0 || held === steps.length ? undefined : key + String.fromCharCode(bits);
}

/** Of all classes, the conditions of one kind. */
export const conditionsOfKind = (classes: readonly ConditionClass[], kind: ConditionKind): Condition[] =>
  classes.flatMap(({ members }) => members.filter((each) => each.kind === kind));

function proposals(steps: readonly Step[], wrong: ReadonlySet<Step>): Condition[] {
  const ofBytes = steps[0]?.kind === 'write' ? OF_FIRST_BYTES : [];
  return [...USUAL_CONDITIONS, ...ofBytes, ...byEdges(steps, wrong), ...byLength(steps)];
}

const ALL_PERIODS = [2, 3, 4, 5, 6, 7, MOST_PERIOD, ...LONG_PERIODS];

/** Those that are proposed whatever the steps are. */
const USUAL_CONDITIONS: readonly Condition[] = [
  ...(
    [
      'first',
      'not-first',
      'first-of-run',
      'not-first-of-run',
      'first-run',
      'not-first-run',
      'short',
      'full',
      'after-write',
    ] as const
  ).map((kind) => condition(kind)),
  ...ALL_PERIODS.flatMap((n) =>
    Array.from({ length: n }, (_, k) =>
      (['every', 'all-but-every', 'every-in-run', 'all-but-every-in-run'] as const).map((kind) =>
        condition(kind, n, k),
      ),
    ).flat(),
  ),
  ...LINES.flatMap((bit) => [condition('address-bit', bit, 0), condition('address-bit', bit, 1)]),
  ...Array.from({ length: MOST_PER_ERASE }, (_, n) => [
    condition('after-erase', n + 1),
    condition('later-after-erase', n + 1),
  ]).flat(),
  ...[4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048].map((n) => condition('odd-length', n)),
];

const OF_FIRST_BYTES: readonly Condition[] = FIRST_BYTES.flatMap((n) => [
  condition('begins-with', n, 0xff),
  condition('begins-with', n, 0),
]);

/** Counts and addresses at which right turns into wrong or back, and round addresses near them. */
function byEdges(steps: readonly Step[], wrong: ReadonlySet<Step>): Condition[] {
  const all: Condition[] = [];
  const wrongSteps = steps.filter((step) => wrong.has(step));
  if (wrongSteps.length <= 6) for (const { index } of wrongSteps) all.push(condition('only', index));
  const edges = steps.filter((step, i) => i > 0 && wrong.has(step) !== wrong.has(steps[i - 1] ?? step)).slice(0, 8);
  const first = wrongSteps[0];
  for (const step of new Set(first ? [first, ...edges] : edges)) {
    const before = steps[steps.indexOf(step) - 1];
    all.push(
      condition('from-count', step.index),
      condition('up-to-count', step.index),
      condition('from-change', step.changes),
      condition('from-number', step.number),
      ...roundBelow(step.done, step.done - (before?.length ?? 0)).map((n) => condition('from-bytes', n)),
    );
    const end = step.address + step.length;
    for (const limit of roundBelow(step.address, before ? before.address : 0))
      all.push(condition('from-address', limit), condition('below-address', limit));
    for (const limit of roundBelow(end, before ? before.address + before.length : 0))
      all.push(condition('ends-from', limit));
  }
  return all;
}

const ROUND = [0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000];

/** A limit between any two steps: the roundest number that lies there. What stood there before can hide where it is. */
function everyLimit(steps: readonly Step[]): Condition[] {
  const between = (numbers: readonly number[]): number[] => {
    const sorted = [...new Set(numbers)].sort((a, b) => a - b);
    return sorted.slice(1).map((n, i) => roundest(sorted[i] ?? 0, n));
  };
  const addresses = between(steps.map(({ address }) => address));
  return [
    ...addresses.flatMap((limit) => [condition('from-address', limit), condition('below-address', limit)]),
    ...between(steps.map(({ address, length }) => address + length)).map((limit) => condition('ends-from', limit)),
    ...between(steps.map(({ done }) => done)).map((n) => condition('from-bytes', n)),
    ...between(steps.map(({ number }) => number)).map((n) => condition('from-number', n)),
    ...between(steps.map(({ index }) => index)).flatMap((n) => [
      condition('from-count', n),
      condition('up-to-count', n),
    ]),
  ];
}

/** Of the numbers above `low` up to `high`, the one that most powers of two divide. */
export function roundest(low: number, high: number): number {
  let unit = 1;
  while (Math.floor(high / (2 * unit)) * 2 * unit > low) unit *= 2;
  return Math.floor(high / unit) * unit;
}

/** `at` itself, and the round numbers between `low` and it. */
function roundBelow(at: number, low: number): number[] {
  const round = ROUND.map((unit) => Math.floor(at / unit) * unit);
  return [...new Set([at, ...round])].filter((n) => n > 0 && n > low);
}

function byLength(steps: readonly Step[]): Condition[] {
  const lengths = [...new Set(steps.map(({ length }) => length))].sort((a, b) => a - b).slice(0, 6);
  const limits = new Set(lengths.flatMap((n) => [2 ** Math.ceil(Math.log2(n)), 2 ** Math.ceil(Math.log2(n + 1))]));
  return [...limits].flatMap((n) => [condition('shorter', n), condition('longer', n)]);
}

/** Proposes when a deviation may strike, from how many operations there were, how long, and which came out wrong. */
import { type Condition, condition } from '../condition.ts';
import type { Step } from '../steps.ts';

/** Conditions that hold for the same operations of a run: only another run tells them apart. */
export interface ConditionClass {
  /** 1 for each step, by its place among those of its kind. */
  readonly holds: Uint8Array;
  /** The cheapest first. */
  readonly members: readonly Condition[];
}

const MOST_PERIOD = 8;
const LONG_PERIODS = [12, 16, 32];
const LINES = Array.from({ length: 13 }, (_, i) => i + 8);

/** Conditions on the steps of one kind that hold for some of them. `wrong`: those whose place came out wrong. */
export function conditionClasses(steps: readonly Step[], wrong: ReadonlySet<Step>): ConditionClass[] {
  const classes = new Map<string, { holds: Uint8Array; members: Condition[] }>();
  for (const each of proposals(steps, wrong)) {
    const holds = Uint8Array.from(steps, (step) => (each.holds(step) ? 1 : 0));
    if (!holds.includes(1) || !holds.includes(0)) continue;
    const key = holds.join('');
    const known = classes.get(key);
    if (known) known.members.push(each);
    else classes.set(key, { holds, members: [each] });
  }
  const all = [...classes.values()];
  for (const { members } of all) members.sort((a, b) => a.bits - b.bits);
  return all.sort((a, b) => (a.members[0]?.bits ?? 0) - (b.members[0]?.bits ?? 0));
}

function proposals(steps: readonly Step[], wrong: ReadonlySet<Step>): Condition[] {
  const kinds = [
    'first',
    'not-first',
    'first-of-run',
    'not-first-of-run',
    'first-run',
    'not-first-run',
    'short',
    'full',
  ] as const;
  const all: Condition[] = kinds.map((kind) => condition(kind));
  for (const n of [2, 3, 4, 5, 6, 7, MOST_PERIOD, ...LONG_PERIODS]) {
    for (let k = 0; k < n; k++) {
      all.push(
        condition('every', n, k),
        condition('all-but-every', n, k),
        condition('every-in-run', n, k),
        condition('all-but-every-in-run', n, k),
      );
    }
  }
  for (const bit of LINES) all.push(condition('address-bit', bit, 0), condition('address-bit', bit, 1));
  return [...all, ...byEdges(steps, wrong), ...byLength(steps)];
}

/** Counts and addresses at which right turns into wrong or back, and round addresses near them. */
function byEdges(steps: readonly Step[], wrong: ReadonlySet<Step>): Condition[] {
  const all: Condition[] = [];
  const wrongSteps = steps.filter((step) => wrong.has(step));
  if (wrongSteps.length <= 6) for (const { index } of wrongSteps) all.push(condition('only', index));
  const edges = steps.filter((step, i) => i > 0 && wrong.has(step) !== wrong.has(steps[i - 1] ?? step)).slice(0, 8);
  const first = wrongSteps[0];
  for (const step of new Set(first ? [first, ...edges] : edges)) {
    all.push(
      condition('from-count', step.index),
      condition('up-to-count', step.index),
      condition('from-change', step.changes),
    );
    const round = [step.address, ...ROUND.flatMap((unit) => [Math.floor(step.address / unit) * unit])];
    for (const limit of new Set(round)) {
      if (limit > 0) all.push(condition('from-address', limit), condition('below-address', limit));
    }
  }
  return all;
}

const ROUND = [0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000];

function byLength(steps: readonly Step[]): Condition[] {
  const lengths = [...new Set(steps.map(({ length }) => length))].sort((a, b) => a - b).slice(0, 6);
  const limits = new Set(lengths.flatMap((n) => [2 ** Math.ceil(Math.log2(n)), 2 ** Math.ceil(Math.log2(n + 1))]));
  return [...limits].flatMap((n) => [condition('shorter', n), condition('longer', n)]);
}

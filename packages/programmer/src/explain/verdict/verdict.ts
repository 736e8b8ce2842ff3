/** Weighs exact models: which one is named, which are its rivals, and how sure that is. It has no words. */

import { check } from '../check/check.ts';
import type { Exact } from '../exact/exact.ts';
import type { SearchProblem } from '../exact/problem.ts';
import { keyWhereNoneIsCut } from '../exact/tails.ts';
import { tellsWhere, toldShare } from '../exact/told.ts';
import type { ConditionKind } from '../grammar/condition.ts';
import { formBits, keyOf, type Model, type Primitive } from '../grammar/primitive.ts';
import type { Shape } from '../recording/record.ts';
import { machineOf } from '../simulate/machine.ts';
import { alikeIn, inGroups, signatureOf, vagueAmong } from './alike.ts';
import { type Job, madeUpJobs } from './jobs.ts';
import { isPinned } from './pinned.ts';

/** Exact models that answer every made-up job alike. */
export interface Candidate extends Exact {
  /** Others of the same class, dearer. */
  readonly equals: readonly Model[];
}

export interface ModelVerdict {
  /** The cheapest of each class, the cheapest first. */
  readonly candidates: readonly Candidate[];
  /** How many of them are within reach of the first. */
  readonly near: number;
  /** The first has no rival, and leaves nothing open. */
  readonly isCertain: boolean;
}

/** A rival whose form costs this much more is still a rival: nobody knows how often people make which mistake. */
export const RIVAL_BITS = 5;
/** Exact models that are compared. */
const MOST_COMPARED = 16;
/** Models that are named at most. */
export const MOST_NAMED = 3;
/** Exact models that are looked at. */
const MOST_WEIGHED = 60;

export interface WeighOptions {
  readonly isTried?: boolean;
  /** Where the last trial begins among the steps. */
  readonly trialFrom?: number | undefined;
}

/**
 * `isTried`: models were held against a trial that breaks coincidences. Then a number costs as much as it is odd; before
 * that, nobody knows whether it is a number of the loader or of the run.
 */
export function weigh(
  problem: SearchProblem,
  shape: Shape,
  exact: readonly Exact[],
  { isTried = false, trialFrom }: WeighOptions = {},
): ModelVerdict {
  const weighed = exact.slice(0, MOST_WEIGHED);
  const jobs = madeUpJobs(shape, problem.ground, problem.steps, weighed.some(looksAtBeginnings));
  const cost = ({ model, bits, total }: Exact): number => (isTried ? total : formBits(model) + total - bits);
  const [cheapest] = weighed;
  const best = cheapest ? cost(cheapest) : 0;
  // Flash that was blank, or holds an older version of the image, needs no luck to come out right: simpler models are rivals.
  const isNear = (each: Exact): boolean =>
    cost(each) - (each.bits < (cheapest?.bits ?? 0) ? each.luck : 0) <= best + RIVAL_BITS ||
    (cheapest !== undefined && (isSameGuard(each, cheapest) || isLikeHalf(each, cheapest)));
  const candidates = withoutVague(problem, jobs, classes(problem, jobs, weighed, isNear), isNear);
  const near = candidates.filter(isNear).length;
  const [first] = candidates;
  const isCertain =
    near === 1 &&
    first !== undefined &&
    !looksBlank(first.model, problem) &&
    (isTried || first.model.length > 1 || first.bits <= DEAR_ALONE_BITS) &&
    isPinned(problem, first.model) &&
    tellsEnough(problem, first, trialFrom) &&
    !jobs.some((job) => signatureOf(first.model, problem.ground, job).isOpen);
  return { candidates, near, isCertain };
}

const looksAtBeginnings = ({ model }: Exact): boolean =>
  model.some(({ condition }) => condition?.kind === 'begins-with');

/** Operations that look at more of which nothing is known leave more open, and that costs: it says nothing against them. */
const isSameGuard = ({ model }: Exact, other: Exact): boolean =>
  model.some(({ hooks }) => hooks.guard) && kindsOf(model) === kindsOf(other.model);

/**
 * One of the two is the same, and the other sends blocks of the same operations elsewhere: that nobody knows what stood there
 * says nothing against it.
 */
function isLikeHalf({ model, bits }: Exact, other: Exact): boolean {
  const [own, others] = [model.map(keyOf), other.model.map(keyOf)];
  if (own.length !== 2 || others.length !== 2 || bits > other.bits + RIVAL_BITS) return false;
  const [one] = model.filter((_, i) => !others.includes(own[i] ?? ''));
  const [another] = other.model.filter((_, i) => !own.includes(others[i] ?? ''));
  const areOfBlocks = one?.stage === 'block' && another?.stage === 'block';
  return areOfBlocks && one.on.join() === another.on.join();
}

const kindsOf = (model: Model): string =>
  model.map(({ kind, on, condition }) => [kind, ...on, condition?.kind].join(' ')).join('+');

/** Of the bytes of a trial's reads in the flash, the share that a model must tell before the trial proves it. */
const LEAST_TOLD_OF_TRIAL = 0.65;
/** One deviation that costs more than two plain ones, which nobody looks for where one is enough. */
const DEAR_ALONE_BITS = 24;

/** What is left open cannot come out otherwise: a model that says little is proved by nothing. */
function tellsEnough(problem: SearchProblem, first: Exact, trialFrom: number | undefined): boolean {
  const { model } = first;
  const { steps, ground } = problem;
  if (!tellsWhere(problem, first)) return false;
  if (openGuardShare(problem, model) > MOST_OPEN_GUARDS) return false;
  if (trialFrom === undefined) return true;
  const reads = steps.filter(
    ({ kind, at, address }) => kind === 'read' && at >= trialFrom && address >= 0 && address < ground.size,
  );
  const marks = new Map(reads.map(({ at, length }) => [at, new Uint8Array(length).fill(1)]));
  return toldShare(problem, model, marks) >= LEAST_TOLD_OF_TRIAL;
}

/** Of what operations saw in flash, the share that nobody need know. */
const MOST_OPEN_GUARDS = 0.25;

function openGuardShare({ ground, steps, outcomes }: SearchProblem, model: Model): number {
  if (!model.some(({ hooks }) => hooks.guard)) return 0;
  const result = check(machineOf(model, ground, outcomes), steps, { limit: 0 });
  return (result?.openGuards ?? 0) / Math.max(1, result?.guards ?? 0);
}

/** Of the bytes that came out wrong, the share that must not be erased before reads of other places are told by them. */
const LEAST_USED = 0.01;

/** Reads that always give erased bytes may as well come from a place that is blank: nothing read tells that apart. */
function looksBlank(model: Model, { ground: { erasedValue }, expected: { reads } }: SearchProblem): boolean {
  if (model.some((each) => givesBlank(each, erasedValue))) return true;
  const isElsewhere = model.some(({ on, stage }) => on.includes('read') && (stage === 'block' || stage === 'byte'));
  if (!isElsewhere) return false;
  let all = 0;
  let used = 0;
  for (const { step, differs } of reads) {
    for (let i = differs.indexOf(1); i >= 0; i = differs.indexOf(1, i + 1)) {
      all++;
      if (step.bytes[i] !== erasedValue) used++;
    }
  }
  return used < LEAST_USED * all;
}

/** Whether some places, or all, read as erased: always, below or above a limit, or from some time on. */
const givesBlank = (
  { kind, condition, parameters: { fill }, hooks: { constant } }: Primitive,
  erasedValue: number,
): boolean =>
  (kind === 'bounded' && fill === erasedValue) ||
  (constant === erasedValue && (!condition || FOR_GOOD.includes(condition.kind)));

const FOR_GOOD: readonly ConditionKind[] = [
  'from-address',
  'below-address',
  'address-bit',
  'ends-from',
  'after-write',
  'from-change',
];

/** Rivals that do not say what some bytes are, where another one says it and is right with all else, are none. */
function withoutVague(
  { ground }: SearchProblem,
  jobs: readonly Job[],
  candidates: readonly Candidate[],
  isNear: (each: Exact) => boolean,
): readonly Candidate[] {
  const near = candidates.filter(isNear).slice(0, MOST_VAGUE);
  const vague = new Set(
    vagueAmong(
      near.map(({ model }) => model),
      ground,
      jobs,
    ),
  );
  return candidates.filter(({ model }) => !vague.has(model));
}

/** Rivals that are held against one another. */
const MOST_VAGUE = 4;

/** Of what is too dear to be a rival only as many are compared as may be named. */
function classes(
  { ground }: SearchProblem,
  jobs: readonly Job[],
  exact: readonly Exact[],
  isNear: (each: Exact) => boolean,
): Candidate[] {
  const forms = inGroups(exact, ({ model }) => formOf(model, jobs))
    .filter((same, i) => i < MOST_NAMED || same.some(isNear))
    .slice(0, MOST_COMPARED);
  const groups = alikeIn(forms, ([best]) => best?.model ?? [], ground, jobs);
  return groups.flatMap((alike) => {
    const [best, ...others] = alike.flat();
    return best ? [{ ...best, equals: others.map(({ model }) => model) }] : [];
  });
}

/** The same for models that differ only in what makes no difference to any step of all jobs. */
function formOf(model: Model, jobs: readonly Job[]): string {
  const [only, ...others] = model;
  const key = only && others.length === 0 && keyWhereNoneIsCut(only, jobs);
  if (key) return key;
  return model
    .map((primitive) => {
      const { condition, on } = primitive;
      if (!condition) return keyOf(primitive);
      const { condition: _, ...rest } = primitive;
      let hash = 0x811c9dc5;
      for (const { steps } of jobs) {
        for (const step of steps)
          if (on.includes(step.kind)) hash = Math.imul(hash ^ (condition.holds(step) ? 1 : 2), 0x01000193);
      }
      return `${keyOf(rest)}?${hash}`;
    })
    .join('+');
}

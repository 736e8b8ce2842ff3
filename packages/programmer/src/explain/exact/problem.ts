/** Everything about one recorded run that stays the same while models are tried on it. */
import { candidatesFor } from '../candidates/candidates.ts';
import { check, type Head, headOf } from '../check/check.ts';
import type { Check } from '../check/check-state.ts';
import { type Expectation, type Expected, expectRight } from '../check/expect.ts';
import { type LoneByte, loneBytesIn } from '../check/lone-bytes.ts';
import { type Prices, pricesOf } from '../check/prices.ts';
import { chooseWindows, type Window } from '../check/windows.ts';
import { type ConditionClass, conditionClasses } from '../estimate/conditions.ts';
import { findTraces, surelyFrom, type Trace } from '../estimate/landing.ts';
import { type Seen, see } from '../estimate/seen.ts';
import type { Primitive } from '../grammar/primitive.ts';
import type { Recording } from '../recording/record.ts';
import { type Ground, groundOf, type Step, type StepKind, stepsOf } from '../recording/steps.ts';
import { machineOf } from '../simulate/machine.ts';

export interface SearchProblem {
  readonly ground: Ground;
  readonly steps: readonly Step[];
  readonly expected: Expected;
  readonly prices: Prices;
  readonly head: Head | undefined;
  readonly seen: Seen;
  /** For each read in which anything differs, 1 where it does. */
  readonly differs: ReadonlyMap<number, Uint8Array>;
  /** For each read, 1 where a right loader is known to give what was read. */
  readonly sure: ReadonlyMap<number, Uint8Array>;
  /** What it costs to state what was read with a right loader and every difference by itself. */
  readonly nothing: number;
  /** Bits that a right loader contradicts. */
  readonly differingBits: number;
  /** Those that reject most come first; the search changes their order, and adds some where models are wrong. */
  readonly windows: Window[];
  /** The windows at first. */
  readonly chosenWindows: readonly Window[];
  /** Bytes in these that deviations of data are held against first. */
  readonly loneBytes: () => readonly LoneByte[];
  /** All erases and writes, and some of the reads, spread over the run. */
  readonly thinSteps: readonly Step[];
  readonly candidates: readonly Primitive[];
  /** What the search has found out about single erases and writes. */
  readonly outcomes: Map<number, 'lost' | 'done'>;
  /** By key, deviations beside which all others were tried. */
  readonly triedBeside: Set<string>;
  /** By key, which of some wrong windows a deviation explains alone; absent where that is none, or nobody has looked. */
  readonly explained: Map<string, Uint8Array>;
  /** What came out of all that was done, by where an exact deviation sends it. */
  readonly checked: Map<string, Check>;
  /** When a deviation of this kind may strike. */
  readonly classes: (kind: StepKind) => readonly ConditionClass[];
  /** Where bytes turned up, and of these what surely came from there. */
  readonly traces: () => readonly Trace[];
  readonly surely: () => readonly Trace[];
}

/**
 * @param from the first step that counts: what was before is not looked at, but for what a loader has counted and may hold
 * @param to the first that does not count any more
 */
export function searchProblemOf(
  { shape, blockSize, operations, known: content }: Recording,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): SearchProblem {
  const ground = groundOf(shape, blockSize, operations, content);
  const all = stepsOf(operations, shape, blockSize);
  const steps = [...heldBefore(all, from), ...all.slice(from, to)];
  return problemOfSteps(ground, from === 0 ? steps : steps.map((step, at) => ({ ...step, at })));
}

/** What a loader may still hold of what came before, unless it has started anew: the last block, and the last answer. */
function heldBefore(steps: readonly Step[], from: number): Step[] {
  const before = steps.slice(0, from).filter(({ session }) => session === steps[from]?.session);
  const held = (['write', 'read'] as const).flatMap((kind) => before.findLast((step) => step.kind === kind) ?? []);
  return held.sort((a, b) => a.at - b.at);
}

/** The same where operations are known as steps. */
export function problemOfSteps(ground: Ground, steps: readonly Step[]): SearchProblem {
  const expected = expectRight(ground, steps);
  const seen = see(ground, steps, expected.reads);
  const wrong = new Set(seen.blocks.filter((block) => block.wrong > 0).map(({ step }) => step));
  const classesOf = (kind: StepKind): ConditionClass[] =>
    conditionClasses(
      steps.filter((step) => step.kind === kind),
      kind === 'write' ? wrong : wrongOf(kind, steps, expected),
    );
  const prices = pricesOf(steps);
  const sure = new Map(expected.reads.map((read) => [read.step.at, sureOf(read)]));
  const wrongReads = expected.reads.filter((read) => read.differing > 0);
  const differs = new Map(wrongReads.map((read) => [read.step.at, read.differs]));
  const head = headOf(machineOf([], ground), steps, { counted: differs, prices, sure });
  const plain = check(machineOf([], ground), steps, { limit: Number.POSITIVE_INFINITY, prices, head });
  const nothing = (plain?.cost ?? 0) + 8 * expected.differing;
  const classes = {
    erase: whenAsked(() => classesOf('erase')),
    write: whenAsked(() => classesOf('write')),
    read: whenAsked(() => classesOf('read')),
  };
  const differingBits = plain?.contradictedBits ?? 0;
  // Of a problem on which one model is held nobody asks for others.
  const candidates = whenAsked(() => candidatesFor(seen));
  return {
    ground,
    steps,
    expected,
    differs,
    sure,
    prices,
    head,
    nothing,
    differingBits,
    seen,
    get candidates() {
      return candidates();
    },
    outcomes: new Map(),
    triedBeside: new Set(),
    explained: new Map(),
    checked: new Map(),
    classes: (kind) => classes[kind](),
    ...tracesIn(seen),
    ...windowsIn(expected, { ground, steps, head }),
  };
}

function windowsIn(
  { reads }: Expected,
  around: Pick<SearchProblem, 'ground' | 'steps' | 'head'>,
): Pick<SearchProblem, 'windows' | 'chosenWindows' | 'loneBytes' | 'thinSteps'> {
  const { ground, steps } = around;
  const chosenWindows = chooseWindows(reads, around);
  return {
    windows: [...chosenWindows],
    chosenWindows,
    loneBytes: whenAsked(() => loneBytesIn(chosenWindows, steps, ground)),
    thinSteps: thinned(steps, chosenWindows),
  };
}

function tracesIn(seen: Seen): Pick<SearchProblem, 'traces' | 'surely'> {
  const traces = whenAsked(() => findTraces(seen));
  return { traces, surely: whenAsked(() => surelyFrom(seen, traces())) };
}

/** Made when it is asked for first. */
function whenAsked<T>(make: () => T): () => T {
  let made: { readonly all: T } | undefined;
  return () => {
    made ??= { all: make() };
    return made.all;
  };
}

function thinned(steps: readonly Step[], windows: readonly Window[]): Step[] {
  const looked = new Set(windows.map(({ step }) => step));
  return steps.filter((step) => step.kind !== 'read' || looked.has(step));
}

function sureOf({ unknown, differs }: Expectation): Uint8Array {
  const sure = new Uint8Array(unknown.length);
  for (let i = 0; i < sure.length; i++) if (unknown[i] === 0 && differs[i] === 0) sure[i] = 1;
  return sure;
}

/** Erases and reads in whose range something came out wrong. */
function wrongOf(kind: StepKind, steps: readonly Step[], { reads }: Expected): Set<Step> {
  const bad = reads.filter(({ differing }) => differing > 0);
  const wrong = steps.filter(
    (step) =>
      step.kind === kind &&
      bad.some(
        ({ step: read }) => read.address < step.address + step.length && read.address + read.length > step.address,
      ),
  );
  return new Set(wrong);
}

/** Everything about one recorded run that stays the same while models are tried on it. */
import { candidatesFor } from './candidates.ts';
import { check, type Head, headOf } from './check.ts';
import type { Check } from './check-state.ts';
import { type ConditionClass, conditionClasses } from './estimate/conditions.ts';
import { findTraces, surelyFrom, type Trace } from './estimate/landing.ts';
import { type Seen, see } from './estimate/seen.ts';
import { type Expectation, type Expected, expectRight } from './expect.ts';
import { type Machine, machineOf } from './machine.ts';
import { type Prices, pricesOf } from './prices.ts';
import { bitsOfModel, type Model, type Primitive } from './primitive.ts';
import type { Recording } from './record.ts';
import { type Ground, groundOf, type Step, type StepKind, stepsOf } from './steps.ts';
import { checkWindow, checkWindowAlone, chooseWindows, fits, spreadOut, type Window, windowAround } from './windows.ts';

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
  /** All erases and writes, and some of the reads, spread over the run. */
  readonly thinSteps: readonly Step[];
  readonly candidates: readonly Primitive[];
  /** What the search has found out about single erases and writes. */
  readonly outcomes: Map<number, 'lost' | 'done'>;
  /** By key, deviations beside which all others were tried. */
  readonly triedBeside: Set<string>;
  /** By key, which of some wrong windows a deviation explains alone; absent where that is none, or nobody has looked. */
  readonly explained: Map<string, Uint8Array>;
  /** When a deviation of this kind may strike. */
  readonly classes: (kind: StepKind) => readonly ConditionClass[];
  /** Where bytes turned up, and of these what surely came from there. */
  readonly traces: () => readonly Trace[];
  readonly surely: () => readonly Trace[];
}

/** A model that reproduces everything that was read, and what it costs. */
export interface Exact {
  readonly model: Model;
  /** To state the model. */
  readonly bits: number;
  /** With what it leaves open of what was read. */
  readonly total: number;
  readonly openBits: number;
  /** Of the bits that a right loader would not have given, those that the model tells before they are seen. */
  readonly toldBits: number;
  /** Of `total`, what is for bits that it leaves open and that came out as a right loader gives them. */
  readonly luck: number;
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
  const steps = from === 0 ? all.slice(0, to) : [...heldBefore(all, from), ...all.slice(from, to)];
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
  const head = headOf(machineOf([], ground), steps, prices, { counted: differs, sure });
  const chosenWindows = chooseWindows(expected.reads, { ground, steps, head });
  const windows = [...chosenWindows];
  const plain = check(machineOf([], ground), steps, prices, { limit: Number.POSITIVE_INFINITY, head });
  const nothing = (plain?.cost ?? 0) + 8 * expected.differing;
  const known = new Map<StepKind, readonly ConditionClass[]>();
  const classes = (kind: StepKind): readonly ConditionClass[] => {
    const made = known.get(kind) ?? classesOf(kind);
    known.set(kind, made);
    return made;
  };
  const differingBits = plain?.contradictedBits ?? 0;
  // Of a problem on which one model is held nobody asks for others.
  let candidates: readonly Primitive[] | undefined;
  const looks = { windows, chosenWindows, thinSteps: thinned(steps, chosenWindows) };
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
      candidates ??= candidatesFor(seen);
      return candidates;
    },
    outcomes: new Map(),
    triedBeside: new Set(),
    explained: new Map(),
    classes,
    ...tracesIn(seen),
    ...looks,
  };
}

/** Looked for when they are asked for first. */
function tracesIn(seen: Seen): Pick<SearchProblem, 'traces' | 'surely'> {
  let all: readonly Trace[] | undefined;
  let sure: readonly Trace[] | undefined;
  const traces = (): readonly Trace[] => (all ??= findTraces(seen));
  const surely = (): readonly Trace[] => (sure ??= surelyFrom(seen, traces()));
  return { traces, surely };
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

/** Costs that decide between equal models: a memory full of one value that is not the erased one is unlikely. */
const ONE_VALUE_BITS = 10;

/** A model that saves less explains nothing: anything explains a few bytes. Where few differ, of each so much. */
const LEAST_SAVED_BITS = 64;
const LEAST_SAVED_OF_BYTE = 4;

/** Of the bits that differ, the share that a model must tell before they are seen. */
const LEAST_TOLD = 0.2;
/** A late answer is told only where what the read before asked for is known. */
const LEAST_TOLD_LATE = 0.1;

/**
 * Reads from places of which nothing is known may give anything, but not just what a right loader gives: only a little of
 * it, beside what the model tells.
 */
const MOST_LUCK_BITS = 128;
const MOST_LUCK = 1 / 16;
/** Where it was exact before: that flash was blank there as well is luck enough for all that is written there. */
const MOST_LUCK_KNOWN = 1 / 4;
/** What stood there may be an older version of the image: bits of it that are as they should be tell this much less. */
const LIKENESS = 0.9;
/** Whether its reads come from another place than was asked for. */
export const readsElsewhere = ({ on, stage, hooks }: Primitive): boolean =>
  on.includes('read') && stage !== 'part' && hooks.runs !== undefined;

export interface TryModelOptions {
  /** It was exact before more was done: it may need more luck then. */
  readonly isKnown?: boolean;
}

/** Tries a model in windows, then as a whole. */
export function tryModel(
  problem: SearchProblem,
  model: Model,
  { isKnown = false }: TryModelOptions = {},
): Exact | undefined {
  const { ground, steps, prices, windows, head } = problem;
  const machine = machineOf(model, ground, problem.outcomes);
  let telling = 0;
  let told = 0;
  for (let i = 0; i < Math.min(windows.length, WINDOWS_AHEAD); i++) {
    const window = windows[i];
    const result = window && checkWindow(machine, window, problem);
    if (window && !result) {
      if (i > 0) windows.unshift(...windows.splice(i, 1));
      return undefined;
    }
    if (!window || window.differing === 0) continue;
    told += result?.toldBits ?? 0;
    if (++telling === LEAST_TELLING && told === 0 && !looksElsewhere(model) && !tellsSomewhere(problem, machine))
      return undefined;
  }
  const { differs: counted, sure } = problem;
  const onContradiction = (step: Step, i: number): void =>
    learnWindow(problem, machine, windowAround(step, i, problem));
  const result = check(machine, steps, prices, { limit: 0, counted, sure, head, onContradiction });
  const leastTold = model.some(({ kind }) => kind === 'lag') ? LEAST_TOLD_LATE : LEAST_TOLD;
  if (!result || result.toldBits < problem.expected.differing * 8 * leastTold) return undefined;
  // That flash was blank somewhere is no luck.
  const isLucky =
    result.luckCost - result.blankCost >
    Math.max(MOST_LUCK_BITS, result.toldBits * (isKnown ? MOST_LUCK_KNOWN : MOST_LUCK));
  if (isLucky && model.some(readsElsewhere)) return undefined;
  const bits = bitsOfModel(model);
  const { learned, cost, openBits, toldBits } = result;
  const odd = learned !== undefined && learned >= 0 && learned !== ground.erasedValue ? ONE_VALUE_BITS : 0;
  const total = bits + cost + odd;
  // Old content that is like the image is no luck where its own cells are read.
  const luck = model.some(readsElsewhere) ? 0 : result.luckCost;
  const leastSaved = Math.min(LEAST_SAVED_BITS, problem.expected.differing * LEAST_SAVED_OF_BYTE);
  const isDear = total - luck * LIKENESS > problem.nothing - leastSaved;
  return isDear ? undefined : { model, bits, total, openBits, toldBits, luck };
}

/** A model that is right in as many is seldom wrong in the others: the whole run is held against it at once. */
const WINDOWS_AHEAD = 40;
/** A model that tells nothing in as many windows in which something differs, and in as many others, tells too little in all of them. */
const LEAST_TELLING = 12;

/** Those that come first are where others were wrong: they may all lie in one place. */
const tellsSomewhere = (problem: SearchProblem, machine: Machine): boolean =>
  spreadOut(
    problem.chosenWindows.filter(({ differing }) => differing > 0),
    LEAST_TELLING,
  ).some((window) => (checkWindow(machine, window, problem)?.toldBits ?? 0) > 0);

/** More than these are no quicker. */
const MOST_SEARCH_WINDOWS = 200;

function learnWindow(problem: SearchProblem, machine: Machine, window: Window): void {
  const { windows } = problem;
  if (windows.length < MOST_SEARCH_WINDOWS && !fits(machine, window, problem)) windows.unshift(window);
}

/** Whether a deviation of reads is not wrong in a window, and tells something where a right loader is, whatever other reads gave. */
export function explainsAlone(problem: SearchProblem, model: Model, window: Window): boolean {
  const result = checkWindowAlone(machineOf(model, problem.ground), window, problem);
  return result !== undefined && saysSomething(model, window, result);
}

/** Whether a model that is right in a window tells something there, if a right loader does not. */
export const saysSomething = (model: Model, { differing }: Window, { toldBits }: Check): boolean =>
  differing === 0 || toldBits > 0 || looksElsewhere(model);

/** What stood elsewhere or before is not known in a window. */
const looksElsewhere = (model: Model): boolean => model.some(({ hooks }) => hooks.source || hooks.lines);

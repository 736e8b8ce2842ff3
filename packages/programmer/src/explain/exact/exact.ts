/** Holds one model against a problem: in windows, then as a whole. It keeps no model. */
import { check } from '../check/check.ts';
import type { Check } from '../check/check-state.ts';
import { isWrongInLoneBytes } from '../check/lone-bytes.ts';
import { checkWindow, checkWindowAlone, fits, spreadOut, type Window, windowAround } from '../check/windows.ts';
import { bitsOfModel, type Model, type Primitive } from '../grammar/primitive.ts';
import type { Step } from '../recording/steps.ts';
import { type Machine, machineOf } from '../simulate/machine.ts';
import { effectOf } from './effects.ts';
import type { SearchProblem } from './problem.ts';

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

/** Tries a model in single bytes, in windows, then as a whole. */
export function tryModel(
  problem: SearchProblem,
  model: Model,
  { isKnown = false }: TryModelOptions = {},
): Exact | undefined {
  const { ground, windows } = problem;
  const machine = machineOf(model, ground, problem.outcomes);
  if (isWrongInLoneBytes(machine, problem.loneBytes, problem.steps)) return undefined;
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
  const result = checkWhole(problem, machine, model);
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

/** Everything that was done, once for all deviations that send it to the same places. */
function checkWhole(problem: SearchProblem, machine: Machine, model: Model): Check | undefined {
  const { steps, differs: counted, prices, sure, head, checked } = problem;
  const effect = effectOf(problem, model);
  const known = effect === undefined ? undefined : checked.get(effect);
  if (known) return known;
  const onContradiction = (step: Step, i: number): void =>
    learnWindow(problem, machine, windowAround(step, i, problem));
  const result = check(machine, steps, { limit: 0, counted, prices, sure, head, onContradiction });
  if (effect !== undefined && result) checked.set(effect, result);
  return result;
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

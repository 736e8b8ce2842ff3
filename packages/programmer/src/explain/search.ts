/** Looks for the simplest models that are exact to the byte: single deviations, conditional ones, then pairs. */

import { guardCandidates } from './candidates.ts';
import type { Condition, ConditionKind } from './condition.ts';
import type { ConditionClass } from './estimate/conditions.ts';
import { isInPlace, MUST, MUST_NOT, needsOf } from './needs.ts';
import type { RunPace } from './pace.ts';
import { bitsOfModel, keyOf, type Model, type Primitive, STAGES, when } from './primitive.ts';
import { type Exact, explainsAlone, type SearchProblem, tryModel, windowsExplained } from './problem.ts';
import type { StepKind } from './steps.ts';
import type { Window } from './windows.ts';

export interface Found {
  /** The cheapest in total first. */
  readonly exact: readonly Exact[];
  /** Everything that was to be tried was tried. */
  readonly isComplete: boolean;
}

/** Models that cost more than the best exact one by this are not tried. */
const MARGIN_BITS = 10;
/** As many exact models are enough: those that are tried later are dearer. */
const MOST_EXACT = 24;
/** Windows by which single deviations are ranked. */
const RANKING_WINDOWS = 16;
const BEAM = 24;

interface Search {
  readonly problem: SearchProblem;
  readonly pace: RunPace;
  readonly exact: Exact[];
}

const byTotal = (a: Exact, b: Exact): number => a.total - b.total;

export async function search(problem: SearchProblem, pace: RunPace): Promise<Found> {
  const state: Search = { problem, pace, exact: [] };
  const done = await searchAll(state);
  return { exact: state.exact.sort(byTotal), isComplete: done };
}

async function searchAll(state: Search): Promise<boolean> {
  const { problem } = state;
  const { candidates } = problem;
  const lossModels = losses(problem);
  const singles: Model[] = [...candidates.map((primitive) => [primitive]), ...lossModels];
  singles.sort((a, b) => bitsOfModel(a) - bitsOfModel(b));
  if (!(await tryAll(state, singles))) return false;
  if (state.exact.length > 0) return true;
  const told = await tellAlone(state, candidates);
  if (!told || !(await tryAll(state, conditional(state, told)))) return false;
  if (state.exact.length > 0) return true;
  const ranked = await rank(state, told);
  return ranked !== undefined && (await tryAll(state, pairs(ranked, lossModels)));
}

const leastBitsOf = (exact: readonly Exact[]): number =>
  exact.reduce((bits, each) => Math.min(bits, each.bits), Number.POSITIVE_INFINITY);

/** No condition costs less. */
const LEAST_CONDITION_BITS = 2;

async function tryAll(state: Search, models: Iterable<Model>): Promise<boolean> {
  const { problem, pace, exact } = state;
  let found = 0;
  for (const model of models) {
    if (found >= MOST_EXACT) return true;
    // Of models, only those that are tried count.
    if (bitsOfModel(model) > leastBitsOf(exact) + MARGIN_BITS) continue;
    if (!(await pace.goOn())) return false;
    const fitting = tryModel(problem, model);
    if (!fitting) continue;
    found++;
    exact.push(fitting, ...equals(problem, fitting));
  }
  return true;
}

/** The same model with the other conditions that hold for the same operations of this run. */
function equals({ classes }: SearchProblem, { model, bits, total, openBits }: Exact): Exact[] {
  return model.flatMap((primitive, i) => {
    const { condition, on } = primitive;
    if (!condition) return [];
    const same = on.flatMap((kind) => classes(kind).filter(({ members }) => members[0] === condition))[0];
    return (same?.members.slice(1) ?? []).map((other) => {
      const more = other.bits - condition.bits;
      return { model: model.with(i, when(other, primitive)), bits: bits + more, total: total + more, openBits };
    });
  });
}

const firstOf = ({ members }: ConditionClass): Condition[] => members.slice(0, 1);

/** Operations that do nothing under a condition, or because of what flash holds. */
function losses(problem: SearchProblem): Model[] {
  const { candidates, classes } = problem;
  return candidates
    .filter(({ kind }) => kind === 'lost')
    .flatMap((loss) => {
      const kind = loss.on.at(-1);
      if (!kind) return [];
      const needs = needsOf(problem, loss);
      if (loss.on.length === 1) noteOutcomes(problem, kind, needs);
      const conditions = allowed(classes(kind), needs, true);
      // What erases and writes have in common is where and when, not their number or their length.
      const common = loss.on.length > 1 ? conditions.filter((each) => COMMON.includes(each.kind)) : conditions;
      const isMixed = loss.on.length === 1 && needs.includes(MUST) && needs.includes(MUST_NOT);
      const checks = isMixed ? guardCandidates(kind, problem.ground) : [];
      return [...common.map((each) => [when(each, loss)]), ...checks.map((check) => [check])];
    });
}

function noteOutcomes({ steps, outcomes }: SearchProblem, kind: StepKind, needs: Uint8Array): void {
  for (const [i, step] of steps.filter((each) => each.kind === kind).entries()) {
    const need = needs[i];
    if (need === MUST || need === MUST_NOT) outcomes.set(step.at, need === MUST ? 'lost' : 'done');
  }
}

const COMMON: readonly ConditionKind[] = ['from-change', 'from-address', 'below-address', 'address-bit', 'ends-from'];

/** The cheapest condition of each class that strikes wherever it must and nowhere where it must not. */
function allowed(classes: readonly ConditionClass[], needs: Uint8Array, isSure: boolean): Condition[] {
  return classes
    .filter(({ isNear }) => isNear || isSure)
    .filter(({ holds }) => needs.every((need, i) => need === 0 || need === (holds[i] ? MUST : MUST_NOT)))
    .flatMap(firstOf);
}

interface Ranked {
  readonly primitive: Primitive;
  /** Windows that it explains, those among them that a right loader does as well. */
  readonly fits: number;
}

/** Wrong windows that are looked at to see what a deviation can explain, and how many of them it may leave. */
const TELLING_WINDOWS = 4;
const MOST_UNTOLD = 1;

interface Told {
  readonly primitive: Primitive;
  /** Telling windows that it explains. */
  readonly tells: number;
  readonly of: number;
}

async function tellAlone({ problem, pace }: Search, primitives: readonly Primitive[]): Promise<Told[] | undefined> {
  const windows = telling(problem);
  const all: Told[] = [];
  for (const primitive of primitives) {
    if (!(await pace.goOn())) return undefined;
    const tells = isOfReads(primitive)
      ? windows.filter((window) => explainsAlone(problem, [primitive], window)).length
      : explainedBy(problem, primitive, windows);
    all.push({ primitive, tells, of: windows.length });
  }
  return all;
}

const isOfReads = ({ on }: Primitive): boolean => on.length === 1 && on[0] === 'read';

/** Reads at which a deviation of reads must not strike, as far as windows tell: reads change nothing for one another. */
function readNeeds(problem: SearchProblem, primitive: Primitive): Uint8Array {
  const { chosenWindows, steps } = problem;
  const reads = steps.filter(({ kind }) => kind === 'read');
  const needs = new Uint8Array(reads.length);
  if (primitive.hooks.lines) return needs;
  const byRead = new Map(chosenWindows.map((window) => [window.step, window]));
  for (const [step, window] of byRead)
    if (!explainsAlone(problem, [primitive], window)) needs[reads.indexOf(step)] = MUST_NOT;
  return needs;
}

/** Of different reads, spread over the run. */
function telling({ chosenWindows }: SearchProblem): Window[] {
  const wrong = chosenWindows.filter(({ differing }) => differing > 0);
  const byRead = [...new Map(wrong.toReversed().map((window) => [window.step.at, window])).values()];
  const every = Math.max(1, Math.floor(byRead.length / TELLING_WINDOWS));
  return byRead.filter((_, i) => i % every === 0).slice(0, TELLING_WINDOWS);
}

/** Those that tell nothing alone come last. */
async function rank({ problem, pace }: Search, told: readonly Told[]): Promise<Ranked[] | undefined> {
  const wrong = problem.chosenWindows.filter(({ differing }) => differing > 0).slice(0, RANKING_WINDOWS);
  const right = problem.chosenWindows.filter(({ differing }) => differing === 0).slice(0, RANKING_WINDOWS / 2);
  const ranked: Ranked[] = [];
  for (const { primitive, tells } of told) {
    if (!(await pace.goOn())) return undefined;
    const explains = tells === 0 ? 0 : explainedBy(problem, primitive, wrong);
    ranked.push({ primitive, fits: tells === 0 ? 0 : explains + explainedBy(problem, primitive, right) });
  }
  return ranked.sort((a, b) => b.fits - a.fits || a.primitive.bits - b.primitive.bits);
}

const explainedBy = (problem: SearchProblem, primitive: Primitive, windows: readonly Window[]): number =>
  windowsExplained(problem, [primitive], windows);

/** Those that explain nearly all of what is looked at may be the whole truth under a condition: each under every one. */
function* conditional({ problem, exact }: Search, told: readonly Told[]): Iterable<Model> {
  const { classes } = problem;
  const likely = told.filter(({ tells, of }) => tells > 0 && tells >= of - MOST_UNTOLD);
  // Where it is known when they must strike, few conditions are left, and one that fits bounds what the others may cost.
  likely.sort((a, b) => Number(isInPlace(b.primitive)) - Number(isInPlace(a.primitive)));
  for (const { primitive } of likely) {
    const kind = primitive.on.length === 1 ? primitive.on[0] : undefined;
    if (!kind || primitive.stage === 'gate') continue;
    if (bitsOfModel([primitive]) + LEAST_CONDITION_BITS > leastBitsOf(exact) + MARGIN_BITS) continue;
    const needs = kind === 'read' ? readNeeds(problem, primitive) : needsOf(problem, primitive);
    for (const each of allowed(classes(kind), needs, kind === 'read' || isInPlace(primitive)))
      yield [when(each, primitive)];
  }
}

/** Deviations that are paired before losses under a condition are. */
const FIRST_OTHERS = 48;
/** How many of the others are tried before the next of the beam has its turn. */
const OTHERS_PER_TURN = 8;

/** The best with all, those first that are good on both sides; some data in every case. */
function* pairs(ranked: readonly Ranked[], lossModels: readonly Model[]): Iterable<Model> {
  const beam = ranked
    .filter(({ primitive }, i) => i < BEAM || isPlainData(primitive))
    .map(({ primitive }) => primitive);
  const all = ranked.map(({ primitive }) => primitive);
  const others = [...all.slice(0, FIRST_OTHERS), ...lossModels.flat(), ...all.slice(FIRST_OTHERS)];
  const tried = new Set<string>();
  for (let turn = 0; turn < beam.length + others.length / OTHERS_PER_TURN; turn++) {
    for (let i = Math.min(turn, beam.length - 1); i >= 0; i--) {
      const from = (turn - i) * OTHERS_PER_TURN;
      for (const second of others.slice(from, from + OTHERS_PER_TURN)) yield* ordered(beam[i], second, tried);
    }
  }
}

/** With moved addresses they explain nothing alone. */
function isPlainData({ kind, parameters, condition }: Primitive): boolean {
  return (
    !condition && ((kind === 'swap' && parameters['tail'] === 0) || (kind === 'table' && !('period' in parameters)))
  );
}

function* ordered(first: Primitive | undefined, second: Primitive, tried: Set<string>): Iterable<Model> {
  if (!first || first === second) return;
  const key = [keyOf(first), keyOf(second)].sort().join('+');
  if (tried.has(key)) return;
  tried.add(key);
  yield [first, second];
  if (orderMatters(first, second)) yield [second, first];
}

function orderMatters(a: Primitive, b: Primitive): boolean {
  return STAGES[a.stage] === STAGES[b.stage] && a.on.some((kind) => b.on.includes(kind)) && a.stage !== 'gate';
}

/** Looks for the simplest models that are exact to the byte: single deviations, conditional ones, then pairs. */
import type { Condition } from './condition.ts';
import type { ConditionClass } from './estimate/conditions.ts';
import type { RunPace } from './pace.ts';
import { bitsOfModel, keyOf, type Model, type Primitive, STAGES, when } from './primitive.ts';
import { type Exact, type SearchProblem, tryModel, windowsExplained } from './problem.ts';
import type { Window } from './windows.ts';

export interface Found {
  /** The cheapest in total first. */
  readonly exact: readonly Exact[];
  /** Everything that was to be tried was tried. */
  readonly isComplete: boolean;
}

/** Models that cost more than the best exact one by this are not tried. */
const MARGIN_BITS = 14;
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
  const { candidates } = state.problem;
  const singles: Model[] = [...candidates.map((primitive) => [primitive]), ...conditionalLosses(state.problem)];
  singles.sort((a, b) => bitsOfModel(a) - bitsOfModel(b));
  if (!(await tryAll(state, singles))) return false;
  if (state.exact.length > 0) return true;
  const ranked = await rank(state, candidates);
  if (!ranked) return false;
  if (!(await tryAll(state, conditional(state.problem, ranked)))) return false;
  if (state.exact.length > 0) return true;
  return await tryAll(state, pairs(state.problem, ranked));
}

async function tryAll(state: Search, models: Iterable<Model>): Promise<boolean> {
  const { problem, pace, exact } = state;
  for (const model of models) {
    if (!(await pace.goOn())) return false;
    const least = exact.reduce((bits, each) => Math.min(bits, each.bits), Number.POSITIVE_INFINITY);
    if (bitsOfModel(model) > least + MARGIN_BITS) continue;
    const found = tryModel(problem, model);
    if (found) exact.push(found, ...equals(problem, found));
  }
  return true;
}

/** The same model with the other conditions that hold for the same operations of this run. */
function equals({ classes }: SearchProblem, { model, bits, total, openBits }: Exact): Exact[] {
  return model.flatMap((primitive, i) => {
    const { condition, on } = primitive;
    if (!condition) return [];
    const same = on.flatMap((kind) => classes[kind].filter(({ members }) => members[0] === condition))[0];
    return (same?.members.slice(1) ?? []).map((other) => {
      const more = other.bits - condition.bits;
      return { model: model.with(i, when(other, primitive)), bits: bits + more, total: total + more, openBits };
    });
  });
}

const firstOf = ({ members }: ConditionClass): Condition[] => members.slice(0, 1);

function conditionalLosses({ candidates, classes }: SearchProblem): Model[] {
  const losses = candidates.filter(({ kind }) => kind === 'lost');
  return losses.flatMap((loss) => {
    const kind = loss.on.at(-1);
    return kind ? classes[kind].flatMap(firstOf).map((condition) => [when(condition, loss)]) : [];
  });
}

interface Ranked {
  readonly primitive: Primitive;
  /** Windows that it explains, of those that a right loader does not. */
  readonly explains: number;
  readonly fits: number;
}

async function rank({ problem, pace }: Search, primitives: readonly Primitive[]): Promise<Ranked[] | undefined> {
  const wrong = problem.windows.filter(({ differing }) => differing > 0).slice(0, RANKING_WINDOWS);
  const right = problem.windows.filter(({ differing }) => differing === 0).slice(0, RANKING_WINDOWS / 2);
  const ranked: Ranked[] = [];
  for (const primitive of primitives) {
    if (!(await pace.goOn())) return undefined;
    const explains = explainedBy(problem, primitive, wrong);
    ranked.push({ primitive, explains, fits: explains + explainedBy(problem, primitive, right) });
  }
  return ranked.sort((a, b) => b.fits - a.fits || a.primitive.bits - b.primitive.bits);
}

const explainedBy = (problem: SearchProblem, primitive: Primitive, windows: readonly Window[]): number =>
  windowsExplained(problem, [primitive], windows);

/** Deviations that explain something, under every condition. */
function* conditional({ classes }: SearchProblem, ranked: readonly Ranked[]): Iterable<Model> {
  for (const { primitive, explains } of ranked) {
    const kind = primitive.on.length === 1 ? primitive.on[0] : undefined;
    if (explains === 0 || !kind || primitive.kind === 'lost' || primitive.kind === 'late') continue;
    for (const each of classes[kind]) for (const condition of firstOf(each)) yield [when(condition, primitive)];
  }
}

/** How many of the others are tried before the next of the beam has its turn. */
const OTHERS_PER_TURN = 8;

/** The best with all, those first that are good on both sides; some data in every case. */
function* pairs(problem: SearchProblem, ranked: readonly Ranked[]): Iterable<Model> {
  const losses = conditionalLosses(problem).flat();
  const beam = ranked
    .filter(({ primitive }, i) => i < BEAM || isPlainData(primitive))
    .map(({ primitive }) => primitive);
  const others = [...ranked.map(({ primitive }) => primitive), ...losses];
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

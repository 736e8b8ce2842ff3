/** A model as a machine: which deviations act on an operation, and where its bytes go. It runs nothing. */
import type { Hooks, Model, Primitive, Runs } from '../grammar/primitive.ts';
import { STAGES } from '../grammar/primitive.ts';
import { once } from '../primitives/once.ts';
import { clipRuns, cutRuns } from '../primitives/runs.ts';
import type { Ground, Step, StepKind } from '../recording/steps.ts';

/** A model, sorted by the operations that it changes. */
export interface Machine {
  readonly ground: Ground;
  readonly chains: Readonly<Record<StepKind, readonly Primitive[]>>;
  readonly order: ((steps: readonly Step[]) => readonly Step[]) | undefined;
  /** All steps as those that come after a filter see them; default as they are. */
  readonly seen: ((steps: readonly Step[]) => readonly Step[]) | undefined;
  readonly outcomes: StepOutcomes | undefined;
}

/** By the place of a step: whether reads tell that it was lost or that it was done. */
export type StepOutcomes = ReadonlyMap<number, 'lost' | 'done'>;

export function machineOf(model: Model, ground: Ground, told?: StepOutcomes): Machine {
  const outcomes = told && onlyLoses(model) ? told : undefined;
  const sorted = model.length < 2 ? model : [...model].sort((a, b) => STAGES[a.stage] - STAGES[b.stage]);
  const chains = { erase: chainOf(sorted, 'erase'), write: chainOf(sorted, 'write'), read: chainOf(sorted, 'read') };
  if (!sorted.some(({ hooks }) => hooks.schedule))
    return { ground, chains, order: undefined, seen: undefined, outcomes };
  const schedules = sorted.flatMap(({ hooks }) => (hooks.schedule ? [hooks.schedule] : []));
  const order = once((steps) => schedules.reduce((all, schedule) => schedule(all), steps));
  const seen = sorted.find(({ hooks }) => hooks.sees)?.hooks.sees;
  return { ground, chains, order, seen, outcomes };
}

/** What reads tell of single operations holds where these are lost or done: beside other deviations it may be wrong. */
const onlyLoses = (model: Model): boolean =>
  model.length < 2 || model.every(({ kind, hooks }) => kind === 'lost' || hooks.guard);

function chainOf(sorted: Model, kind: StepKind): readonly Primitive[] {
  const [only] = sorted;
  if (sorted.length === 1 && only) return only.on.includes(kind) ? sorted : EMPTY_CHAIN;
  const chain = sorted.filter(({ on }) => on.includes(kind));
  // A sector is found first, then it is erased in part or with others.
  return kind === 'erase' ? chain.sort((a, b) => Number(a.stage === 'part') - Number(b.stage === 'part')) : chain;
}

const EMPTY_CHAIN: readonly Primitive[] = [];

export const applies = ({ condition }: Primitive, step: Step): boolean => !condition || condition.holds(step);

/** The hooks of the first deviation of a chain that has a certain one and applies. */
export function withHook(chain: readonly Primitive[], step: Step, name: keyof Hooks): Hooks | undefined {
  for (const primitive of chain)
    if (primitive.hooks[name] !== undefined && applies(primitive, step)) return primitive.hooks;
  return undefined;
}

export const wholeOf = ({ address, length }: Step): Runs => [0, address, length];

export interface Interest {
  /** Only these indices of the block matter. */
  readonly indices?: readonly [low: number, high: number];
  /** Only these offsets matter. */
  readonly offsets?: readonly [low: number, high: number];
}

/** Where a step's bytes go or come from; `undefined` where it has no effect. More than what matters may be given. */
export function modelRunsOf(
  chain: readonly Primitive[],
  step: Step,
  ground: Ground,
  { indices, offsets }: Interest = {},
): Runs | undefined {
  let runs: Runs = wholeOf(step);
  if (indices) runs = cutRuns(runs, ...indices);
  for (const primitive of chain) {
    const { drops, runs: change, reach } = primitive.hooks;
    if ((!drops && !change) || !applies(primitive, step)) continue;
    if (drops) return undefined;
    const within = offsets && isLastToMove(chain, primitive) ? offsets : undefined;
    if (within && reach) runs = clipRuns(runs, ...reach(within[0], within[1], step));
    if (change) runs = change(runs, step, ground, within);
  }
  return runs;
}

function isLastToMove(chain: readonly Primitive[], primitive: Primitive): boolean {
  for (let i = chain.length - 1; i >= 0; i--) if (chain[i]?.hooks.runs) return chain[i] === primitive;
  return true;
}

/** Whether a step can touch anything in [low, high). */
export function mayTouch(
  chain: readonly Primitive[],
  step: Step,
  ground: Ground,
  offsets: readonly [low: number, high: number],
): boolean {
  let start = step.address;
  let end = start + step.length;
  for (const primitive of chain) {
    const { runs, box } = primitive.hooks;
    if (!runs || !applies(primitive, step)) continue;
    if (!box) return true;
    const bounds = box(start, end, step, ground);
    start = bounds[0];
    end = bounds[1];
  }
  return start < offsets[1] && end > offsets[0];
}

/** Whether deviations send bytes where they turned up, without a simulation: what does not is tried later, or never. */

import { isOldMark } from '../grammar/marks.ts';
import type { Model, Primitive, Runs } from '../grammar/primitive.ts';
import type { Ground, Step } from '../recording/steps.ts';
import { type Machine, machineOf, modelRunsOf } from '../simulate/machine.ts';
import { sourceIndex, tableAt, transformOf } from '../simulate/transform.ts';
import type { Trace } from './landing.ts';

/** Whether a deviation changes where bytes of writes or reads go or come from. */
export const isOfPlaces = ({ stage, on, hooks }: Primitive): boolean =>
  hooks.runs !== undefined &&
  (stage === 'block' || stage === 'byte' || stage === 'second') &&
  on.some((kind) => kind !== 'erase');

/** Of some traces, how many go where a model sends them; it ends early when fewer than `least` can. */
export function tracesFit(traces: readonly Trace[], model: Model, ground: Ground, least = 0): number {
  const machine = machineOf(model, ground);
  let fitting = 0;
  for (const [n, trace] of traces.entries()) {
    if (leadsThere(machine, trace)) fitting++;
    else if (fitting + traces.length - n - 1 < least) return fitting;
  }
  return fitting;
}

function leadsThere({ chains, ground }: Machine, { write, i, read, j }: Trace): boolean {
  const isReadRight = chains.read.length === 0;
  const source = isReadRight ? read.address + j : modelRunsOf(chains.read, read, ground, { indices: [j, j + 1] })?.[1];
  if (chains.write.length === 0) return source === write.address + i;
  const to = modelRunsOf(chains.write, write, ground, { indices: [i, i + 1] }) ?? [];
  for (let r = 1; r < to.length; r += 3) if (source !== undefined && to[r] === source) return true;
  return false;
}

/** Fewer tell nothing. */
const LEAST_TRACES = 6;
const LEAST_DISPLACED = 3;
/** What a place must explain of all traces to be the whole truth: some are chance. */
const LEAST_FITTING = 0.6;

export interface Sieved {
  /** Those that may be the whole truth, and of them those that explain where bytes turned up. */
  readonly whole: readonly Primitive[];
  readonly leading: readonly Primitive[];
  readonly others: readonly Primitive[];
  readonly traces: readonly Trace[];
}

/** Sorts deviations of places by whether they send enough where it turned up; all others may be the truth. */
export function sievePlaces(primitives: readonly Primitive[], traces: readonly Trace[], ground: Ground): Sieved {
  if (traces.length < LEAST_TRACES) return { whole: primitives, leading: [], others: [], traces };
  const least = Math.ceil(traces.length * LEAST_FITTING);
  const whole: Primitive[] = [];
  const leading: Primitive[] = [];
  const others: Primitive[] = [];
  for (const primitive of primitives) {
    const isLeading = isOfPlaces(primitive) && tracesFit(traces, [primitive], ground, least) >= least;
    if (isLeading) leading.push(primitive);
    if (isLeading || !isOfPlaces(primitive)) whole.push(primitive);
    else others.push(primitive);
  }
  return { whole, leading, others, traces };
}

/** Those that may be part of the truth: deviations of places have to explain some of what turned up elsewhere. */
export function partlyLeading(
  primitives: readonly Primitive[],
  { whole, others, traces }: Sieved,
  ground: Ground,
): readonly Primitive[] {
  const displaced = displacedOf(traces, ground);
  if (others.length === 0 || displaced.length < LEAST_DISPLACED) return primitives;
  const known = new Set(whole);
  return primitives.filter((primitive) => known.has(primitive) || explainsAny(displaced, primitive, ground));
}

/** Those that a right loader does not bring there. */
function displacedOf(traces: readonly Trace[], ground: Ground): Trace[] {
  const right = machineOf([], ground);
  return traces.filter((trace) => !leadsThere(right, trace));
}

function explainsAny(traces: readonly Trace[], primitive: Primitive, ground: Ground): boolean {
  const machine = machineOf([primitive], ground);
  return traces.some((trace) => leadsThere(machine, trace));
}

/**
 * Of bytes that were sent once and turned up in one read, whether a model brings them there, all but one: what is much alike
 * may come from elsewhere by chance. What answers from copies, or takes other steps' bytes, may bring anything anywhere:
 * `otherwise` is for these.
 */
export function bringsAll(surely: readonly Trace[], model: Model, ground: Ground, otherwise: boolean): boolean {
  if (model.some(mayBringAny)) return otherwise;
  const machine = machineOf(model, ground);
  let missing = 0;
  for (const trace of surely) if (!bringsThere(machine, trace) && ++missing > 1) return false;
  return true;
}

const mayBringAny = ({ on, hooks: { source, lines, schedule, data } }: Primitive): boolean =>
  (source ?? lines ?? schedule ?? data?.resize ?? data?.key) !== undefined ||
  (data?.looksBack === true && on.includes('write'));

/** As `leadsThere`, with what moves bytes within their blocks and what becomes of them. */
function bringsThere({ chains, ground }: Machine, { write, i, read, j }: Trace): boolean {
  const inRead = indexBehind(chains.read, read, j);
  if (inRead === undefined) return true;
  const source =
    chains.read.length === 0
      ? read.address + j
      : modelRunsOf(chains.read, read, ground, { indices: [inRead, inRead + 1] })?.[1];
  if (source === undefined) return false;
  const runs = modelRunsOf(chains.write, write, ground, { offsets: [source, source + 1] }) ?? [];
  return landedFrom(runs, source).some((index) => {
    const from = indexBehind(chains.write, write, index);
    if (from === undefined || from !== i) return from === undefined;
    const sent = asChanged(chains.write, write, { index, byte: write.bytes[i] ?? 0 });
    return asChanged(chains.read, read, { index: j, byte: sent }) === read.bytes[j];
  });
}

/** Indices of a block whose bytes go to one offset. */
function landedFrom(runs: Runs, offset: number): number[] {
  const indices: number[] = [];
  for (let r = 0; r < runs.length; r += 3) {
    const by = offset - (runs[r + 1] ?? 0);
    if (by >= 0 && by < (runs[r + 2] ?? 0)) indices.push((runs[r] ?? 0) + by);
  }
  return indices;
}

/** The index from which a byte of a block comes, -1 or a mark for none; `undefined` where it is one of another block. */
function indexBehind(chain: readonly Primitive[], step: Step, index: number): number | undefined {
  const transform = transformOf(chain, step);
  const at = transform ? sourceIndex(transform, index, step.length) : index;
  return isOldMark(at) ? undefined : at;
}

/** What a table makes of a byte that arrives at an index. */
function asChanged(
  chain: readonly Primitive[],
  step: Step,
  { index, byte }: { readonly index: number; readonly byte: number },
): number {
  const transform = transformOf(chain, step);
  const table = transform && tableAt(transform, index);
  return table ? (table[byte] ?? 0) : byte;
}

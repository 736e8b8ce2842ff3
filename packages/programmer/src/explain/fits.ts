/** How well deviations agree with what was seen, without a simulation: a quick sieve for pairs. It decides nothing. */
import { bitCount } from './check.ts';
import type { Trace } from './estimate/landing.ts';
import type { Seen, SeenBlock } from './estimate/seen.ts';
import { type Machine, machineOf, modelRunsOf, wholeOf } from './machine.ts';
import { type Model, markedValue, type Primitive } from './primitive.ts';
import { placeInRuns } from './primitives/runs.ts';
import type { Ground, Step } from './steps.ts';
import { sourceIndex, tableAt, transformOf } from './transform.ts';

const FITTED_BLOCKS = 5;
/** Not a multiple of any usual group or period. */
const EVERY = 23;

/** Some blocks that came out wrong, in which a change of data can be seen. */
export function telltaleBlocks({ blocks }: Seen): SeenBlock[] {
  const wrong = blocks.filter((block) => block.wrong > 0).sort((a, b) => b.wrong - a.wrong);
  const every = Math.max(1, Math.floor(wrong.length / 2 / FITTED_BLOCKS));
  return wrong.filter((_, i) => i % every === 0).slice(0, FITTED_BLOCKS);
}

/** Share of the bits of some blocks that come out as they were read if `primitive` is what becomes of their bytes; -1: none can be told. */
export function dataFit(blocks: readonly SeenBlock[], primitive: Primitive | undefined, erased: number): number {
  let all = 0;
  let wrong = 0;
  for (const { step, found } of blocks) {
    const transform = primitive && transformOf([primitive], step);
    for (let i = step.index % EVERY; i < step.length; i += EVERY) {
      const is = found[i] ?? -1;
      // What is erased may be lost as well.
      if (is < 0 || is === erased) continue;
      const at = transform ? sourceIndex(transform, i, step.length) : i;
      if (at >= step.length || (at < 0 && markedValue(at) === undefined)) continue;
      let byte = at < 0 ? (markedValue(at) ?? erased) : (step.bytes[at] ?? 0);
      const table = transform && tableAt(transform, i);
      if (table) byte = table[byte] ?? 0;
      for (const key of transform?.keys ?? []) byte ^= key(i, step.address + i, step) & 0xff;
      all += 8;
      wrong += bitCount(byte ^ is);
    }
  }
  return all === 0 ? -1 : 1 - wrong / all;
}

/** Share of the bytes of some blocks that are right where `primitive` lets them arrive, and wrong where it does not. */
export function partFit(blocks: readonly SeenBlock[], primitive: Primitive | undefined, ground: Ground): number {
  let all = 0;
  let fitting = 0;
  for (const { step, found } of blocks) {
    const runs = primitive?.hooks.runs?.(wholeOf(step), step, ground) ?? wholeOf(step);
    for (let i = step.index % EVERY; i < step.length; i += EVERY) {
      if ((found[i] ?? -1) < 0 || step.bytes[i] === ground.erasedValue) continue;
      const arrives = placeInRuns(runs, i) !== undefined;
      all++;
      if (arrives === (found[i] === step.bytes[i])) fitting++;
    }
  }
  return all === 0 ? -1 : fitting / all;
}

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
  const to = modelRunsOf(chains.write, write, ground, { indices: [i, i + 1] }) ?? [];
  const from = modelRunsOf(chains.read, read, ground, { indices: [j, j + 1] }) ?? [];
  const source = from[1];
  for (let r = 1; r < to.length; r += 3) if (source !== undefined && to[r] === source) return true;
  return false;
}

/** Whether a deviation changes where bytes of writes or reads go or come from. */
export const isOfPlaces = ({ stage, on, hooks }: Primitive): boolean =>
  hooks.runs !== undefined &&
  (stage === 'block' || stage === 'byte' || stage === 'second') &&
  on.some((kind) => kind !== 'erase');

/** Two reads of different places, and whether they gave the same. */
export interface Echo {
  readonly reads: readonly [Step, Step];
  readonly isSame: boolean;
}

const ECHO_BYTES = 64;
const MOST_ECHOES = 12;

/** Reads that begin alike, though nothing alike was to stand there, and as many neighbours that do not. */
export function findEchoes({ after }: Seen): Echo[] {
  const heads = new Map<string, Step>();
  const same: Echo[] = [];
  const others: Echo[] = [];
  let last: Step | undefined;
  for (const { step, value, unknown } of after) {
    const head = step.bytes.subarray(0, ECHO_BYTES);
    if (head.length < ECHO_BYTES || new Set(head).size < ECHO_BYTES / 8) continue;
    const key = head.join();
    const other = heads.get(key);
    const isDue = value.subarray(0, ECHO_BYTES).every((byte, i) => unknown[i] === 0 && byte === head[i]);
    if (!other) {
      heads.set(key, step);
      if (last) others.push({ reads: [last, step], isSame: false });
      last = step;
    } else if (other.address !== step.address && !isDue) same.push({ reads: [other, step], isSame: true });
  }
  return same.length === 0 ? [] : [...someEchoes(same), ...someEchoes(others)];
}

function someEchoes(echoes: readonly Echo[]): Echo[] {
  const every = Math.max(1, Math.floor(echoes.length / MOST_ECHOES));
  return echoes.filter((_, i) => i % every === 0).slice(0, MOST_ECHOES);
}

/** Of some echoes, the share that a model gives: the same where both come from one place, else not. */
export function echoFit(echoes: readonly Echo[], model: Model, ground: Ground): number {
  if (echoes.length === 0) return 0;
  const { chains } = machineOf(model, ground);
  const sourceOf = (step: Step): number | undefined => modelRunsOf(chains.read, step, ground, { indices: [0, 1] })?.[1];
  const fitting = echoes.filter(({ reads: [one, other], isSame }) => (sourceOf(one) === sourceOf(other)) === isSame);
  return fitting.length / echoes.length;
}

/** Fewer tell nothing. */
const LEAST_TRACES = 6;
const LEAST_DISPLACED = 3;
/** What a place must explain of all traces to be the whole truth: some are chance. */
const LEAST_FITTING = 0.6;

export interface Sieved {
  /** Those that may be the whole truth. */
  readonly whole: readonly Primitive[];
  /** Those that may be part of it. */
  readonly part: readonly Primitive[];
  readonly others: readonly Primitive[];
}

/** Sorts deviations of places by whether they send anything where it turned up; all others may be the truth. */
export function sievePlaces(primitives: readonly Primitive[], traces: readonly Trace[], ground: Ground): Sieved {
  if (traces.length < LEAST_TRACES) return { whole: primitives, part: primitives, others: [] };
  const right = machineOf([], ground);
  const displaced = traces.filter((trace) => !leadsThere(right, trace));
  const least = Math.ceil(traces.length * LEAST_FITTING);
  const whole: Primitive[] = [];
  const part: Primitive[] = [];
  const others: Primitive[] = [];
  for (const primitive of primitives) {
    const isOpen = !isOfPlaces(primitive);
    const isWhole = isOpen || tracesFit(traces, [primitive], ground, least) >= least;
    const isPart = isWhole || displaced.length < LEAST_DISPLACED || explainsAny(displaced, primitive, ground);
    if (isWhole) whole.push(primitive);
    else others.push(primitive);
    if (isPart) part.push(primitive);
  }
  return { whole, part, others };
}

function explainsAny(traces: readonly Trace[], primitive: Primitive, ground: Ground): boolean {
  const machine = machineOf([primitive], ground);
  return traces.some((trace) => leadsThere(machine, trace));
}

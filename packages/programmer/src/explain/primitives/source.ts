/** Deviations of the source: reads that do not come from flash, and writes of another block's bytes. */
import { bitsOfNumber } from '../grammar/condition.ts';
import type { Hooks, LinePiece, LinePlan, Primitive } from '../grammar/primitive.ts';
import type { Step, StepKind } from '../recording/steps.ts';
import { once } from './once.ts';

export function constant(value: number): Primitive {
  const bits = value === 0xff || value === 0 ? 2 : 8;
  return { kind: 'constant', stage: 'source', on: ['read'], parameters: { value }, bits, hooks: { constant: value } };
}

function before(step: Step, steps: readonly Step[], kind: StepKind): Step | undefined {
  for (let at = step.at - 1; at >= 0 && steps[at]?.session === step.session; at--)
    if (steps[at]?.kind === kind) return steps[at];
  return undefined;
}

/** Reads give the block that was written last, or `fill` before there was one. */
export function echo(fill: number): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | 'none' => before(step, steps, 'write')?.at ?? 'none';
  return {
    kind: 'echo',
    stage: 'source',
    on: ['read'],
    parameters: { fill },
    bits: 4,
    hooks: { source: { instead }, fill },
  };
}

/** Reads give the answer of the one before again, and `fill` where that was shorter. */
export function again(fill: number): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | undefined => before(step, steps, 'read')?.at;
  return {
    kind: 'again',
    stage: 'source',
    on: ['read'],
    parameters: { fill },
    bits: 4,
    hooks: { source: { instead }, fill },
  };
}

/**
 * Every write has the bytes of the one before it; the first has none (`keeps` 0), its own (1), or its own in every run (2).
 */
export function lateData(keeps: number): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | 'none' | undefined => {
    if (keeps === 2 && step.number === 0) return undefined;
    return before(step, steps, 'write')?.at ?? (keeps === 1 ? undefined : 'none');
  };
  const hooks: Hooks = { source: { instead } };
  return { kind: 'previous-data', stage: 'source', on: ['write'], parameters: { keeps }, bits: 5, hooks };
}

/** The same where a longer block is cut before other deviations change it. */
export function cutFirst(primitive: Primitive): Primitive {
  const { hooks, parameters, bits } = primitive;
  if (!hooks.source) return primitive;
  const source = { ...hooks.source, isCut: true } as const;
  return { ...primitive, parameters: { ...parameters, cut: 1 }, bits: bits + 1, hooks: { ...hooks, source } };
}

/** Every read gives what the one before it should have given, and `fill` where that was shorter or was none. */
export function lateAnswer(fill: number): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | 'none' => before(step, steps, 'read')?.at ?? 'none';
  const hooks: Hooks = { source: { instead, isRaw: true }, fill };
  return { kind: 'lag', stage: 'source', on: ['read'], parameters: { fill }, bits: 5, hooks };
}

/** Every block has the bytes of the first one, since the address was set (`ofRun`) or at all. */
export function firstData(ofRun: boolean): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | undefined => {
    let first: number | undefined;
    for (let at = step.at; at >= 0 && steps[at]?.session === step.session; at--) {
      if (steps[at]?.kind !== 'write') continue;
      first = at;
      if (ofRun && steps[at]?.number === 0) return at;
    }
    return first;
  };
  return {
    kind: 'first-data',
    stage: 'source',
    on: ['write'],
    parameters: { ofRun: ofRun ? 1 : 0 },
    bits: 5,
    hooks: { source: { instead } },
  };
}

/** An earlier read is answered again. `by` 0: the same address; else a cache of lines of `by` bytes. */
export function cache(by: number): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | undefined => {
    for (const other of steps) {
      if (other.at >= step.at) return undefined;
      if (other.session !== step.session) continue;
      if (other.kind !== 'read' || step.address + step.length > other.address + other.length) continue;
      if (by === 0 ? other.address === step.address : other.address <= step.address) return other.at;
    }
    return undefined;
  };
  const offset = (step: Step, source: Step): number => step.address - source.address;
  const hooks: Hooks = { source: { instead, offset } };
  return { kind: 'cache', stage: 'source', on: ['read'], parameters: { by }, bits: 5 + (by > 0 ? 1 : 0), hooks };
}

/**
 * Reads come from lines of `size` bytes, each filled when something in it is first asked for, and from then on as it was;
 * the newest `count` of them are kept.
 */
export function staleLines(size: number, count: number): Primitive {
  const parameters = { size, count };
  const bits = 3 + bitsOfNumber(size) + bitsOfNumber(count);
  const lines = once((steps) => linePlan(steps, size, count));
  return { kind: 'cache', stage: 'source', on: ['read'], parameters, bits, hooks: { lines } };
}

function linePlan(steps: readonly Step[], size: number, count: number): LinePlan {
  const pieces = new Map<number, LinePiece[]>();
  const filled = new Map<number, [start: number, end: number][]>();
  /** When each line was filled, the oldest first. */
  const kept = new Map<number, number>();
  let session = 0;
  for (const step of steps) {
    if (step.kind !== 'read') continue;
    if (step.session !== session) kept.clear();
    ({ session } = step);
    const own: { from: number; to: number; filledAt: number }[] = [];
    let last: (typeof own)[number] | undefined;
    for (let from = 0; from < step.length; ) {
      const start = Math.floor((step.address + from) / size) * size;
      const to = Math.min(step.length, start + size - step.address);
      const filledAt = kept.get(start) ?? step.at;
      if (!kept.has(start)) kept.set(start, step.at);
      const [oldest = start] = kept.keys();
      if (kept.size > count) kept.delete(oldest);
      if (last?.filledAt === filledAt) last.to = to;
      else {
        last = { from, to, filledAt };
        own.push(last);
      }
      if (filledAt !== step.at) addRange(filled, filledAt, [start, start + size]);
      from = to;
    }
    pieces.set(step.at, own);
  }
  return { pieces, filled };
}

/** One behind the last of the same place makes that longer. */
function addRange(ranges: Map<number, [number, number][]>, at: number, [start, end]: [number, number]): void {
  const known = ranges.get(at) ?? [];
  const last = known.at(-1);
  if (last?.[1] === start) last[1] = end;
  else known.push([start, end]);
  ranges.set(at, known);
}

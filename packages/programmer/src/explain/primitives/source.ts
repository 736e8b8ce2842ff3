/** Deviations of the source: reads that do not come from flash, and writes of another block's bytes. */
import type { Hooks, Primitive } from '../primitive.ts';
import type { Step, StepKind } from '../steps.ts';

export function constant(value: number): Primitive {
  const bits = value === 0xff || value === 0 ? 2 : 8;
  return { kind: 'constant', stage: 'source', on: ['read'], parameters: { value }, bits, hooks: { constant: value } };
}

function before(step: Step, steps: readonly Step[], kind: StepKind): Step | undefined {
  for (let at = step.at - 1; at >= 0; at--) if (steps[at]?.kind === kind) return steps[at];
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

/** Every read gives what the one before it should have given, and `fill` where that was shorter or was none. */
export function lateAnswer(fill: number): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | 'none' => before(step, steps, 'read')?.at ?? 'none';
  const hooks: Hooks = { source: { instead, isRaw: true }, fill };
  return { kind: 'lag', stage: 'source', on: ['read'], parameters: { fill }, bits: 5, hooks };
}

/** Every block has the bytes of the first one, since the address was set (`ofRun`) or at all. */
export function firstData(ofRun: boolean): Primitive {
  const instead = (step: Step, steps: readonly Step[]): number | undefined =>
    steps.find(({ kind, run }) => kind === 'write' && (!ofRun || run === step.run))?.at;
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
      if (other.kind !== 'read' || step.address + step.length > other.address + other.length) continue;
      if (by === 0 ? other.address === step.address : other.address <= step.address) return other.at;
    }
    return undefined;
  };
  const offset = (step: Step, source: Step): number => step.address - source.address;
  const hooks: Hooks = { source: { instead, offset } };
  return { kind: 'cache', stage: 'source', on: ['read'], parameters: { by }, bits: 5 + (by > 0 ? 1 : 0), hooks };
}

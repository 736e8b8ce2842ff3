/** Deviations of amount: what is lost, late or cut short. */

import { bitsOfNumber } from '../grammar/condition.ts';
import { fixedMark, isOldMark, NO_BYTE } from '../grammar/marks.ts';
import type { Hooks, Primitive, PrimitiveKind } from '../grammar/primitive.ts';
import type { Scope, Step } from '../recording/steps.ts';
import { clipRuns, cutRuns } from './runs.ts';

/** The operation has no effect. */
export function lost(on: Scope): Primitive {
  const bits = on.length > 1 ? 3 : on[0] === 'erase' ? 2 : 1;
  return { kind: 'lost', stage: 'gate', on, parameters: {}, bits, hooks: { drops: true } };
}

/** Takes effect when `by` more operations of the kinds in `at` have come; what waits at the end is lost. */
export function late(on: Scope, at: Scope, by: number): Primitive {
  const schedule = (steps: readonly Step[]): Step[] => {
    const done: Step[] = [];
    const waiting: { step: Step; left: number }[] = [];
    for (const [i, step] of steps.entries()) {
      if (step.session !== steps[i - 1]?.session) waiting.length = 0;
      if (at.includes(step.kind)) {
        for (const each of waiting) each.left--;
        while (waiting[0] && waiting[0].left <= 0) done.push(...waiting.splice(0, 1).map((each) => each.step));
      }
      if (on.includes(step.kind)) waiting.push({ step, left: by });
      else done.push(step);
    }
    return done;
  };
  const parameters = { by, ...kindsIn(at) };
  return { kind: 'late', stage: 'gate', on, parameters, bits: 4 + by + at.length, hooks: { schedule } };
}

const kindsIn = (at: Scope): { erases: number; writes: number } => ({
  erases: at.includes('erase') ? 1 : 0,
  writes: at.includes('write') ? 1 : 0,
});

/** Only one operation can wait for the next of the kinds in `at`: one that comes meanwhile takes its place. */
export function pending(on: Scope, at: Scope): Primitive {
  const schedule = (steps: readonly Step[]): Step[] => {
    const done: Step[] = [];
    let waiting: Step | undefined;
    for (const [i, step] of steps.entries()) {
      if (step.session !== steps[i - 1]?.session) waiting = undefined;
      if (waiting && at.includes(step.kind) && !on.includes(step.kind)) {
        done.push(waiting);
        waiting = undefined;
      }
      if (on.includes(step.kind)) waiting = step;
      else done.push(step);
    }
    return done;
  };
  const parameters = { by: 1, ...kindsIn(at), places: 1 };
  return { kind: 'late', stage: 'gate', on, parameters, bits: 6, hooks: { schedule } };
}

function part(
  kind: PrimitiveKind,
  on: Scope,
  n: number,
  cut: (length: number) => readonly [number, number],
): Primitive {
  const hooks: Hooks = {
    runs: (runs, { length }) => cutRuns(runs, ...cut(length)),
    box: (low, high) => [low, high],
    distance: 0,
  };
  return { kind, stage: 'part', on, parameters: { bytes: n }, bits: 2 + bitsOfNumber(n), hooks };
}

export const headLost = (on: Scope, n: number): Primitive => part('head-lost', on, n, (length) => [n, length]);
export const tailLost = (on: Scope, n: number): Primitive => part('tail-lost', on, n, (length) => [0, length - n]);
export const headOnly = (on: Scope, n: number): Primitive => part('head-only', on, n, () => [0, n]);
export const tailOnly = (on: Scope, n: number): Primitive => part('tail-only', on, n, (length) => [length - n, length]);
/** Only whole multiples of `n` bytes of a block count. */
export const oddTailLost = (on: Scope, n: number): Primitive =>
  part('odd-tail-lost', on, n, (length) => [0, length - (length % n)]);

/** Of every block only the first 1/`count` counts. */
export function headShare(on: Scope, count: number): Primitive {
  const { hooks } = part('head-only', on, 1, (length) => [0, Math.floor(length / count)]);
  return { kind: 'head-only', stage: 'part', on, parameters: { count }, bits: 3 + bitsOfNumber(count), hooks };
}

/** Bytes below `limit` (`above` 0), or from it on, do not count, wherever the block begins. */
export function bounded(on: Scope, limit: number, above: number): Primitive {
  const hooks: Hooks = {
    runs: (runs) => (above ? clipRuns(runs, -LARGE, limit) : clipRuns(runs, limit, LARGE)),
    box: (low, high) => [low, high],
    distance: 0,
  };
  const bits = 3 + on.length + bitsOfNumber(limit);
  return { kind: 'bounded', stage: 'part', on, parameters: { limit, above }, bits, hooks };
}

/** More than any flash has. */
const LARGE = 2 ** 32;

/** A byte, or what stands for one. */
type PaddedWith = Exclude<keyof typeof NO_BYTE, 'none'> | number;

/** A block is filled up to a multiple of `multiple` bytes. */
export function padded(multiple: number, filling: PaddedWith): Primitive {
  const mark = typeof filling === 'number' ? fixedMark(filling) : NO_BYTE[filling];
  const hooks: Hooks = {
    runs: (runs, { address, length }) => [...runs, ...padding(address, length, multiple)],
    box: (low, high) => [low, high + multiple],
    data: {
      move: (i, length) => (i < length ? i : mark),
      looksBack: isOldMark(mark),
      resize: (length) => Math.ceil(length / multiple) * multiple,
    },
  };
  const parameters = { multiple, filling: mark };
  const bits = 3 + bitsOfNumber(multiple) + (typeof filling === 'number' ? 4 : 0);
  return { kind: 'padded', stage: 'part', on: ['write'], parameters, bits, hooks };
}

/** The same where the end of a block has come to lie, or where its bytes have changed already: padding goes on from there. */
export function paddedBehind(primitive: Primitive, stage: 'second' | 'data'): Primitive {
  const { parameters, bits, hooks } = primitive;
  const { multiple = 1 } = parameters;
  const runs: Hooks['runs'] = (all, { length }) => {
    const [index = 0, address = 0] = all.slice(-3);
    return all.length === 0 ? all : [...all, ...padding(address - index, length, multiple)];
  };
  return {
    ...primitive,
    stage,
    parameters: { ...parameters, after: stage === 'second' ? 1 : 2 },
    bits: bits + 1,
    hooks: { ...hooks, runs },
  };
}

/** Each of the pieces is filled up into which another deviation has cut a block, always with the same. */
export function paddedPieces(primitive: Primitive): Primitive {
  const { parameters, bits, hooks } = primitive;
  const { multiple = 1 } = parameters;
  const runs: Hooks['runs'] = (all, { length }) => {
    const filled: number[] = [];
    // Behind the block, every index stands for the filling.
    let index = length;
    for (let r = 0; r < all.length; r += 3) {
      const own = all.slice(r, r + 3);
      const [, to = 0, size = 0] = own;
      const [, address, rest = 0] = padding(to, size, multiple);
      filled.push(...own, ...(address === undefined ? [] : [index, address, rest]));
      index += rest;
    }
    return filled;
  };
  const data = hooks.data && { ...hooks.data, resize: () => Number.POSITIVE_INFINITY };
  return {
    ...primitive,
    stage: 'second',
    parameters: { ...parameters, after: 3 },
    bits: bits + 1,
    hooks: { ...hooks, data, runs },
  };
}

function padding(address: number, length: number, multiple: number): number[] {
  const rest = length % multiple;
  return rest === 0 ? [] : [length, address + length, multiple - rest];
}

/** What did not come of a read is given as this. */
export function filled(primitive: Primitive, fill: number): Primitive {
  const { parameters, hooks, bits } = primitive;
  return { ...primitive, parameters: { ...parameters, fill }, bits: bits + 2, hooks: { ...hooks, fill } };
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tryModel } from '../exact/exact.ts';
import { type SearchProblem, searchProblemOf } from '../exact/problem.ts';
import { condition } from '../grammar/condition.ts';
import { keyOf, keyOfModel, type Model, type Primitive, when } from '../grammar/primitive.ts';
import * as data from '../primitives/data.ts';
import * as erase from '../primitives/erase.ts';
import { lost } from '../primitives/part.ts';
import * as place from '../primitives/place.ts';
import type { Change, Operation, ReadRequest, Shape } from '../recording/record.ts';
import { machineOf, modelRunsOf } from '../simulate/machine.ts';
import { predict } from '../simulate/predict.ts';
import { windowCells } from '../simulate/read-cells.ts';
import { madeUpBytes } from '../verdict/jobs.ts';
import { check } from './check.ts';
import { isWrongInLoneBytes } from './lone-bytes.ts';
import { checkWindow, type Window } from './windows.ts';

const START = 0x0800_0000;
const SIZE = 0x4000;
const BLOCK = 512;
const IMAGE = 11 * BLOCK + 100;
const shapeOf = (isEcc: boolean): Shape => ({
  start: START,
  end: START + SIZE,
  sectors: Array.from({ length: SIZE / 1024 }, (_, i) => ({ start: START + i * 1024, end: START + (i + 1) * 1024 })),
  erasedValue: 0xff,
  cells: isEcc ? 'ecc' : 'plain',
  writeSize: isEcc ? 8 : 2,
});

/** A job in two pieces, read before and after, with looks at other places. */
const asked: readonly (Change | ReadRequest)[] = (() => {
  const image = madeUpBytes(4, IMAGE);
  const blocks = Array.from({ length: Math.ceil(IMAGE / BLOCK) }, (_, i) => {
    const base = START + (i < 6 ? 1024 : 9 * 1024);
    const number = i < 6 ? i : i - 6;
    return { base, number, address: base + number * BLOCK, bytes: image.subarray(i * BLOCK, (i + 1) * BLOCK) };
  });
  const reads = blocks.map(({ bytes, ...block }): ReadRequest => ({ kind: 'read', ...block, length: bytes.length }));
  const look = (at: number): ReadRequest => ({
    kind: 'read',
    base: START + at,
    number: 0,
    address: START + at,
    length: 64,
  });
  const looks = [0, 0x800, 0x2000, SIZE - 64].map(look);
  const sectors = [1, 2, 3, 9, 10, 11];
  return [
    ...looks,
    ...reads,
    ...sectors.map((i): Change => ({ kind: 'erase', address: START + i * 1024, length: 1024 })),
    ...blocks.map((block): Change => ({ kind: 'write', ...block })),
    ...reads,
    ...looks,
  ];
})();

/** What such a loader gives, by prediction from known content. */
function recordedBy(truth: Model, isEcc: boolean) {
  const shape = shapeOf(isEcc);
  const answers = predict(truth, shape, asked, { blockSize: BLOCK, content: madeUpBytes(9, SIZE) });
  let next = 0;
  const operations = asked.map((operation): Operation => {
    if (operation.kind !== 'read') return operation;
    const { kind, base, number, address } = operation;
    return { kind, base, number, address, bytes: answers[next++]?.value ?? new Uint8Array(0) };
  });
  return { shape, blockSize: BLOCK, operations };
}

const TRUTHS: readonly Model[] = [
  [place.shift(place.WRITES, 0x100)],
  [erase.eraseUnit(512)],
  [data.swap(place.READS, 4)],
  [when(condition('every', 3, 1), lost(place.WRITES)), data.table(place.WRITES, 'and', 0xfe)],
];
const CONDITIONS = [undefined, condition('every', 2, 1), condition('from-address', 0x2400), condition('first-of-run')];

/** As the search sees them: problems, and any two of their candidates, with a condition or without. */
const tried = TRUTHS.flatMap((truth) => [false, true].map((isEcc) => searchProblemOf(recordedBy(truth, isEcc))));
const some = fc.record({
  problem: fc.nat({ max: tried.length - 1 }),
  first: fc.nat(),
  second: fc.option(fc.nat()),
  under: fc.nat({ max: CONDITIONS.length - 1 }),
});

function modelOf(
  { candidates }: SearchProblem,
  { first, second, under }: { first: number; second: number | null; under: number },
): Model {
  const at = (n: number): Primitive | undefined => candidates[n % candidates.length];
  const one = at(first);
  const strikes = CONDITIONS[under];
  const two = second === null ? undefined : at(second);
  const all = [one && strikes ? when(strikes, one) : one, two].flatMap((each) => each ?? []);
  return all.filter((each, i) => all.findIndex((other) => keyOf(other) === keyOf(each)) === i);
}

/** Place of the last erase of all of a span, 0 for none. */
const lastEraseOf = (steps: SearchProblem['steps'], start: number, end: number, until: number): number =>
  steps.findLast(
    ({ kind, at, address, length }) => kind === 'erase' && at < until && address <= start && address + length >= end,
  )?.at ?? 0;

/** The same without anything that is kept: all steps since a right erase of all of it, from unknown cells on. */
function plainly({ ground, steps, differs }: SearchProblem, model: Model, window: Window): number | undefined {
  const machine = machineOf(model, ground);
  const cells = windowCells(machine, steps, window.step, [window.from, window.to]);
  const erases = cells.map(({ start, end }) => lastEraseOf(steps, start, end, window.step.at));
  const first = erases.length > 0 ? Math.min(...erases) : 0;
  const before = steps.findLast(({ kind, at }) => kind === 'read' && at < window.step.at);
  const isKept = model.some(
    ({ on, hooks: { source, lines, data: bytes } }) =>
      on.includes('erase') ||
      source !== undefined ||
      lines !== undefined ||
      (on.includes('read') && bytes?.looksBack === true && (before?.at ?? 0) < first),
  );
  const some = isKept ? steps : steps.slice(first);
  return check(machine, steps, { limit: 0, cells, focus: window, some, counted: differs })?.toldBits;
}

test('a window says of any model what a run since the last erase of its cells says of it there', () => {
  fc.assert(
    fc.property(some, ({ problem: n, ...picked }) => {
      const problem = tried[n];
      if (!problem) return;
      const model = modelOf(problem, picked);
      const machine = machineOf(model, problem.ground);
      for (const window of problem.chosenWindows.slice(0, 12)) {
        const told = checkWindow(machine, window, problem)?.toldBits;
        expect(`${keyOfModel(model)} ${told}`).toBe(`${keyOfModel(model)} ${plainly(problem, model, window)}`);
      }
    }),
    { numRuns: 150 },
  );
});

/** Whether bytes that a block or a read gives alone refute a model, and a whole run does. */
function refuted({ ground, steps, loneBytes }: SearchProblem, model: Model): { inFew: boolean; inAll: boolean } {
  const machine = machineOf(model, ground);
  return {
    inFew: isWrongInLoneBytes(machine, loneBytes, steps),
    inAll: check(machine, steps, { limit: 0 }) === undefined,
  };
}

test('what a block or a read gives alone refutes no model that a whole run does not, and most of those that it does', () => {
  for (const problem of tried) {
    const ofData = problem.candidates.filter(({ stage, hooks }) => stage === 'data' && hooks.data);
    const models = ofData.map((each, i): Model => {
      const strikes = CONDITIONS[i % CONDITIONS.length];
      return [strikes ? when(strikes, each) : each];
    });
    const found = models.map((model) => ({ model, ...refuted(problem, model) }));
    expect(found.filter(({ inFew, inAll }) => inFew && !inAll).map(({ model }) => keyOfModel(model))).toEqual([]);
    expect(found.filter(({ inFew }) => inFew).length).toBeGreaterThan(0.5 * found.length);
  }
});

test('the same of two deviations of data', () => {
  fc.assert(
    fc.property(some, ({ problem: n, first, second, under }) => {
      const problem = tried[n];
      const ofData = problem?.candidates.filter(({ stage, on }) => stage === 'data' && on[0] === 'write') ?? [];
      if (!problem) return;
      const model = modelOf({ ...problem, candidates: ofData }, { first, second, under });
      const { inFew, inAll } = refuted(problem, model);
      expect(inFew && !inAll ? keyOfModel(model) : '').toBe('');
    }),
    { numRuns: 300 },
  );
});

test('the loader that gave the answers passes in every window and as a whole', () => {
  for (const [i, problem] of tried.entries()) {
    const truth = TRUTHS[i >> 1] ?? [];
    const machine = machineOf(truth, problem.ground);
    expect(problem.windows.every((window) => checkWindow(machine, window, problem))).toBe(true);
    expect(isWrongInLoneBytes(machine, problem.loneBytes, problem.steps)).toBe(false);
    expect(tryModel(problem, truth)).toBeDefined();
  }
});

test('every candidate that states bounds keeps all of an operation within them', () => {
  for (const { candidates, steps, ground } of tried.slice(0, 2)) {
    for (const primitive of candidates) {
      const { box } = primitive.hooks;
      if (!box) continue;
      for (const step of steps.filter(({ kind }) => primitive.on.includes(kind))) {
        const [low, high] = box(step.address, step.address + step.length, step, ground);
        const runs = modelRunsOf([primitive], step, ground) ?? [];
        for (let r = 0; r < runs.length; r += 3) {
          const [, start = 0, length = 0] = runs.slice(r, r + 3);
          if (start < low || start + length > high) throw new Error(`${keyOf(primitive)} leaves its bounds`);
        }
      }
    }
  }
  expect(tried[0]?.candidates.length).toBeGreaterThan(500);
});

/** Answers and blocks that are those of another operation: puts each in its place, so that what deviates besides is looked for alone. */

import { expectRight } from '../check/expect.ts';
import { exchangedBy } from '../estimate/exchanged.ts';
import { VIEWS, viewed } from '../estimate/views.ts';
import { ordersOf } from '../exact/orders.ts';
import { problemOfSteps, type SearchProblem } from '../exact/problem.ts';
import type { Model, Primitive } from '../grammar/primitive.ts';
import { table } from '../primitives/data.ts';
import { READS, reorder, WRITES } from '../primitives/place.ts';
import { cutFirst, firstData, lateAnswer, lateData } from '../primitives/source.ts';
import type { Ground, Step, StepKind } from '../recording/steps.ts';

/** Of the bytes that came out wrong, the share that may still be wrong then. */
const MOST_LEFT = 0.9;

/** Where all is read in the order in which it was written, one looks like the other. */
const MOST_UNDONE = 2;

/** What is looked for where each has what belongs to it, and the deviations that this undoes. */
export interface Undone {
  readonly problem: SearchProblem;
  readonly by: readonly Primitive[];
}

const LATE_ANSWERS: readonly Primitive[] = [0, 0xff].map(lateAnswer);
/** Each is undone as the first of them says: of the others only a block or two differ. */
const OTHER_BLOCKS: readonly (readonly [Primitive, ...Primitive[]])[] = [
  [lateData(1), lateData(0), lateData(2)],
  [firstData(true)],
  [firstData(false)],
];

/** Blocks that have changed places; else, where that is nearer to right, late answers and blocks with the bytes of another. */
export function undoneIn(problem: SearchProblem): Undone[] {
  const exchanged = exchangesUndone(problem);
  return exchanged.length > 0 ? exchanged : othersUndone(problem);
}

const SEEN_THROUGH = [...VIEWS, table(WRITES, 'invert')].map((view) => (bytes: Uint8Array) => viewed(view, bytes));

function exchangesUndone({ ground, steps, seen }: SearchProblem): Undone[] {
  return exchangedBy(seen, SEEN_THROUGH)
    .slice(0, MOST_UNDONE)
    .flatMap((mask) => {
      const by = [reorder(WRITES, mask), reorder(READS, mask)];
      const kinds: readonly StepKind[] = ['write', 'read'];
      return kinds.map((kind) => ({
        problem: problemOfSteps(ground, withExchanged(steps, { kind, mask }, ground)),
        by,
      }));
    });
}

/** As though each block of that kind had been asked for where it went. */
function withExchanged(
  steps: readonly Step[],
  { kind, mask }: { readonly kind: StepKind; readonly mask: number },
  { blockSize }: Ground,
): Step[] {
  const moved = ({ address, number }: Step): number => address + ((number ^ mask) - number) * blockSize;
  return steps.map((step) => (step.kind === kind ? { ...step, address: moved(step) } : step));
}

function othersUndone({ ground, steps, expected }: SearchProblem): Undone[] {
  const nearer = ({ steps: own }: UndoneSteps): number => expectRight(ground, own).differing;
  const blocks = OTHER_BLOCKS.map((all) => ({
    steps: withBlocksOf(steps, all[0]),
    by: all.flatMap((each) => [each, cutFirst(each)]),
  }));
  const rated = [{ steps: answersInTime(steps), by: LATE_ANSWERS }, ...blocks].map((each) => ({
    ...each,
    differing: nearer(each),
  }));
  return rated
    .filter(({ differing }) => differing > 0 && differing < MOST_LEFT * expected.differing)
    .sort((a, b) => a.differing - b.differing)
    .slice(0, MOST_UNDONE)
    .map(({ steps: own, by }) => ({ problem: problemOfSteps(ground, own), by }));
}

interface UndoneSteps {
  readonly steps: readonly Step[];
}

/** Without reads whose answer never came. */
function answersInTime(steps: readonly Step[]): Step[] {
  const backward: Step[] = [];
  let next: Step | undefined;
  for (const step of steps.toReversed()) {
    if (step.kind !== 'read') {
      backward.push(step);
      continue;
    }
    const bytes = next?.session === step.session ? next.bytes.subarray(0, step.length) : undefined;
    if (bytes && bytes.length > 0) backward.push({ ...step, bytes, length: bytes.length });
    next = step;
  }
  return backward.toReversed().map((step, at) => ({ ...step, at }));
}

/** As though the bytes had been asked for that a loader writes instead; without blocks that have none. */
function withBlocksOf(steps: readonly Step[], { hooks: { source } }: Primitive): Step[] {
  const all = steps.flatMap((step): Step[] => {
    if (step.kind !== 'write') return [step];
    const at = source?.instead(step, steps);
    if (at === 'none') return [];
    const bytes = at === undefined ? step.bytes : (steps[at]?.bytes ?? step.bytes).subarray(0, step.length);
    return [{ ...step, bytes, length: bytes.length }];
  });
  return all.map((step, at) => ({ ...step, at }));
}

/** The same with what was undone. */
export const withUndone = (problem: SearchProblem, { by }: Undone, models: readonly Model[]): Model[] =>
  models.flatMap((model) =>
    by.flatMap((each) => {
      const [one, ...more] = model;
      return one && more.length === 0 ? ordersOf(problem, each, one) : [[each, ...model]];
    }),
  );

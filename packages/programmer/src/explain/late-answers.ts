/** Reads whose answers come one late: puts them back in time, so that what deviates besides is looked for alone. */
import { expectRight } from './expect.ts';
import type { Model, Primitive } from './primitive.ts';
import { lateAnswer } from './primitives/source.ts';
import { problemOfSteps, type SearchProblem } from './problem.ts';
import type { Step } from './steps.ts';

/** Of the bytes that came out wrong, the share that may still be wrong in time. */
const MOST_LEFT = 0.9;

/** What is looked for where each read has what the next one gave; `undefined` where that is hardly nearer to right. */
export function problemInTime({ ground, steps, expected }: SearchProblem): SearchProblem | undefined {
  const inTime = answersInTime(steps);
  const { differing } = expectRight(ground, inTime);
  return differing > 0 && differing < MOST_LEFT * expected.differing ? problemOfSteps(ground, inTime) : undefined;
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

const ANSWERED_LATE: readonly Primitive[] = [0, 0xff].map(lateAnswer);

/** The same behind answers that come late. */
export const answeredLate = (models: readonly Model[]): Model[] =>
  models.flatMap((model) => ANSWERED_LATE.map((late) => [late, ...model]));

/** How much of what was read a model tells before it is seen: where reads come from elsewhere, anything may stand there. */
import { check } from '../check/check.ts';
import type { Model } from '../grammar/primitive.ts';
import { machineOf } from '../simulate/machine.ts';
import { type Exact, readsElsewhere } from './exact.ts';
import type { SearchProblem } from './problem.ts';

/** Of the bytes that came out wrong, the share that a model must tell where its reads come from elsewhere. */
const LEAST_TOLD_ELSEWHERE = 0.65;

/** Whether what was read speaks for where an exact model has reads come from. */
export function tellsWhere(problem: SearchProblem, { model, toldBits }: Pick<Exact, 'model' | 'toldBits'>): boolean {
  if (!model.some(readsElsewhere)) return true;
  return toldBits >= LEAST_TOLD_ELSEWHERE * 8 * problem.expected.differing && !isAsBefore(problem);
}

/** Of the bytes that are marked, the share that an exact model tells. */
export function toldShare(
  { ground, steps, head, outcomes }: SearchProblem,
  model: Model,
  counted: ReadonlyMap<number, Uint8Array>,
): number {
  let all = 0;
  for (const marks of counted.values()) all += marks.reduce((sum, one) => sum + one, 0);
  const told = check(machineOf(model, ground, outcomes), steps, { limit: 0, counted, head })?.toldBits ?? 0;
  return told / Math.max(1, 8 * all);
}

/** Whether nothing that was read twice has changed: then it may come from any place that nothing has reached. */
function isAsBefore({ seen: { after, firstRead, ground } }: SearchProblem): boolean {
  let again = 0;
  for (const { step } of after) {
    const low = Math.max(0, step.address);
    const high = Math.min(ground.size, step.address + step.bytes.length);
    for (let at = low; at < high; at++) {
      const first = firstRead[at] ?? -1;
      if (first < 0 || step.unstable?.has(at - step.address)) continue;
      if (first !== step.bytes[at - step.address]) return false;
      again++;
    }
  }
  return again > 0;
}

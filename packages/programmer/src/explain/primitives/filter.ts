/** Erases or writes that are lost before anything counts them: what comes behind knows only of those that went through. */
import type { Condition, ConditionKind } from '../grammar/condition.ts';
import { evenly, type Primitive, type PrimitiveKind, when } from '../grammar/primitive.ts';
import type { Step, StepKind } from '../recording/steps.ts';
import { once } from './once.ts';
import { lost } from './part.ts';

/** Whether it depends on the operations of this kind that came before. */
export const countsOn = (
  stepKind: StepKind,
  { kind, on, parameters, condition, hooks: { data } }: Primitive,
): boolean =>
  on.includes(stepKind)
    ? COUNTING.includes(kind) || 'first' in parameters || data?.looksBack === true
    : stepKind === 'erase' && condition !== undefined && SINCE_ERASE.includes(condition.kind);

const SINCE_ERASE: readonly ConditionKind[] = ['after-erase', 'later-after-erase'];
const COUNTING: readonly PrimitiveKind[] = ['pointer', 'first-data', 'previous-data', 'late'];

/** A loss of erases or of writes in front of a deviation that counts them. */
export function ahead(loss: Primitive): Primitive {
  const { condition, on, parameters, bits } = loss;
  const isLost = (step: Step): boolean => on.includes(step.kind) && (condition?.holds(step) ?? true);
  const passed = once((steps) => passedBy(steps, isLost, on[0] ?? 'write'));
  const hooks: Primitive['hooks'] = {
    schedule: (steps) => passed(steps).done,
    sees: (steps) => passed(steps).seen,
  };
  return { ...loss, parameters: { ...parameters, ahead: 1 }, bits: bits + 1, hooks };
}

/** The same deviation under another condition. */
export const underOther = (condition: Condition, primitive: Primitive): Primitive =>
  primitive.hooks.sees ? evenly(ahead(when(condition, lost(primitive.on)))) : when(condition, primitive);

interface Passed {
  /** Those that take effect. */
  readonly done: readonly Step[];
  /** All, by their places; what was lost is an erase of nothing. */
  readonly seen: readonly Step[];
}

/** What a loader could count of the operations that went through. */
interface CountsPassed {
  index: number;
  done: number;
  sinceErase: number;
  first: { readonly base: number; readonly skip: number } | undefined;
}

const nothingYet = (): CountsPassed => ({
  index: 0,
  done: 0,
  sinceErase: Number.POSITIVE_INFINITY,
  first: undefined,
});

/** Which operations of `kind` go through where some are lost, with what a loader counts of those. */
export function passedBy(steps: readonly Step[], isLost: (step: Step) => boolean, kind: StepKind): Passed {
  let counts = nothingYet();
  const seen = steps.map((step, n): Step => {
    if (step.session !== steps[n - 1]?.session) counts = nothingYet();
    if (step.kind === kind && step.length > 0 && isLost(step)) return { ...step, kind: 'erase', length: 0 };
    if (step.kind === 'erase') counts.sinceErase = 0;
    if (kind === 'erase' && step.kind === 'write') return { ...step, sinceErase: counts.sinceErase++ };
    if (step.kind !== kind || step.length === 0) return step;
    counts.first ??= { base: step.base, skip: step.address - step.base };
    const { index, done, first, sinceErase } = counts;
    counts.index++;
    counts.done += step.length;
    if (kind === 'write') counts.sinceErase++;
    const since = kind === 'write' ? { sinceErase } : {};
    return { ...step, ...since, index, done, firstBase: first.base, firstSkip: first.skip };
  });
  return { done: seen.filter(({ kind, length }) => kind !== 'erase' || length > 0), seen };
}

/** Plans that are made once for the same steps: models are tried on them again and again. */
import type { Step } from '../recording/steps.ts';

export function once<T>(make: (steps: readonly Step[]) => T): (steps: readonly Step[]) => T {
  const plans = new WeakMap<readonly Step[], { readonly plan: T }>();
  return (steps) => {
    const known = plans.get(steps) ?? { plan: make(steps) };
    plans.set(steps, known);
    return known.plan;
  };
}

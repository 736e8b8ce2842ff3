/** Addresses from or up to which something happens, as models say. */
import type { ConditionKind } from './condition.ts';
import type { Model } from './primitive.ts';

const ADDRESS_CONDITIONS: readonly ConditionKind[] = ['from-address', 'below-address', 'ends-from'];

/** @returns them as offsets, each once */
export function limitsIn(models: readonly Model[]): number[] {
  const limits = models
    .flat()
    .flatMap(({ parameters, condition }) => [
      ...(parameters['limit'] === undefined ? [] : [parameters['limit']]),
      ...(condition && ADDRESS_CONDITIONS.includes(condition.kind) ? condition.values.slice(0, 1) : []),
    ]);
  return [...new Set(limits)];
}

/** Swaps that differ only in what becomes of a group of bytes that is cut: one and the same where none is. It tries no model. */
import { keyOf, type Primitive } from './primitive.ts';
import type { Step } from './steps.ts';

/** Their key without what becomes of such a group. */
export function keyButForTail(primitive: Primitive): string {
  const { tail: _, ...parameters } = primitive.parameters;
  return keyOf({ ...primitive, parameters });
}

/** The same key for those that do the same in some steps. `undefined` for all other deviations, and where a group is cut. */
export function keyWhereNoneIsCut(primitive: Primitive, steps: Iterable<Step>): string | undefined {
  const { on, condition, parameters } = primitive;
  const { tail, group } = parameters;
  if (tail === undefined || group === undefined || condition) return undefined;
  for (const { kind, length } of steps) if (on.includes(kind) && length % group !== 0) return undefined;
  return keyButForTail(primitive);
}

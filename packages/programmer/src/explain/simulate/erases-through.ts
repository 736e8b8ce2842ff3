/** An erase before each write that goes through what deviates in erases, or in all operations: it calls the same function. */

import { evenly, type Primitive } from '../grammar/primitive.ts';
import { erasesFirst } from '../primitives/data.ts';
import { modelRunsOf } from './machine.ts';

/** @returns the deviation with its erases as `other` has them; `undefined` where that is no single place */
export function erasesThrough(primitive: Primitive, other: Primitive): Primitive | undefined {
  const { hooks, parameters, bits } = primitive;
  const { erasesFirst: erasedFirst } = hooks;
  const { condition, on, kind, hooks: own } = other;
  const isPlaced = on.includes('erase') && !condition && kind !== 'also' && (own.runs ?? own.drops);
  // Only whole sectors are erased by the function that erases.
  if (!erasedFirst || !isPlaced || parameters['unit'] !== 0) return undefined;
  // Where blocks go elsewhere as well, their erases were asked for where they were.
  if (on.includes('write') && parameters['asked'] !== 1) return erasesThrough(erasesFirstAsAsked, other);
  const through: typeof erasedFirst = (step, ground) => {
    const [start, end] = erasedFirst(step, ground);
    const erase = { ...step, kind: 'erase', address: start, length: end - start, bytes: ERASE_BYTES } as const;
    const [, to = start, length = 0] = modelRunsOf([other], erase, ground) ?? [];
    return [to, to + length];
  };
  // It may be anywhere.
  const changed = { ...hooks, erasesFirst: through, box: undefined };
  const made = evenly({ ...primitive, parameters: { ...parameters, through: 1 }, bits: bits + 1, hooks: changed });
  asAlone.set(made, primitive);
  return made;
}

const asAlone = new WeakMap<Primitive, Primitive>();

/** The same where no other deviates. */
export const aloneOf = (primitive: Primitive): Primitive => asAlone.get(primitive) ?? primitive;

const erasesFirstAsAsked = erasesFirst(0, 1);
const ERASE_BYTES = new Uint8Array(0);

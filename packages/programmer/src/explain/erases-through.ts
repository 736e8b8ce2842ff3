/** An erase before each write that goes through what deviates in erases: it calls the same function as they do. */
import { modelRunsOf } from './machine.ts';
import { evenly, type Primitive } from './primitive.ts';

/** @returns the deviation with its erases as `other` has them; `undefined` where that is no single place */
export function erasesThrough(primitive: Primitive, other: Primitive): Primitive | undefined {
  const { hooks, parameters, bits } = primitive;
  const { erasesFirst } = hooks;
  const { condition, on, kind, hooks: own } = other;
  const isPlaced = on.length === 1 && on[0] === 'erase' && !condition && kind !== 'also' && (own.runs ?? own.drops);
  // Only whole sectors are erased by the function that erases.
  if (!erasesFirst || !isPlaced || parameters['unit'] !== 0) return undefined;
  const through: typeof erasesFirst = (step, ground) => {
    const [start, end] = erasesFirst(step, ground);
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

const ERASE_BYTES = new Uint8Array(0);

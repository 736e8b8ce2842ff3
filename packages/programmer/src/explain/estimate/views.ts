/** Orders in which the bytes of a block may have come, for estimators that look for what was written. */
import type { Primitive } from '../grammar/primitive.ts';
import * as data from '../primitives/data.ts';
import { WRITES } from '../primitives/place.ts';
import { sourceIndices } from '../simulate/transform.ts';

/** The usual ones. */
export const VIEWS: readonly Primitive[] = [
  data.swap(WRITES, 2),
  data.swap(WRITES, 4),
  data.swap(WRITES, 4, 2),
  data.swap(WRITES, 8),
  data.swap(WRITES, 8, 4),
];

const arrivedBefore = new WeakMap<Uint8Array, Map<Primitive, Uint8Array>>();

/** What arrives of a block through one data primitive; the same for the same two. */
export function viewed(primitive: Primitive, bytes: Uint8Array): Uint8Array {
  const byPrimitive = arrivedBefore.get(bytes) ?? new Map<Primitive, Uint8Array>();
  arrivedBefore.set(bytes, byPrimitive);
  const made = byPrimitive.get(primitive) ?? arrived(primitive, bytes);
  byPrimitive.set(primitive, made);
  return made;
}

function arrived({ hooks }: Primitive, bytes: Uint8Array): Uint8Array {
  const { move, table } = hooks.data ?? {};
  const { length } = bytes;
  const view = new Uint8Array(length);
  const sources = move && sourceIndices({ moves: [move] }, length);
  for (let i = 0; i < length; i++) {
    const byte = bytes[sources ? (sources[i] ?? 0) : i] ?? 0;
    view[i] = table ? (table[byte] ?? 0) : byte;
  }
  return view;
}

/** Orders in which the bytes of a block may have come, for estimators that look for what was written. */
import type { Primitive } from './primitive.ts';
import * as data from './primitives/data.ts';
import { WRITES } from './primitives/place.ts';

/** The usual ones. */
export const VIEWS: readonly Primitive[] = [
  data.swap(WRITES, 2),
  data.swap(WRITES, 4),
  data.swap(WRITES, 4, 2),
  data.swap(WRITES, 8),
  data.swap(WRITES, 8, 4),
];

/** What arrives of a block through one data primitive. */
export function viewed({ hooks }: Primitive, bytes: Uint8Array): Uint8Array {
  const { move, table } = hooks.data ?? {};
  return bytes.map((byte, i) => {
    const arrived = move ? (bytes[move(i, bytes.length)] ?? 0) : byte;
    return table ? (table[arrived] ?? 0) : arrived;
  });
}

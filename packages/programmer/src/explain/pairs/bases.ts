/** Which deviations are looked at as the first one of a pair, and in which order. It tries none. */

import { keyOf, type Primitive } from '../grammar/primitive.ts';
import { type Cover, marksIn } from '../ranking/cover.ts';

/** Of those that look alike, so many are looked at by themselves; of the most telling ones more. */
const MOST_ALIKE = 3;
const MOST_ALIKE_AHEAD = 8;
const AHEAD = 2;

/** The first one of a pair. */
export interface Base {
  readonly primitive: Primitive;
  readonly cover: Cover | undefined;
  /** It can be seen whatever else deviates. */
  readonly isEvident: boolean;
}

/** What tells most, what explains most and what is evident, in turn; some of those that look alike behind each. */
export function firstsOf(covers: readonly Cover[], evident: readonly Primitive[]): Base[] {
  const byKey = new Map<string, Base>();
  const seen = new Set(evident.map(keyOf));
  const add = (primitive: Primitive, cover: Cover | undefined): void => {
    const key = keyOf(primitive);
    if (!byKey.has(key)) byKey.set(key, { primitive, cover, isEvident: seen.has(key) });
  };
  const coverOf = new Map(
    covers.flatMap((cover) => [cover.primitive, ...cover.alike].map((each) => [keyOf(each), cover] as const)),
  );
  const byShare = covers.toSorted((a, b) => marksIn(b.explains) - marksIn(a.explains));
  for (let n = 0; n < Math.max(covers.length, evident.length); n++) {
    for (const cover of [covers[n], byShare[n]]) {
      const alike = cover ? [cover.primitive, ...cover.alike] : [];
      for (const each of alike.slice(0, n < AHEAD ? MOST_ALIKE_AHEAD : MOST_ALIKE)) add(each, cover);
      if (cover && n < AHEAD) for (const each of onFewer(cover.primitive, covers)) add(each.primitive, each.cover);
    }
    const sure = evident[n];
    if (sure) add(sure, coverOf.get(keyOf(sure)));
  }
  return variedFirst([...byKey.values()], covers);
}

/** Whether it is the same deviation as another, of fewer kinds of operation. */
export const isOnFewer = (each: Primitive, other: Primitive): boolean =>
  each.kind === other.kind &&
  each.on.length < other.on.length &&
  keyOf({ ...each, on: [] }) === keyOf({ ...other, on: [] });

/** The same for fewer kinds of operations: beside another deviation it may be enough there. */
const onFewer = (
  one: Primitive,
  covers: readonly Cover[],
): { readonly primitive: Primitive; readonly cover: Cover }[] =>
  covers.flatMap((cover) =>
    [cover.primitive, ...cover.alike].filter((each) => isOnFewer(each, one)).map((primitive) => ({ primitive, cover })),
  );

/** Of each kind only a few come first, and what tells most: the others differ from them in a number. */
const MOST_EARLY_OF_KIND = 2;
const MOST_TELLING = 4;

/** Caches of lines, and what takes every few bytes elsewhere: to simulate them takes many times as long. Beside others they are looked at all the same. */
export const isSlow = ({ kind, parameters, hooks }: Primitive): boolean =>
  hooks.lines !== undefined ||
  (hooks.grain ?? FEWEST_BYTES) < FEWEST_BYTES ||
  (kind === 'spread' && (parameters['unit'] ?? 0) < FEWEST_BYTES);

const FEWEST_BYTES = 16;

/** All that look like the first come early where it outweighs the next by so much. */
const OUTWEIGHS = 2;

function variedFirst(bases: readonly Base[], covers: readonly Cover[]): Base[] {
  const [first, second] = covers;
  const counts = new Map<string, number>();
  const isSure = first !== undefined && first.worth > OUTWEIGHS * (second?.worth ?? 0);
  const telling = new Set(covers.slice(0, MOST_TELLING).map(({ primitive }) => primitive));
  const isEarly = ({ primitive, cover }: Base): boolean => {
    const { kind, on } = primitive;
    const key = `${kind} ${on.join()}`;
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    const most = isSure && cover === first ? MOST_ALIKE_AHEAD : MOST_EARLY_OF_KIND;
    return !isSlow(primitive) && (n <= most || telling.has(primitive));
  };
  const early = new Set(bases.filter(isEarly));
  return [...early, ...bases.filter((base) => !early.has(base))];
}

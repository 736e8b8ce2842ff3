/** Looks up numbers that ascend, by halving. */

/** Place of the first that is `least` or more, from place `from` up to `to`; `to` where there is none. */
export function firstFrom(ascending: ArrayLike<number>, least: number, from = 0, to = ascending.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Bits of a byte, and loops over many bytes, four at a time where they lie so: one by one takes three times as long. It knows
 * no operations.
 */

const POPCOUNT = Uint8Array.from({ length: 256 }, (_, x) => x.toString(2).replaceAll('0', '').length);

export const bitCount = (byte: number): number => POPCOUNT[byte & 0xff] ?? 0;

/** Of fewer bytes it is not worth while to make views. */
const LEAST_FOR_VIEWS = 128;
/** So many are looked at one by one first: most stretches end at once. */
const FIRST = 16;

/** Four bytes in each, those that are left over not; `undefined` where they do not lie so, or are few. */
function foursIn(bytes: Uint8Array, from: number, to: number): Int32Array | undefined {
  const start = bytes.byteOffset + from;
  return to - from < LEAST_FOR_VIEWS || start % 4 !== 0
    ? undefined
    : new Int32Array(bytes.buffer, start, (to - from) >> 2);
}

/** Four bytes in each, the last filled up with zeros; a copy where they do not lie so. */
export function inFours(bytes: Uint8Array): Int32Array {
  const isWhole = bytes.length % 4 === 0 && bytes.byteOffset % 4 === 0;
  const whole = isWhole ? bytes : new Uint8Array((bytes.length + 3) & ~3);
  if (!isWhole) whole.set(bytes);
  return new Int32Array(whole.buffer, whole.byteOffset, whole.length / 4);
}

/** The first index, from `from` up to `to`, at which there is another byte than this. */
export function filledUpTo(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let next = from;
  const first = Math.min(to, from + FIRST);
  while (next < first && bytes[next] === byte) next++;
  const fours = next === first ? foursIn(bytes, next, to) : undefined;
  if (fours) {
    const four = Math.imul(byte, 0x01010101);
    let n = 0;
    while (n < fours.length && fours[n] === four) n++;
    next += 4 * n;
  }
  while (next < to && bytes[next] === byte) next++;
  return next;
}

/** How many bytes are 1, where all others are 0. */
export function onesIn(marks: Uint8Array, from: number, to: number): number {
  let ones = 0;
  let next = from;
  const fours = foursIn(marks, from, to);
  if (fours) {
    // Their sum comes to stand in the highest byte.
    for (let n = 0; n < fours.length; n++) ones += Math.imul(fours[n] ?? 0, 0x01010101) >>> 24;
    next += 4 * fours.length;
  }
  for (; next < to; next++) ones += marks[next] ?? 0;
  return ones;
}

/** Clears in `length` bytes, from index `at` on, the bits that are clear in those of `mask` from index `from` on. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
export function clearBits(bytes: Uint8Array, at: number, mask: Uint8Array, from: number, length: number): void {
  let next = 0;
  const fours = foursIn(bytes, at, at + length);
  const masks = fours && foursIn(mask, from, from + length);
  if (fours && masks) {
    for (let n = 0; n < fours.length; n++) fours[n] = (fours[n] ?? 0) & (masks[n] ?? 0);
    next += 4 * fours.length;
  }
  for (; next < length; next++) bytes[at + next] = (bytes[at + next] ?? 0) & (mask[from + next] ?? 0);
}

/** Cells; a bit of `unknown` is 1 where that of the cell is open. */
interface CellBytes {
  readonly value: Uint8Array;
  readonly unknown: Uint8Array;
}

/** From index `i` on, the first whose cell, `by` further on in its span, is open or does not hold that byte. */
// oxlint-disable-next-line max-params -- called for each stretch of bytes: no object is made for one
export function heldUpTo(bytes: Uint8Array, { value, unknown }: CellBytes, i: number, end: number, by: number): number {
  let next = i;
  const first = Math.min(end, i + FIRST);
  while (next < first && unknown[next + by] === 0 && value[next + by] === bytes[next]) next++;
  const fours = next === first ? foursIn(bytes, next, end) : undefined;
  const values = fours && foursIn(value, next + by, end + by);
  const open = values && foursIn(unknown, next + by, end + by);
  if (fours && values && open) {
    let n = 0;
    while (n < fours.length && open[n] === 0 && values[n] === fours[n]) n++;
    next += 4 * n;
  }
  while (next < end && unknown[next + by] === 0 && value[next + by] === bytes[next]) next++;
  return next;
}

/** Repeatable chance: the same seed gives the same sequence, so that a fault found once can be found again. */

/** Numbers in [0, 1) from a 32-bit seed (xorshift, G. Marsaglia, 2003, shifts 13, 17, 5). */
export function random(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = shifted(state);
    return (state >>> 0) / 0x1_0000_0000;
  };
}

function shifted(state: number): number {
  const first = state ^ (state << 13);
  const second = first ^ (first >>> 17);
  return second ^ (second << 5);
}

/** A seed of its own for each name. */
export function seedOf(name: string): number {
  return Array.from(name).reduce((seed, letter) => Math.imul(seed, 31) + letter.charCodeAt(0), 7);
}

/** `length` bytes of chance: the top bytes of what `random` has. A loop, because chips fill a megabyte of RAM with them. */
export function randomBytes(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at += 1) {
    state = shifted(state);
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** A byte on its way from `old` to `wanted`: of the bits that differ, some have changed and some have not. */
export function disturbedByte(next: () => number, old: number, wanted: number): number {
  const changed = Math.floor(next() * 256);
  return (old & ~changed) | (wanted & changed);
}

/** Repeatable chance: the same seed gives the same sequence, so that a fault found once can be found again. */

/** Numbers in [0, 1) from a 32-bit seed (xorshift, G. Marsaglia, 2003, shifts 13, 17, 5). */
export function random(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
}

/** A seed of its own for each name. */
export function seedOf(name: string): number {
  return Array.from(name).reduce((seed, letter) => Math.imul(seed, 31) + letter.charCodeAt(0), 7);
}

/** `length` bytes of chance. */
export function randomBytes(seed: number, length: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}

/** A byte on its way from `old` to `wanted`: of the bits that differ, some have changed and some have not. */
export function disturbedByte(next: () => number, old: number, wanted: number): number {
  const changed = Math.floor(next() * 256);
  return (old & ~changed) | (wanted & changed);
}

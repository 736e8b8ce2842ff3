/** Draws from a seed. Neighbouring seeds give sequences that have nothing in common. */

import { random } from '../random.ts';

export interface Dice {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
}

/** @param purpose keeps apart what is drawn from one seed for different ends */
export function diceOf(seed: number, purpose: number): Dice {
  const next = random(mixed(mixed(seed) ^ Math.imul(purpose, 0x9e37_79b1)));
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    int,
    pick: (list) => {
      const value = list[int(0, list.length - 1)];
      if (value === undefined) throw new RangeError('nothing to pick from');
      return value;
    },
    chance: (probability) => next() < probability,
  };
}

/** The finalizer of MurmurHash3 (A. Appleby): every bit of the seed changes half of the result's. */
export function mixed(seed: number): number {
  let hash = (seed ^ 0x5bd1_e995) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

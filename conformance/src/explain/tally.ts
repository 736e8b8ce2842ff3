/** Counts trials by how good their explanations were. It runs none. */
import type { ExplainTrialResult, Told } from './trial.ts';

export interface Tally {
  trials: number;
  /** Named with certainty, and right. */
  certainRight: number;
  /** The first that is named is right. */
  firstRight: number;
  /** One of those that are named is right. */
  namedRight: number;
  cannotTell: number;
  certainWrong: number;
}

/** @param of which verdict of each is counted */
export function tallyOf(results: readonly ExplainTrialResult[], of: 'alone' | 'tried'): Tally {
  const told = results.map((result) => result[of]);
  const count = (holds: (verdict: Told) => boolean): number => told.filter(holds).length;
  return {
    trials: results.length,
    certainRight: count(({ certainty, right }) => certainty === 'certain' && right[0] === true),
    firstRight: count(({ right }) => right[0] === true),
    namedRight: count(({ right }) => right.includes(true)),
    cannotTell: count(({ certainty }) => certainty === 'cannot-tell'),
    certainWrong: count(({ certainty, right }) => certainty === 'certain' && right[0] === false),
  };
}

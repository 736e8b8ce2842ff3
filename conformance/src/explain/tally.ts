/** Counts trials by how good their explanations were. It runs none. */
import type { ExplainTrialResult, Told } from './trial.ts';

export interface Tally {
  /** Without those that are counted apart. */
  trials: number;
  /** Named with certainty, and right. */
  certainRight: number;
  /** The first that is named is right. */
  firstRight: number;
  /** One of those that are named is right. */
  namedRight: number;
  cannotTell: number;
  certainWrong: number;
  /** Loaders that nothing allowed tells from a wrong model that is named; of them, those that are named wrong with certainty. */
  untellable: number;
  untellableWrong: number;
}

/** @param of which verdict of each is counted; that of the run alone is counted for all of them */
export function tallyOf(results: readonly ExplainTrialResult[], of: 'alone' | 'tried'): Tally {
  const apart = of === 'tried' ? results.filter(({ isUntellable }) => isUntellable) : [];
  const counted = results.filter((result) => !apart.includes(result));
  const count = (holds: (verdict: Told) => boolean, among = counted): number =>
    among.map((result) => result[of]).filter(holds).length;
  const isCertainWrong = ({ certainty, right }: Told): boolean => certainty === 'certain' && right[0] === false;
  return {
    trials: counted.length,
    certainRight: count(({ certainty, right }) => certainty === 'certain' && right[0] === true),
    firstRight: count(({ right }) => right[0] === true),
    namedRight: count(({ right }) => right.includes(true)),
    cannotTell: count(({ certainty }) => certainty === 'cannot-tell'),
    certainWrong: count(isCertainWrong),
    untellable: apart.length,
    untellableWrong: count(isCertainWrong, apart),
  };
}

/** Sums over the trials: for each kind of fault, for each board, and for all. */
import { judge, type Naming } from './judge.ts';
import { caseNamed, type TrialResult } from './trial.ts';

export interface Row {
  readonly runs: number;
  readonly successes: number;
  /** Success was claimed, and the image or what had to be kept beside it is not in flash. */
  readonly falseSuccesses: number;
  /** Success was claimed and is true, and flash elsewhere was changed. */
  readonly damageElsewhere: number;
  readonly hangs: number;
  /** Ended without a proof, as asked for; no success is claimed. */
  readonly withoutProof: number;
  /** What erases everything was proposed for a chip that the same run had read. */
  readonly destructiveAdvice: number;
  /** Errors that are none of ours. */
  readonly defects: number;
  /** Failed, although flash held the image by then: it could not be proven. */
  readonly unproven: number;
  /** Failed, and bytes beside the image in its sectors are lost. */
  readonly lostRest: number;
  /** Failed, and another sector was changed. */
  readonly lostElsewhere: number;
  /** Failed, and what is missing beside the image, erased and not yet written again, was handed out. */
  readonly handedOut: number;
  readonly longestMs: number;
  readonly completed: number;
  readonly afterPowerCycle: number;
  /** The run after it, without the fault, did not end as on a board that nothing has happened to. */
  readonly notCompleted: number;
  /** Causes where the evidence allows one. */
  readonly knowable: Readonly<Record<Naming, number>>;
  /** Causes where it does not. */
  readonly unknowable: Readonly<Record<Naming, number>>;
}

export function isFalseSuccess({ ending, holding }: TrialResult): boolean {
  return ending.kind === 'success' && !(holding.image && holding.rest);
}

export function sumOf(results: readonly TrialResult[]): Row {
  const count = (test: (result: TrialResult) => boolean): number => results.filter(test).length;
  const failed = ({ ending }: TrialResult): boolean => ending.kind !== 'success' && ending.kind !== 'unproven';
  const judgements = results.flatMap(
    ({ kind, scenario, ending }) => judge(kind, caseNamed(scenario).shows ?? [], ending) ?? [],
  );
  const namings = (knowable: boolean): Record<Naming, number> => {
    const sums = { right: 0, among: 0, open: 0, wrong: 0 };
    for (const each of judgements) if (each.knowable === knowable) sums[each.naming] += 1;
    return sums;
  };
  return {
    runs: results.length,
    successes: count(({ ending }) => ending.kind === 'success'),
    withoutProof: count(({ ending }) => ending.kind === 'unproven'),
    destructiveAdvice: count(({ destroysAgainst }) => destroysAgainst === true),
    falseSuccesses: count(isFalseSuccess),
    damageElsewhere: count(
      ({ ending, holding }) => ending.kind === 'success' && holding.image && holding.rest && !holding.elsewhere,
    ),
    hangs: count(({ ending }) => ending.kind === 'hang'),
    defects: count(({ ending }) => ending.kind === 'defect'),
    unproven: count((result) => failed(result) && result.holding.image),
    lostRest: count((result) => failed(result) && !result.holding.rest && !result.holding.handedOut),
    lostElsewhere: count((result) => failed(result) && !result.holding.elsewhere),
    handedOut: count((result) => failed(result) && !result.holding.rest && result.holding.handedOut),
    longestMs: results.reduce((most, { ending }) => Math.max(most, ending.ms), 0),
    completed: count(({ next }) => next === 'same'),
    afterPowerCycle: count(({ next }) => next === 'same after a power cycle'),
    notCompleted: count(({ next }) => next === 'other'),
    knowable: namings(true),
    unknowable: namings(false),
  };
}

/** A row for each value of `key`, in the order in which they come. */
export function sumsBy(results: readonly TrialResult[], key: 'kind' | 'scenario'): [string, Row][] {
  const groups = new Map<string, TrialResult[]>();
  for (const result of results) {
    const group = groups.get(result[key]) ?? [];
    groups.set(result[key], group);
    group.push(result);
  }
  return [...groups].map(([name, group]) => [name, sumOf(group)]);
}

/** Share of runs with a knowable cause in which it was named, alone or with rivals. */
export function shareNamed({ knowable }: Row): number {
  const all = Object.values(knowable).reduce((sum, n) => sum + n, 0);
  return all === 0 ? 1 : (knowable.right + knowable.among) / all;
}

/** Share of the runs that failed in which a cause was named that is not it. */
export function shareWrong({ runs, successes, withoutProof, knowable, unknowable }: Row): number {
  return (knowable.wrong + unknowable.wrong) / Math.max(1, runs - successes - withoutProof);
}

const LEAST_NAMED = 0.95;
const MOST_WRONG = 0.01;

/** What the campaign promises, and what of it does not hold. */
export function problemsOf(row: Row): string[] {
  const { falseSuccesses, hangs, defects, notCompleted, destructiveAdvice, lostRest } = row;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const broken: readonly (readonly [boolean, string])[] = [
    [falseSuccesses > 0, `${falseSuccesses} runs claimed a success that is none`],
    [hangs > 0, `${hangs} runs did not end`],
    [defects > 0, `${defects} runs ended with an error that is none of ours`],
    [lostRest > 0, `${lostRest} runs lost bytes beside the image that nothing has kept`],
    [destructiveAdvice > 0, `${destructiveAdvice} runs proposed to erase a chip that they had read`],
    [notCompleted > 0, `${notCompleted} runs left a device that the next run does not complete`],
    [shareNamed(row) < LEAST_NAMED, `only ${percent(shareNamed(row))} of the knowable causes were named`],
    [shareWrong(row) > MOST_WRONG, `a wrong cause was named in ${percent(shareWrong(row))} of the runs that failed`],
  ];
  return broken.flatMap(([isBroken, what]) => (isBroken ? [what] : []));
}

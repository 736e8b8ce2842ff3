/** One trial: a run with a fault, what it left behind, and the run after it. */
import { type Fault, type FaultKind, faultKinds, seedOf, type Transfer } from '@sureflash/virtual';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';
import { Content, type Holding } from './content.ts';
import { type Ending, Workbench } from './workbench.ts';

/** Enough to do it again. */
export interface TrialId {
  readonly scenario: string;
  readonly kind: string;
  readonly at: number;
}

export interface TrialResult extends TrialId {
  readonly ending: Ending;
  readonly holding: Holding;
  /** Something that erases everything was proposed, although the same run had read the chip, which is open then. */
  readonly destroysAgainst?: true;
  /** `same`: as the undisturbed run ends on this board. */
  readonly next: 'same' | 'same after a power cycle' | 'other';
  /** Only where it is another one. */
  readonly nextEnding?: Ending;
}

/** The undisturbed run on a board. */
export interface Course {
  readonly case: Case;
  readonly transfers: readonly Transfer[];
  readonly ending: Ending;
}

/** No time limit of one operation is longer, and a failing run waits for more than one of them. */
const LARGEST_LIMITS_MS = 120_000;
const UNDISTURBED_LIMIT_MS = 600_000;

/** Virtual ms within which every run must end. */
export const limitOf = ({ ending }: Course): number => 10 * ending.ms + LARGEST_LIMITS_MS;

export async function courseOf(subject: Case): Promise<Course> {
  const transfers: Transfer[] = [];
  const bench = new Workbench(subject, { onTransfer: (transfer) => transfers.push(transfer) });
  const ending = await bench.run(UNDISTURBED_LIMIT_MS);
  return { case: subject, transfers, ending };
}

/** @returns whether the undisturbed run ended as its case has to: an honest device was served */
export function isAsExpected({ case: { ends }, ending }: Course): boolean {
  if (ends === undefined || ends === 'unproven') return ending.kind === (ends ?? 'success');
  return ending.kind === 'error' && ending.code === ends.code;
}

/** Every kind of fault at every transfer that it applies to. */
export function trialsOf({ case: { scenario }, transfers }: Course): TrialId[] {
  return faultKinds.flatMap((kind) =>
    transfers
      .filter((transfer) => kind.applies(transfer))
      .map(({ index }) => ({ scenario, kind: kind.name, at: index })),
  );
}

export function caseNamed(scenario: string): Case {
  const found = CASES.find((each) => each.scenario === scenario);
  if (!found) throw new RangeError(`no case ${scenario}`);
  return found;
}

function kindNamed(name: string): FaultKind {
  const found = faultKinds.find((each) => each.name === name);
  if (!found) throw new RangeError(`no fault ${name}`);
  return found;
}

export async function tryFault(course: Course, { scenario, kind: name, at }: TrialId): Promise<TrialResult> {
  const kind = kindNamed(name);
  const fault: Fault = { kind, at, seed: seedOf(`${scenario} ${name} ${at}`) };
  const bench = new Workbench(course.case, { fault });
  const content = new Content(bench.board, course.case);
  const limitMs = limitOf(course);
  const ending = await bench.run(limitMs);
  if (!bench.connector.struck) throw new Error(`${scenario}: no transfer ${at} for ${name}`);
  const holding = content.judge(bench.handedOut);
  const against = ending.destroys && bench.gaveFlash && { destroysAgainst: true as const };
  await bench.quiet();
  return { scenario, kind: name, at, ending, holding, ...against, ...(await runAgain(bench, course, fault)) };
}

/** The result of a trial that did not come to its end. */
export function ended(trial: TrialId, { kind, code }: Pick<Ending, 'kind' | 'code'>): TrialResult {
  const nothing = { image: false, rest: false, handedOut: false, elsewhere: false };
  return { ...trial, ending: { kind, code, rivals: [], ms: 0 }, holding: nothing, next: 'other' };
}

async function runAgain(
  bench: Workbench,
  course: Course,
  { kind: { lasts } }: Fault,
): Promise<Pick<TrialResult, 'next' | 'nextEnding'>> {
  const isSame = (ending: Ending): boolean => ending.kind === course.ending.kind && ending.code === course.ending.code;
  const content = new Content(bench.board, course.case);
  const again = async (): Promise<Ending | undefined> => {
    const ending = await bench.run(limitOf(course));
    const holds = ending.kind !== 'success' || content.judge().image;
    return isSame(ending) && holds ? undefined : ending;
  };
  // A plug that the fault has pulled is put back; that is no remedy.
  if (bench.board.program === undefined) {
    bench.board.setPins({ key: true });
    bench.board.plug();
  }
  const there = await bench.appears();
  if (there && lasts !== 'power' && !(await again())) return { next: 'same' };
  await bench.powerCycle();
  const nextEnding = await again();
  return nextEnding ? { next: 'other', nextEnding } : { next: 'same after a power cycle' };
}

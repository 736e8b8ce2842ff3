/** One round of a job: erase, write, read everything back. */
import type { Segment } from '@sureflash/image';
import { execute } from './execute.ts';
import type { FailedRun } from './failure.ts';
import type { Plan, SectorPlan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import type { Subject } from './subject.ts';
import { verifyImage } from './verify.ts';

export interface AttemptOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /**
   * Told at the end of a run that fails: what stood beside the image in sectors that were begun, and is not proven to be
   * there again. Nobody else has it.
   */
  readonly onUnproven?: (rest: readonly Segment[]) => void;
}

export interface Attempt extends FailedRun {
  readonly verifyMs: number;
}

/** @throws what the target throws, `signal.reason`; the link is at rest then */
export async function writeAndVerify(
  subject: Subject,
  plan: Plan,
  { signal, onProgress, onUnproven }: AttemptOptions,
): Promise<Attempt> {
  const { target, clock, likely, chip: timed = likely } = subject;
  const shared = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const begun: SectorPlan[] = [];
  const handOut = (sectors: readonly SectorPlan[]): void => {
    const rest = sectors.flatMap((each) => each.rest);
    if (rest.length > 0) onUnproven?.(rest);
  };
  const onBegin = (sectors: readonly SectorPlan[]): void => void begun.push(...sectors);
  try {
    const started = clock.now();
    const done = await execute(plan, target, { clock, ...(timed && { chip: timed }), ...shared, onBegin });
    const written = clock.now();
    const nothingToDo = plan.sectors.every(({ action }) => action === 'keep');
    // The survey of an unchanged flash has read and compared every byte already: that was the proof.
    const comparison = nothingToDo
      ? { compared: plan.expected.byteLength, differing: 0, first: [], sectors: [] }
      : await verifyImage(target, plan.expected, target.geometry, shared);
    handOut(begun.filter(({ sector }) => comparison.sectors.some(({ start }) => start === sector.start)));
    return { plan, done, comparison, tookMs: written - started, verifyMs: clock.now() - written };
  } catch (error) {
    handOut(begun);
    throw error;
  }
}

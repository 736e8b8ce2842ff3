/** One round of a job: erase, write, read everything back. */
import { execute } from './execute.ts';
import type { FailedRun } from './failure.ts';
import type { Plan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import type { Subject } from './subject.ts';
import { verifyImage } from './verify.ts';

export interface AttemptOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface Attempt extends FailedRun {
  readonly verifyMs: number;
}

/** @throws what the target throws, `signal.reason`; the link is at rest then */
export async function writeAndVerify(
  subject: Subject,
  plan: Plan,
  { signal, onProgress }: AttemptOptions,
): Promise<Attempt> {
  const { target, clock, likely, chip: timed = likely } = subject;
  const shared = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const started = clock.now();
  const done = await execute(plan, target, { clock, ...(timed && { chip: timed }), ...shared });
  const written = clock.now();
  const nothingToDo = plan.sectors.every(({ action }) => action === 'keep');
  // The survey of an unchanged flash has read and compared every byte already: that was the proof.
  const comparison = nothingToDo
    ? { compared: plan.expected.byteLength, differing: 0, first: [], sectors: [] }
    : await verifyImage(target, plan.expected, target.geometry, shared);
  return { plan, done, comparison, tookMs: written - started, verifyMs: clock.now() - written };
}

/** One round of a job: erase, write, read everything back. */
import type { Segment } from '@sureflash/image';
import type { Device } from '../target/device.ts';
import { eraseAndWrite } from './erase-and-write.ts';
import type { FailedRun } from './failure.ts';
import type { Plan, SectorPlan } from './plan.ts';
import type { RunOptions } from './progress.ts';
import { proveImage } from './proof.ts';
import type { Timed } from './timing.ts';

export interface AttemptOptions extends RunOptions {
  /**
   * Called at the end of a run that fails, with the bytes beside the image in sectors that were begun and are not proven
   * to hold them again. There is no other copy of them.
   */
  readonly onUnproven?: ((segments: readonly Segment[]) => void) | undefined;
}

export interface Attempt extends FailedRun {
  readonly verifyMs: number;
}

/** @throws what the target throws, `signal.reason`; the link is at rest then */
export async function writeAndVerify(
  { target, clock }: Device,
  plan: Plan,
  { chip, signal, onProgress, onUnproven }: AttemptOptions & { readonly chip?: Timed | undefined },
): Promise<Attempt> {
  const shared = { signal, onProgress };
  const begun: SectorPlan[] = [];
  const handOut = (sectors: readonly SectorPlan[]): void => {
    const beside = sectors.flatMap((each) => each.beside);
    if (beside.length > 0) onUnproven?.(beside);
  };
  const onBegin = (sectors: readonly SectorPlan[]): void => void begun.push(...sectors);
  try {
    const started = clock.now();
    const done = await eraseAndWrite(plan, target, { clock, chip, ...shared, onBegin });
    const written = clock.now();
    const nothingToDo = plan.sectors.every(({ action }) => action === 'keep');
    // The survey of an unchanged flash has read and compared every byte already: that was the proof.
    const proof = nothingToDo
      ? { compared: plan.expected.byteLength, differing: 0, first: [], sectors: [] }
      : await proveImage(target, plan.expected, target.geometry, shared);
    handOut(begun.filter(({ sector }) => proof.sectors.some(({ start }) => start === sector.start)));
    return { plan, done, proof, tookMs: written - started, verifyMs: clock.now() - written };
  } catch (error) {
    handOut(begun);
    throw error;
  }
}

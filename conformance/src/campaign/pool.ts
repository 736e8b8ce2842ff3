/** Spreads trials over threads. A thread that does not come to the end of a trial is ended, and the trial is a hang. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ended, type TrialId, type TrialResult } from './trial.ts';

/** A trial takes some ms: whoever computes for so long does so for ever. */
const STALLED_MS = 60_000;

export interface PoolOptions {
  readonly onResult: (result: TrialResult) => void;
  readonly threads?: number;
}

export async function doTrials(
  trials: readonly TrialId[],
  { onResult, threads = availableParallelism() }: PoolOptions,
): Promise<void> {
  const shares = Array.from({ length: threads }, (_, i) => trials.filter((_trial, at) => at % threads === i));
  await Promise.all(shares.map(async (share) => await doShare(share, onResult)));
}

async function doShare(share: readonly TrialId[], onResult: PoolOptions['onResult']): Promise<void> {
  let next = 0;
  while (next < share.length) {
    next += await doUntilStalled(share.slice(next), onResult);
    const stalled = share[next];
    if (stalled) onResult(ended(stalled, { kind: 'hang', code: 'computes for ever' }));
    next += 1;
  }
}

/** @returns how many trials came to an end */
async function doUntilStalled(trials: readonly TrialId[], onResult: PoolOptions['onResult']): Promise<number> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { trials } });
  let done = 0;
  let watch: NodeJS.Timeout | undefined;
  const feed = (): void => {
    clearTimeout(watch);
    watch = setTimeout(() => void worker.terminate(), STALLED_MS);
  };
  feed();
  worker.on('message', (result: TrialResult) => {
    done += 1;
    onResult(result);
    feed();
  });
  await new Promise<void>((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
  clearTimeout(watch);
  return done;
}

/** Runs operations in their order, the next queued behind the one that runs: the device need not wait for the host. */
import { hasCode } from '../../errors.ts';

export interface OrderedRun<T> {
  /** Begins the operation on `item`; its first request goes out, or is queued, at once. */
  readonly start: (item: T) => Promise<void>;
  /** Whether the next operation may be queued behind the running one; asked before each. */
  readonly mayQueue: () => boolean;
  /** Called when the operation on `item` is done. */
  readonly done: (item: T) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Running<T> {
  readonly item: T;
  readonly work: Promise<void>;
  readonly queued: boolean;
}

/**
 * Resolves when the operations on all items are done; at most one is queued behind another. The first failure ends the
 * run: the device, then in dfuERROR, refuses the operation behind it (AN3156 §5), which is waited for.
 * @throws the errors of `start`, and the signal's reason
 */
export async function runInOrder<T>(items: Iterable<T>, run: OrderedRun<T>): Promise<void> {
  const { start, mayQueue, done, signal } = run;
  let running: Running<T> | undefined;
  try {
    for (const item of items) {
      if (running && !mayQueue()) {
        await finish(running, run);
        done(running.item);
        running = undefined;
      }
      signal?.throwIfAborted();
      const before: Running<T> | undefined = running;
      running = { item, work: start(item), queued: before !== undefined };
      // Its failure is thrown by `finish`.
      running.work.catch(() => undefined);
      if (!before) continue;
      await finish(before, run);
      done(before.item);
    }
    if (!running) return;
    await finish(running, run);
    done(running.item);
  } finally {
    await Promise.allSettled([running?.work]);
  }
}

/** A device that was still busy when the queued request came has refused it and done nothing: the operation starts again. */
async function finish<T>({ item, work, queued }: Running<T>, { start, mayQueue }: OrderedRun<T>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!queued || mayQueue() || !hasCode(error, 'usb/stall')) throw error;
    await start(item);
  }
}

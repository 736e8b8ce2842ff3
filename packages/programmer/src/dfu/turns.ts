/** Operations one after the other, the next queued behind the one that runs: the device need not wait for the host. */
import { hasCode } from '../errors.ts';

export interface Turns<T> {
  /** Begins an operation; its first request goes out, or is queued, at once. */
  readonly start: (item: T) => Promise<void>;
  /** Whether the next may be queued behind one that runs; asked before each. */
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
 * Ends with the first operation that fails; what was queued behind it is refused by the device, which is in dfuERROR
 * then (AN3156 §5), and is waited for. At most one is queued.
 * @throws what `start` throws, and the signal's reason
 */
export async function takeTurns<T>(items: Iterable<T>, turns: Turns<T>): Promise<void> {
  const { start, mayQueue, done, signal } = turns;
  let running: Running<T> | undefined;
  try {
    for (const item of items) {
      if (running && !mayQueue()) {
        await finish(running, turns);
        done(running.item);
        running = undefined;
      }
      signal?.throwIfAborted();
      const before: Running<T> | undefined = running;
      running = { item, work: start(item), queued: before !== undefined };
      // Its failure is heard when its turn comes.
      running.work.catch(() => undefined);
      if (!before) continue;
      await finish(before, turns);
      done(before.item);
    }
    if (!running) return;
    await finish(running, turns);
    done(running.item);
  } finally {
    await Promise.allSettled([running?.work]);
  }
}

/** A device that was still busy when the queued request came has refused it and done nothing: it is asked again. */
async function finish<T>({ item, work, queued }: Running<T>, { start, mayQueue }: Turns<T>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!queued || mayQueue() || !hasCode(error, 'usb/stall')) throw error;
    await start(item);
  }
}

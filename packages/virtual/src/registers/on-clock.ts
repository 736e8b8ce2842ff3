/**
 * A running microcontroller on the model's clock. The core is ahead of the clock by at most a slice: it computes the
 * slice in no time, then the clock is asked to let it pass.
 */

import type { Clock } from '../clock.ts';
import type { Microcontroller } from './microcontroller.ts';

export interface OnClockOptions {
  /** How far the core may run ahead, in ms; absent, 1, a full-speed USB frame. */
  readonly sliceMs?: number;
  readonly signal?: AbortSignal;
}

/** Lets `ms` pass for both. Rejects with what the run throws, or with `signal.reason`. */
export async function runOnClock(
  microcontroller: Microcontroller,
  clock: Clock,
  ms: number,
  { sliceMs = 1, signal }: OnClockOptions = {},
): Promise<void> {
  const end = clock.now() + ms;
  while (clock.now() < end) {
    signal?.throwIfAborted();
    const slice = Math.min(sliceMs, end - clock.now());
    microcontroller.run(slice);
    await clock.sleep(slice, signal);
  }
}

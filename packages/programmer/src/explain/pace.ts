/** Long computing in short slices, so that whoever shares the thread is served, with an end. */
import type { Clock } from '../ports/clock.ts';

const SLICE_MS = 20;
/** How often the clock is looked at. */
const LOOKS_EVERY = 16;

export interface RunPace {
  /** Call it between small pieces of work; waits when a slice is over. `false`: the time is up. */
  readonly goOn: () => boolean | Promise<boolean>;
  /** Whether `budget` is used up. */
  readonly isUp: () => boolean;
  /** Sets the end of what follows, from now; never later than the end of all. */
  readonly allow: (ms: number) => void;
}

export interface PaceOptions {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Pieces of work after which the time is up as well: the same on every machine. */
  readonly most?: number;
  readonly signal?: AbortSignal;
}

export function paceOf({ clock, limitMs, most = Number.POSITIVE_INFINITY, signal }: PaceOptions): RunPace {
  const started = clock.now();
  let until = started + limitMs;
  let sliceEnd = started + SLICE_MS;
  let count = 0;
  const rest = async (): Promise<boolean> => {
    await clock.sleep(0, signal);
    sliceEnd = clock.now() + SLICE_MS;
    return clock.now() < until;
  };
  return {
    goOn: () => {
      if (++count > most) return false;
      if (count % LOOKS_EVERY !== 0) return true;
      const now = clock.now();
      if (now >= until) return false;
      return now < sliceEnd || rest();
    },
    isUp: () => clock.now() >= until,
    allow: (ms) => {
      until = Math.min(started + limitMs, clock.now() + ms);
    },
  };
}

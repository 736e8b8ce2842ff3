/** Long computing in short slices, so that whoever shares the thread is served, with an end. */
import type { Clock } from '../../ports/clock.ts';

const SLICE_MS = 20;
/** How often the clock is looked at. */
const LOOKS_EVERY = 16;

export interface RunPace {
  /** Call it between small pieces of work; waits when a slice is over. `false`: the time is up. */
  readonly goOn: () => boolean | Promise<boolean>;
  /** The same before a longer piece of work, which counts as none: looks at the clock each time. */
  readonly lookUp: () => boolean | Promise<boolean>;
  /** Whether the time is up, or all pieces are done. */
  readonly isUp: () => boolean;
  /** For work that may take this part of the time and of the pieces that are left. */
  readonly part: (share: number) => RunPace;
}

export interface PaceOptions {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Pieces of work after which the time is up as well: the same on every machine. */
  readonly most?: number;
  /** Pieces of work that are done though the time is up, unless it is up `LONGEST` times over. */
  readonly least?: number;
  readonly signal?: AbortSignal;
}

/** For the least work, times the limit; a limit of nothing stands for a second. */
const LONGEST = 2;

export function paceOf({ clock, limitMs, most = Number.POSITIVE_INFINITY, least = 0, signal }: PaceOptions): RunPace {
  const started = clock.now();
  const last = started + LONGEST * Math.max(limitMs, 1000);
  let sliceEnd = started + SLICE_MS;
  let count = 0;
  const within = (until: number, mostNow: number): RunPace => {
    const isTime = (now: number): boolean => now < until || (count <= least && now < last);
    const lookUp = (): boolean | Promise<boolean> => {
      const now = clock.now();
      if (!isTime(now)) return false;
      return now < sliceEnd || rest();
    };
    const rest = async (): Promise<boolean> => {
      await clock.sleep(0, signal);
      sliceEnd = clock.now() + SLICE_MS;
      return isTime(clock.now());
    };
    return {
      goOn: () => {
        if (++count > mostNow) return false;
        return count % LOOKS_EVERY !== 0 || lookUp();
      },
      lookUp,
      isUp: () => count >= mostNow || clock.now() >= until,
      part: (share) => {
        const now = clock.now();
        return within(now + Math.max(0, until - now) * share, count + Math.max(0, mostNow - count) * share);
      },
    };
  };
  return within(started + limitMs, most);
}

/** Time as a port: nothing below the edge of the program asks the platform what time it is. */

export interface Clock {
  /** Milliseconds since some fixed moment, never going back. */
  now(): number;
  /** Resolves `ms` later; rejects with `signal.reason` when that is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds of computing so far, for clocks that stand still while somebody computes; where absent, `now` tells. */
  computedMs?(): number;
}

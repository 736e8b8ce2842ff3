/** Time for models and hosts: the wall's, or a virtual one that jumps to the next thing that is due. */

/** Milliseconds since some fixed moment, and a way to wait. */
export interface Clock {
  now(): number;
  /** Resolves `ms` later; rejects with `signal.reason` when that is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Time limits for many transfers with one timer: a timer for each would cost more than the transfer. */
import type { Clock } from '../ports/clock.ts';

interface Watched {
  readonly due: number;
  readonly expire: () => void;
}

/** How a piece of work may end before it has ended itself. */
export interface Limit {
  readonly ms: number;
  /** @returns the error once `ms` have passed */
  readonly late: () => Error;
  readonly signal?: AbortSignal | undefined;
}

export class Watchdog {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  /** When the timer ends; it goes on when the transfer that it was set for has ended in time. */
  #wakesAt = Number.POSITIVE_INFINITY;
  #timer = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends as `work` does, or with `late()` once `ms` have passed, or with the signal's reason: whichever comes first. */
  within<T>(work: Promise<T>, { ms, late, signal }: Limit): Promise<T> {
    return new Promise((resolve, reject) => {
      const watched = { due: this.#clock.now() + ms, expire: () => reject(late()) };
      this.#watched.add(watched);
      this.#wakeAt(watched.due);
      const stop = signal && ((): void => reject(signal.reason));
      if (stop && signal.aborted) stop();
      if (stop) signal.addEventListener('abort', stop, { once: true });
      const end = (): void => {
        this.#watched.delete(watched);
        if (stop) signal.removeEventListener('abort', stop);
      };
      work.then(
        (result) => {
          end();
          resolve(result);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  /** Lets go of the timer. */
  stop(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#timer.abort();
  }

  #wakeAt(due: number): void {
    if (due >= this.#wakesAt) return;
    this.stop();
    this.#wakesAt = due;
    this.#timer = new AbortController();
    this.#clock.sleep(due - this.#clock.now(), this.#timer.signal).then(
      () => this.#look(),
      // The timer was stopped, or set anew for an earlier moment.
      () => undefined,
    );
  }

  #look(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const watched of this.#watched) {
      if (watched.due > now) next = Math.min(next, watched.due);
      else {
        this.#watched.delete(watched);
        watched.expire();
      }
    }
    if (next !== Number.POSITIVE_INFINITY) this.#wakeAt(next);
  }
}

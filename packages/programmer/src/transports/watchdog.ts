/** Time limits for many transfers with one timer: a timer for each would cost more than the transfer. */
import type { Clock } from '../ports/clock.ts';

interface Watched {
  readonly due: number;
  readonly expire: () => void;
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

  /** Ends as `work` does, or with `late()` once `ms` have passed. What comes after that is not heard. */
  within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const watched = { due: this.#clock.now() + ms, expire: () => reject(late()) };
      this.#watched.add(watched);
      this.#wakeAt(watched.due);
      work.then(resolve, reject).finally(() => this.#watched.delete(watched));
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

/** Time for models and hosts: the wall's, or a virtual one that jumps to the next thing that is due. */

/** Milliseconds since some fixed moment, and a way to wait. */
export interface Clock {
  now(): number;
  /** Resolves `ms` later; rejects with `signal.reason` when that is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** `setTimeout` takes no more than 31 bits. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Platform timers end up to a millisecond early and some late: the last stretch is waited for in macrotasks. */
const COARSE_MS = 2;

/**
 * The wall's time. A sleep never ends early. When this machine wakes a sleeper late, whatever runs then still reads the moment at
 * which it was due: lateness of this machine is not added up into a device that is slower than its model.
 */
export class RealClock implements Clock {
  #latest = 0;
  /** The moment at which the sleeper was due whose work runs now. */
  #due: number | undefined;

  now(): number {
    this.#latest = Math.max(this.#latest, this.#due ?? performance.now());
    return this.#latest;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const due = this.now() + ms;
      let timer: unknown;
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const look = () => {
        if (signal?.aborted) return;
        if (performance.now() < due) return macrotask(look);
        signal?.removeEventListener('abort', onAbort);
        this.#wakeAt(due);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const left = due - performance.now();
      if (left > COARSE_MS) timer = setTimeout(look, Math.min(left - COARSE_MS, LONGEST_TIMER_MS));
      else look();
    });
  }

  /** Until the next macrotask, which runs only after all that the sleeper's promise sets off. */
  #wakeAt(due: number): void {
    this.#due = due;
    macrotask(() => {
      if (this.#due === due) this.#due = undefined;
    });
  }
}

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/**
 * A discrete-event clock: time stands still while anything runs, and jumps to the earliest sleeper when everything
 * waits. "Everything waits" is judged by macrotask hops: a hop runs only after all pending promise reactions have.
 * Code that waits for a socket or a file is not seen; whoever does takes a `hold()` for as long.
 */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #holds = 0;
  #hopping = false;
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        timer.cancelled = true;
        reject(signal?.reason);
      };
      const fire = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const timer: Timer = { due: this.#now + Math.max(0, ms), order: this.#order++, fire, cancelled: false };
      signal?.addEventListener('abort', onAbort, { once: true });
      pushTimer(this.#timers, timer);
      this.#hop();
    });
  }

  /** Stops time while something outside is under way. @returns a function that lets it go on */
  hold(): () => void {
    let held = true;
    this.#holds += 1;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.#hop();
    };
  }

  #hop(): void {
    if (this.#hopping || this.#holds > 0) return;
    this.#hopping = true;
    macrotask(() => {
      this.#hopping = false;
      if (this.#holds > 0) return;
      this.#fireNext();
      if (this.#timers.length > 0) this.#hop();
    });
  }

  /** Sleepers that are due at the same moment wake in the order in which they went to sleep. */
  #fireNext(): void {
    this.#dropCancelled();
    const due = this.#timers[0]?.due;
    if (due === undefined) return;
    this.#now = due;
    while (this.#timers[0]?.due === due) {
      const timer = popTimer(this.#timers);
      if (timer && !timer.cancelled) timer.fire();
    }
    this.#dropCancelled();
  }

  #dropCancelled(): void {
    while (this.#timers[0]?.cancelled) popTimer(this.#timers);
  }
}

const macrotask = macrotasks();

/** `setImmediate` where it exists, else a message to ourselves: both run without the delay that `setTimeout` has. */
function macrotasks(): (callback: () => void) => void {
  let channel: MessageChannel | undefined;
  const waiting: (() => void)[] = [];
  return (callback) => {
    if (typeof setImmediate === 'function') {
      setImmediate(callback);
      return;
    }
    if (!channel) {
      channel = new MessageChannel();
      channel.port1.onmessage = () => waiting.shift()?.();
    }
    waiting.push(callback);
    channel.port2.postMessage(undefined);
  };
}

function earlier(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/** A binary heap, earliest first. */
function pushTimer(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  heap.push(timer);
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (!parent || earlier(parent, timer)) break;
    heap[index] = parent;
    heap[above] = timer;
    index = above;
  }
}

function popTimer(heap: Timer[]): Timer | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!last || last === top) return top;
  heap[0] = last;
  let index = 0;
  for (;;) {
    const left = heap[2 * index + 1];
    const right = heap[2 * index + 2];
    if (!left) return top;
    const rightFirst = right !== undefined && earlier(right, left);
    const child = rightFirst ? right : left;
    if (earlier(last, child)) return top;
    const below = rightFirst ? 2 * index + 2 : 2 * index + 1;
    heap[index] = child;
    heap[below] = last;
    index = below;
  }
}

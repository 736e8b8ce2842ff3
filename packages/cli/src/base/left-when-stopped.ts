/** Work that changes nothing may be left where it is: whoever presses Ctrl-C need not wait for its end. */

/** @returns what the work gives. @throws what it throws; `signal.reason` as soon as the signal says so */
export async function leftWhenStopped<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Work that changes nothing may be left where it is: whoever presses Ctrl-C need not wait for its end. */

/**
 * @param late puts away what the work gives after it was left; the process waits a moment for it
 * @returns what the work gives. @throws what it throws; `signal.reason` as soon as the signal says so
 */
export async function leftWhenStopped<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  late: (result: T) => Promise<void> = async () => undefined,
): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work()
      .then(async (result) => await (signal.aborted ? late(result) : resolve(result)))
      .catch(reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

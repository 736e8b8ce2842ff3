/** Waits for a device that has left the bus, or is about to. */
import { FlashError, isFlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { OperationOptions } from '../target/target.ts';

/** An F105 with a crystal of 8 MHz takes 13.7 s until it shows itself (AN2606). */
const RETURN_LIMIT_MS = 30_000;
const RETURN_LOOK_MS = 100;

export interface ReturnOptions extends OperationOptions {
  /** It was asked to restart in its bootloader, and nothing else was done. */
  readonly detached?: true;
  /** Half a minute where absent; where a person has to do something, it takes longer. */
  readonly limitMs?: number | undefined;
}

/**
 * Looks again and again until `find` has it.
 * @throws FlashError `device/not-back`; what `find` throws otherwise than by not finding; `signal.reason`
 */
export async function waitForReturn<T>(
  find: () => Promise<T | undefined>,
  clock: Clock,
  { limitMs = RETURN_LIMIT_MS, signal, ...expected }: ReturnOptions = {},
): Promise<T> {
  const deadline = clock.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await find();
      if (found !== undefined) return found;
    } catch (error) {
      // While a device comes up it may refuse to be opened.
      if (!isFlashError(error)) throw error;
      last = error;
    }
    if (clock.now() >= deadline) throw new FlashError('device/not-back', { afterMs: limitMs, ...expected }, last);
    await clock.sleep(RETURN_LOOK_MS, signal);
  }
}

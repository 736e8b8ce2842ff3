/** Waiting for a device that is not there yet. */
import { type Clock, systemClock } from '@sureflash/programmer';
import { CommandError } from '../base/command-error.ts';

/** Codes of errors that time may mend. */
const NOT_YET: ReadonlySet<string> = new Set([
  'cli/no-device',
  'usbip/no-such-device',
  'usbip/refused',
  'usbip/unreachable',
]);
const LOOK_MS = 250;

export interface Waiting {
  /** How long; for ever where `true`. */
  readonly seconds: number | true;
  readonly signal: AbortSignal;
  /** Told once, when there is nothing yet. */
  readonly onWaiting: () => void;
  readonly clock?: Clock;
}

/**
 * Asks `open` again until it finds a device.
 * @throws what `open` threw last when the time is over, and the signal's reason
 */
export async function waitFor<T>(
  open: () => Promise<T>,
  { seconds, signal, onWaiting, clock = systemClock }: Waiting,
): Promise<T> {
  const deadline = seconds === true ? Number.POSITIVE_INFINITY : clock.now() + seconds * 1000;
  for (let told = false; ; told = true) {
    try {
      return await open();
    } catch (error) {
      const mayCome = error instanceof CommandError && NOT_YET.has(error.code);
      if (!mayCome || clock.now() >= deadline) throw error;
    }
    if (!told) onWaiting();
    await clock.sleep(LOOK_MS, signal);
  }
}

/** Waiting for a device that is not there yet. */
import { type Clock, systemClock } from '@sureflash/programmer';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';

/** Codes of errors that time may mend. */
const NOT_YET: ReadonlySet<string> = new Set([
  'cli/no-device',
  'usbip/no-such-device',
  'usbip/refused',
  'usbip/unreachable',
]);
const LOOK_MS = 250;

/**
 * Asks `open` again until it finds a device.
 * @param seconds how long; for ever where `true`
 * @throws what `open` threw last when the time is over, and the signal's reason
 */
export async function waitFor<T>(
  context: Context,
  { seconds, clock = systemClock }: { readonly seconds: number | true; readonly clock?: Clock },
  open: () => Promise<T>,
): Promise<T> {
  const deadline = seconds === true ? Number.POSITIVE_INFINITY : clock.now() + seconds * 1000;
  for (let told = false; ; told = true) {
    try {
      return await open();
    } catch (error) {
      const mayCome = error instanceof CommandError && NOT_YET.has(error.code);
      if (!mayCome || clock.now() >= deadline) throw error;
    }
    if (!told) context.note(context.style.strong('Waiting'), 'for a device; Ctrl-C ends it');
    await clock.sleep(LOOK_MS, context.io.signal);
  }
}

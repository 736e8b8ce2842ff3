/** Waiting for a device that is not there yet. */
import { type Clock, systemClock } from '@sureflash/programmer';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';

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
 * @throws what `open` threw last when the time is over, with how long that was; CommandError `cli/interrupted`
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
      if (!mayCome) throw error;
      if (clock.now() >= deadline) throw afterWaiting(error, Number(seconds));
    }
    if (!told) onWaiting();
    await clock.sleep(LOOK_MS, signal).catch((error: unknown) => {
      throw signal.aborted ? interrupted() : error;
    });
  }
}

function afterWaiting(error: CommandError, seconds: number): CommandError {
  const { code, exitCode, message, remedy, facts } = error;
  return new CommandError({ code, exitCode, title: `${message} Waited ${seconds} s.`, remedy, facts, cause: error });
}

function interrupted(): CommandError {
  return new CommandError({
    code: 'cli/interrupted',
    exitCode: EXIT.interrupted,
    title: 'Interrupted while waiting for a device; nothing was touched.',
  });
}

/** Waiting for a device that is not there yet. */
import { type Clock, isFlashError, systemClock } from '@sureflash/programmer';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';

/** Codes of errors that time may mend. */
const NOT_YET: ReadonlySet<string> = new Set([
  'cli/no-device',
  'usbip/no-such-device',
  'usbip/refused',
  'usbip/unreachable',
]);
/** A device that has just appeared belongs to root until udev has set its rights; that takes some tenths of a second. */
const NOT_YET_OPEN: ReadonlySet<string> = new Set(['usb/access', 'usb/hidden']);
const RIGHTS_MS = 3_000;
export const LOOK_MS = 250;

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
  let deniedSince: number | undefined;
  for (let told = false; ; told = true) {
    try {
      return await open();
    } catch (error) {
      const code = error instanceof CommandError || isFlashError(error) ? error.code : '';
      deniedSince = NOT_YET_OPEN.has(code) ? (deniedSince ?? clock.now()) : undefined;
      const mayCome = NOT_YET.has(code) || (deniedSince !== undefined && clock.now() - deniedSince < RIGHTS_MS);
      if (!mayCome) throw error;
      if (clock.now() >= deadline) throw error instanceof CommandError ? afterWaiting(error, Number(seconds)) : error;
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

/** Brings a board back that has left its bootloader: the board itself, a person, or the hand that a virtual board has. */
import type { JobOptions } from '@sureflash/programmer';
import type { OpenDevice } from '../device/open.ts';

/** A person has to find two pins and a button. */
const RETURN_SECONDS = 120;

interface Returning {
  readonly seconds: number | true | undefined;
  readonly signal: AbortSignal;
  readonly note: (label: string, text: string) => void;
}

/** @returns the option of a job that waits for the board; nothing where that is not asked for */
export function leavingAndChecking(
  device: OpenDevice,
  { seconds, signal, note }: Returning,
): Pick<JobOptions, 'leaveAndCheck'> {
  if (seconds === undefined) return {};
  const limit = seconds === true ? RETURN_SECONDS : seconds;
  return {
    leaveAndCheck: async ({ isBack }) => {
      device.bringBack?.();
      note(
        'Waiting',
        `all bytes were right, and the program was started; bring the board back into its bootloader within ${limit} s, with BOOT0 high or its key at a reset, if it does not come back by itself`,
      );
      return await device.reopen({ isBack, limitMs: limit * 1000, signal });
    },
  };
}

/** Why a device could not be looked at, in a few words for a list. */
import { type ErrorCode, hasCode, isFlashError } from '@sureflash/programmer';

const REPLUG = 'unplug it and plug it in again';

const WHY: Partial<Readonly<Record<ErrorCode, string>>> = {
  'usb/access': 'this user may not open it',
  'usb/busy': 'another program holds it',
  'usb/gone': 'it has left the bus',
  'usb/timeout': `it does not answer; ${REPLUG}`,
  'probe/mute': `it does not answer; ${REPLUG}`,
  'probe/protocol': `its answers are out of step; ${REPLUG}`,
};

/** @returns `undefined` where the code says it all */
export function whyNot(error: unknown): string | undefined {
  if (!isFlashError(error)) return error instanceof Error ? error.message : undefined;
  if (hasCode(error, 'probe/firmware')) return `${error.facts.found} is too old, ${error.facts.least} is needed`;
  if (hasCode(error, 'probe/no-target'))
    return error.facts.reason === 'taken' ? 'it is busy with its disk' : 'no chip answers';
  return hasCode(error, 'usb/transfer') ? error.facts.detail : WHY[error.code];
}

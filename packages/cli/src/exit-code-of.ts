/** Which error ends in which exit code. */
import { ImageError } from '@sureflash/image';
import { type ErrorCode, FlashError } from '@sureflash/programmer';
import { JobFailed } from '@sureflash/programmer/engine';
import { CommandError } from './command-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

const BY_CODE: { readonly [C in ErrorCode]: ExitCode } = {
  'usb/stall': EXIT.refused,
  'usb/timeout': EXIT.refused,
  'usb/gone': EXIT.refused,
  'usb/access': EXIT.access,
  'usb/busy': EXIT.access,
  'usb/transfer': EXIT.refused,
  'usb/descriptor': EXIT.refused,
  'device/not-programmable': EXIT.device,
  'device/unstable-read': EXIT.refused,
  'device/read-protected': EXIT.protected,
  'device/other-chip': EXIT.device,
  'device/not-back': EXIT.refused,
  'option-bytes/absent': EXIT.refused,
  'option-bytes/unknown': EXIT.refused,
  'option-bytes/field': EXIT.usage,
  'option-bytes/value': EXIT.usage,
  'option-bytes/fixed': EXIT.usage,
  'option-bytes/for-ever': EXIT.usage,
  'option-bytes/differ': EXIT.mismatch,
  'dfu/status': EXIT.refused,
  'dfu/protocol': EXIT.refused,
  'dfu/stuck': EXIT.refused,
  'dfu/short-read': EXIT.refused,
  'dfu/layout': EXIT.refused,
  'plan/outside': EXIT.file,
  'plan/read-only': EXIT.protected,
  'plan/one-time': EXIT.usage,
  'plan/spent': EXIT.file,
  'plan/empty': EXIT.file,
  'plan/doubtful': EXIT.refused,
  'verify/mismatch': EXIT.mismatch,
  'verify/too-quick': EXIT.mismatch,
  'verify/not-erased': EXIT.mismatch,
  'fix/impossible': EXIT.refused,
  'fix/option': EXIT.usage,
  'trace/diverged': EXIT.refused,
};

/** `instanceof` alone leaves the code and its facts open. */
export function isFlashError(error: unknown): error is FlashError {
  return error instanceof FlashError;
}

/** @param interrupted whether the user asked to stop: then that is the reason, whatever was thrown on the way */
export function exitCodeOf(error: unknown, interrupted: boolean): ExitCode {
  if (interrupted) return EXIT.interrupted;
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof JobFailed) return BY_CODE[error.error.code];
  if (isFlashError(error)) return BY_CODE[error.code];
  return error instanceof ImageError ? EXIT.file : EXIT.defect;
}

/** Exit codes, documented and stable: what each means, and which error ends in which. */
import type { ErrorCode } from '@sureflash/programmer';

export const EXIT = {
  success: 0,
  defect: 1,
  usage: 2,
  device: 3,
  access: 4,
  file: 5,
  refused: 6,
  mismatch: 7,
  protected: 8,
  unproven: 9,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** In the order of the help. */
export const EXIT_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.success, 'success, and proven'],
  [EXIT.defect, 'a defect of sureflash'],
  [EXIT.usage, 'wrong usage: this command line cannot work'],
  [EXIT.device, 'no device, several, or another chip than was stated'],
  [EXIT.access, 'no access: permission, driver, or in use'],
  [EXIT.file, 'bad file, or it does not fit the device'],
  [EXIT.refused, 'the device refused or broke off'],
  [EXIT.mismatch, 'verification failed, or files differ'],
  [EXIT.protected, 'protected: read protection, or read-only memory'],
  [EXIT.unproven, 'programmed and not proven, as --unproven allows'],
  [EXIT.interrupted, 'interrupted; the next run completes it'],
];

/** A code without a row does not compile. */
export const EXIT_BY_ERROR: { readonly [C in ErrorCode]: ExitCode } = {
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
  'device/unreadable': EXIT.refused,
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
  'dfu/block-size': EXIT.refused,
  'dfu/layout': EXIT.refused,
  'read/short': EXIT.refused,
  'preflight/danger': EXIT.file,
  'plan/outside': EXIT.file,
  'plan/read-only': EXIT.protected,
  'plan/one-time': EXIT.usage,
  'plan/spent': EXIT.file,
  'plan/supply': EXIT.usage,
  'plan/empty': EXIT.file,
  'plan/doubtful': EXIT.refused,
  'plan/nothing-to-start': EXIT.refused,
  'verify/mismatch': EXIT.mismatch,
  'verify/too-quick': EXIT.mismatch,
  'verify/not-erased': EXIT.mismatch,
  'fix/impossible': EXIT.refused,
  'fix/option': EXIT.usage,
  'trace/diverged': EXIT.refused,
};

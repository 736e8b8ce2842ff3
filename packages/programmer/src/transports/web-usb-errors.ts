/** Turns the errors of the three dialects of WebUSB into one set of codes. Names come from browsers, texts from libusb and nusb. */
import { FlashError, isFlashError } from '../errors.ts';
import type { FailedTransfer } from '../ports/usb.ts';

const GONE = /no[_ ]device|disconnected|device (was )?not found|LIBUSB_ERROR_NOT_FOUND/i;
/**
 * Selecting an alternate has words of its own for a stall: LIBUSB_ERROR_PIPE on macOS (libusb darwin_usb.c), EPIPE on
 * Linux and kIOUSBPipeStalled on macOS through nusb. The others keep the reason to themselves: browsers ("Unable to set
 * device interface."), libusb on Linux (LIBUSB_ERROR_OTHER, linux_usbfs.c) and on Windows (LIBUSB_ERROR_IO).
 */
const STALLED = /stall|LIBUSB_ERROR_PIPE|\berrno 32\b|\b0xe000404f\b/i;
/** Our own mistake, and a browser's NotFoundError all the same: it has no such interface, alternate or endpoint. */
const NO_SUCH_PART = /not supported by the device|not part of/i;
const DENIED = /LIBUSB_ERROR_ACCESS|access denied|permission|LIBUSB_ERROR_NOT_SUPPORTED/i;
const TAKEN = /LIBUSB_ERROR_BUSY|\bbusy\b|unable to claim|already (in use|claimed)/i;
/** nusb has no limit of its own: npm `usb` 3 cancels a transfer that takes too long. */
const LATE = /timed?[_ -]?out|transfer was cancelled/i;

/**
 * @param transfer the transfer that failed; absent while opening and claiming
 * @param afterMs how long it had taken when it failed
 */
export function webUsbFailure(error: unknown, transfer?: FailedTransfer, afterMs = 0): FlashError {
  if (isFlashError(error)) return error;
  const name = error instanceof Error ? error.name : '';
  const detail = error instanceof Error ? error.message : String(error);
  const isAbsent = name === 'NotFoundError' && !NO_SUCH_PART.test(detail);
  if (isAbsent || GONE.test(detail)) return new FlashError('usb/gone', { ...transfer }, error);
  if (transfer && STALLED.test(detail)) return new FlashError('usb/stall', transfer, error);
  if (name === 'SecurityError' || DENIED.test(detail)) return new FlashError('usb/access', { detail }, error);
  if (TAKEN.test(detail)) return new FlashError('usb/busy', { detail }, error);
  // A browser's AbortError is a transfer that a close or a reset has ended.
  if (name !== 'AbortError' && LATE.test(detail)) return new FlashError('usb/timeout', { ...transfer, afterMs }, error);
  return new FlashError('usb/transfer', { ...transfer, detail }, error);
}

/** Run-time DFU: asks a running program to restart as a bootloader (DFU 1.1 §5.1). It does not wait for its return. */
import { FlashError, hasCode } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { UsbPort } from '../ports/usb.ts';
import { REQUEST } from './protocol/codes.ts';
import { findFunctionalDescriptor } from './protocol/functional.ts';

/** By itself, with a reset of the bus by the host, or by neither of them in time. */
type DetachWay = 'itself' | 'bus-reset';

const REQUEST_MS = 5_000;
/** Of a device that names no time of its own (DFU 1.1 §4.1.3, wDetachTimeOut). */
const DEFAULT_WAIT_MS = 1_000;
/** A device that says that it detaches has this long for it, whatever it names. */
const LEAST_LEAVING_MS = 2_000;

/**
 * Sends DFU_DETACH. A device that says that it detaches by itself (bitWillDetach) has left the bus afterwards, or is reset
 * where it does not; any other is reset at once, within the time that it waits for that.
 * @throws FlashError `device/not-programmable` for a device without a valid functional descriptor at this interface or one
 * that refuses; `usb/*`
 */
export async function detach(port: UsbPort, { clock }: { readonly clock: Clock }): Promise<DetachWay> {
  const functional = findFunctionalDescriptor(port.configurationDescriptor, port.interfaceNumber);
  if (!functional?.canDownload) {
    throw refused('its run-time DFU interface has no functional descriptor that offers downloads');
  }
  const { detachTimeoutMs, willDetach } = functional;
  const waitMs = detachTimeoutMs === 0 ? DEFAULT_WAIT_MS : detachTimeoutMs;
  try {
    const setup = { requestType: 'class', recipient: 'interface', request: REQUEST.DETACH, value: waitMs } as const;
    await port.controlOut({ ...setup, index: port.interfaceNumber }, new Uint8Array(0), { timeoutMs: REQUEST_MS });
  } catch (error) {
    if (hasCode(error, 'usb/stall')) throw refused('it refuses to be sent to its bootloader (DFU_DETACH)', error);
    // A restart in mid-transfer may look like any failure of it.
    if (!hasCode(error, 'usb/gone', 'usb/timeout', 'usb/transfer')) throw error;
  }
  if (willDetach && (await leaves(port, { clock, withinMs: Math.max(waitMs, LEAST_LEAVING_MS) }))) return 'itself';
  await port.reset().catch((error: unknown) => {
    // One that comes back as another device ends the reset with an error.
    if (!hasCode(error, 'usb/gone', 'usb/timeout', 'usb/transfer')) throw error;
  });
  return 'bus-reset';
}

const refused = (detail: string, cause?: unknown): FlashError<'device/not-programmable'> =>
  new FlashError('device/not-programmable', { detail, cannotDetach: true }, cause);

async function leaves(
  port: UsbPort,
  { clock, withinMs }: { readonly clock: Clock; readonly withinMs: number },
): Promise<boolean> {
  const stop = new AbortController();
  try {
    const gone = port.gone.then(() => true);
    return await Promise.race([gone, clock.sleep(withinMs, stop.signal).then(() => false)]);
  } finally {
    stop.abort();
  }
}

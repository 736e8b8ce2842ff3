/** OP_REP_IMPORT as a client reads it, and what its refusals mean. */
import { DEVICE_SIZE, type DeviceRecord, decodeDevice } from './device-record.ts';
import { UsbIpError } from './usbip-error.ts';
import { decodeOpHeader, OP, SIZE, STATUS } from './wire.ts';

/** Status words of OP_REP_IMPORT (Linux, tools/usb/usbip/libsrc/usbip_common.h); 2 and 4 have errors of their own. */
const REASONS: Readonly<Record<number, string>> = {
  1: 'the request cannot be done',
  3: 'the device is in an error state there; take it from the server and give it again',
  5: 'the server failed',
};

/**
 * Reads the reply to an import: yields the number of bytes that it needs next, is resumed with them.
 * @throws UsbIpError `no-such-device`, `busy`, `rejected` or `protocol`
 */
export function* readImport(busid: string): Generator<number, DeviceRecord, Uint8Array> {
  const { code, status } = decodeOpHeader(yield SIZE.OP_HEADER);
  if (code !== OP.REP_IMPORT) throw new UsbIpError('protocol', `An import was asked for, reply ${code} came.`);
  if (status !== STATUS.OK) throw refusal(busid, status);
  return decodeDevice(yield DEVICE_SIZE);
}

function refusal(busid: string, status: number): UsbIpError {
  switch (status) {
    case STATUS.NODEV:
      return new UsbIpError('no-such-device', `The server exports no device ${busid}.`, { status });
    case STATUS.DEV_BUSY:
      return new UsbIpError('busy', `Another client uses device ${busid}.`, { status });
    case STATUS.NA:
      // Older servers have this one number for both.
      return new UsbIpError(
        'rejected',
        `The server does not give ${busid}: not exported, or in use by another client.`,
        {
          status,
        },
      );
    default:
      return new UsbIpError(
        'rejected',
        `The server does not give ${busid}: ${REASONS[status] ?? 'it names no reason that is known'} (status ${status}).`,
        { status },
      );
  }
}

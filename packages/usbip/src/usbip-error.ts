/** What can go wrong between a USB/IP client and a server, by code. */

/**
 * - `refused`: nobody listens at that port
 * - `unreachable`: no connection (unknown host, no route, no answer)
 * - `no-such-device`: the server exports no device of that bus id
 * - `busy`: another client has imported the device
 * - `rejected`: the server does not give the device, for another reason; `status` says which
 * - `stall`: the device answered STALL
 * - `timeout`: the call's time limit passed
 * - `gone`: the device or the connection has gone
 * - `failed`: the transfer ended with another error; `status` is the server's negative errno
 * - `protocol`: the other side sent what USB/IP does not allow
 * - `listen`: the server cannot listen at that address
 */
export type UsbIpErrorCode =
  | 'refused'
  | 'unreachable'
  | 'no-such-device'
  | 'busy'
  | 'rejected'
  | 'stall'
  | 'timeout'
  | 'gone'
  | 'failed'
  | 'protocol'
  | 'listen';

/** A USB/IP failure. `status` is the number on the wire, where there was one. */
export class UsbIpError extends Error {
  override readonly name = 'UsbIpError';
  readonly code: UsbIpErrorCode;
  readonly status: number | undefined;

  constructor(code: UsbIpErrorCode, message: string, details: { status?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
  }
}

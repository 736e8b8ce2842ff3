/**
 * How three implementations of WebUSB differ: browsers (Chromium's names and messages), npm `usb` 2.18.0 (libusb) and
 * npm `usb` 3.1.0 (a Rust rewrite). Measured on Node 20 and in a Linux guest with a real kernel USB stack.
 */

export type DialectName = 'browser' | 'usb-2.18' | 'usb-3.1';

/** What went wrong, before a dialect has put it into its own words. */
export type Trouble =
  | 'gone'
  | 'timeout'
  /** The host took the transfer back: its interface was released, or the device reset. */
  | 'cancelled'
  /** The device sent more than was asked for, where that is not a status. */
  | 'babble'
  | 'stall'
  /** The device stalls SET_INTERFACE. */
  | 'refused-alternate'
  | 'not-open'
  | 'no-interface'
  | 'no-alternate'
  /** No claimed interface has this endpoint in its present setting. */
  | 'no-endpoint'
  | 'no-configuration'
  | 'not-claimed'
  | 'busy'
  | 'denied'
  | 'pending'
  | 'disconnected'
  | 'not-chosen';

export interface Dialect {
  readonly name: DialectName;
  /** Time limits in ms unless others are set; `undefined` where there is none. */
  readonly defaultTimeoutMs: { readonly control: number | undefined; readonly bulk: number | undefined };
  /** `new WebUSB({ deviceTimeout })` changes the limit of control transfers. */
  readonly takesDeviceTimeout: boolean;
  /** Transfers take a limit as a last argument that no document names. */
  readonly takesTimeout: boolean;
  /** A stall, and more bytes than were asked for, are errors rather than a status. */
  readonly stallRejects: boolean;
  /** OUT transfers need data, if only an empty array. */
  readonly needsData: boolean;
  /** Every look at the bus makes new objects. */
  readonly newObjects: boolean;
  /** `interface.alternate` follows `selectAlternateInterface`. */
  readonly updatesAlternate: boolean;
  /** Devices that may not be opened are left out of the list. */
  readonly hidesDenied: boolean;
  /** `close()` gives claimed interfaces back. */
  readonly closeReleases: boolean;
  /** `close()` fails while a transfer is pending. */
  readonly closeNeedsRest: boolean;
  /** Reads the hex digits of bcdUSB and bcdDevice as decimal ones. */
  readonly decimalVersions: boolean;
  error(operation: string, trouble: Trouble): Error;
}

function named(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

const BROWSER_ERRORS: Readonly<Record<Trouble, readonly [name: string, message: string]>> = {
  gone: ['NetworkError', 'A transfer error has occurred.'],
  timeout: ['TimeoutError', 'The transfer timed out.'],
  cancelled: ['AbortError', 'The transfer was cancelled.'],
  babble: ['NetworkError', 'A transfer error has occurred.'],
  stall: ['NetworkError', 'A transfer error has occurred.'],
  // Whatever the reason (Chromium, usb_device.cc, AsyncSelectAlternateInterface).
  'refused-alternate': ['NetworkError', 'Unable to set device interface.'],
  'not-open': ['InvalidStateError', 'The device must be opened first.'],
  'no-interface': [
    'NotFoundError',
    'The interface number provided is not supported by the device in its current configuration.',
  ],
  'no-alternate': [
    'NotFoundError',
    'The alternate setting provided is not supported by the device in its current configuration.',
  ],
  'no-endpoint': ['NotFoundError', 'The specified endpoint is not part of a claimed and selected alternate interface.'],
  'no-configuration': ['NotFoundError', 'The configuration value provided is not supported by the device.'],
  'not-claimed': ['InvalidStateError', 'The specified interface has not been claimed.'],
  busy: ['NetworkError', 'Unable to claim interface.'],
  denied: ['SecurityError', 'Access denied.'],
  pending: ['InvalidStateError', 'An operation that changes the device state is in progress.'],
  disconnected: ['NotFoundError', 'The device was disconnected.'],
  'not-chosen': ['NotFoundError', "Failed to execute 'requestDevice' on 'USB': No device selected."],
};

const LIBUSB_ERRORS: Readonly<Record<Trouble, string>> = {
  gone: 'Error: LIBUSB_TRANSFER_NO_DEVICE',
  timeout: 'Error: LIBUSB_TRANSFER_TIMED_OUT',
  cancelled: 'Error: LIBUSB_TRANSFER_CANCELLED',
  babble: 'Error: LIBUSB_TRANSFER_OVERFLOW',
  stall: 'Error: LIBUSB_TRANSFER_STALL',
  // As Linux has it (libusb 1.0, linux_usbfs.c, op_set_interface); macOS has LIBUSB_ERROR_PIPE.
  'refused-alternate': 'Error: LIBUSB_ERROR_OTHER',
  'not-open': 'Error: The device must be opened first',
  'no-interface': 'interface not found',
  'no-alternate': 'Error: LIBUSB_ERROR_NOT_FOUND',
  // It looks for the endpoint and does not look whether it found one (webusb-device.js, transferIn).
  'no-endpoint': "TypeError: Cannot read properties of undefined (reading 'transferAsync')",
  'no-configuration': 'configuration not found',
  'not-claimed': 'invalid state',
  busy: 'Error: LIBUSB_ERROR_BUSY',
  denied: 'Error: LIBUSB_ERROR_ACCESS',
  pending: "Error: Can't close device with a pending request",
  disconnected: 'Error: LIBUSB_ERROR_NO_DEVICE',
  'not-chosen': "Failed to execute 'requestDevice' on 'USB': No device selected.",
};

/** Only the text of a stall was measured; the others are our wording in its style. */
const RUST_ERRORS: Readonly<Record<Trouble, string>> = {
  gone: 'device disconnected',
  timeout: 'transfer was cancelled',
  cancelled: 'transfer was cancelled',
  babble: 'hardware fault or protocol violation',
  stall: 'endpoint stalled',
  // The number is Linux's EPIPE, written as nusb writes it (error.rs, linux_usbfs).
  'refused-alternate': 'failed to set alternate setting (errno 32)',
  'not-open': 'device not open',
  'no-interface': 'interface not found',
  'no-alternate': 'alternate setting not found',
  'no-endpoint': 'endpoint not found',
  'no-configuration': 'configuration not found',
  'not-claimed': 'interface not claimed',
  busy: 'interface is busy',
  denied: 'permission denied',
  pending: 'device is busy',
  disconnected: 'device disconnected',
  'not-chosen': 'No device selected.',
};

const BROWSER: Dialect = {
  name: 'browser',
  defaultTimeoutMs: { control: undefined, bulk: undefined },
  takesDeviceTimeout: false,
  takesTimeout: false,
  stallRejects: false,
  needsData: false,
  newObjects: false,
  updatesAlternate: true,
  hidesDenied: false,
  closeReleases: true,
  closeNeedsRest: false,
  decimalVersions: false,
  error: (_, trouble) => named(...BROWSER_ERRORS[trouble]),
};

const USB_2: Dialect = {
  name: 'usb-2.18',
  // An endpoint has a limit of its own, 0 until somebody sets it (endpoint.js): none.
  defaultTimeoutMs: { control: 1000, bulk: undefined },
  takesDeviceTimeout: true,
  takesTimeout: false,
  stallRejects: false,
  needsData: false,
  newObjects: false,
  updatesAlternate: false,
  hidesDenied: true,
  closeReleases: true,
  closeNeedsRest: true,
  decimalVersions: true,
  error(operation, trouble) {
    if (trouble === 'not-chosen') return named('NotFoundError', LIBUSB_ERRORS[trouble]);
    return new Error(`${operation} error: ${LIBUSB_ERRORS[trouble]}`);
  },
};

const USB_3: Dialect = {
  name: 'usb-3.1',
  defaultTimeoutMs: { control: 1000, bulk: 1000 },
  takesDeviceTimeout: false,
  takesTimeout: true,
  stallRejects: true,
  needsData: true,
  newObjects: true,
  updatesAlternate: false,
  hidesDenied: false,
  closeReleases: false,
  closeNeedsRest: false,
  decimalVersions: false,
  error: (operation, trouble) => new Error(`${operation} error: ${RUST_ERRORS[trouble]}`),
};

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  browser: BROWSER,
  'usb-2.18': USB_2,
  'usb-3.1': USB_3,
};

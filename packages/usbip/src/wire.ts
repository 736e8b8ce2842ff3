/**
 * The USB/IP protocol 1.1.1 as bytes: requests, replies and URBs, encoded and decoded, with no socket in sight.
 * Source of every number and offset: Linux, Documentation/usb/usbip_protocol.rst. Fields are big-endian, but for the
 * setup packet, which travels as on the bus.
 */
import { UsbIpError } from './usbip-error.ts';

/** Version 1.1.1 ("Protocol Version"). Linux' usbip and usbipd refuse every version but their own, and this has been theirs for years. */
const USBIP_VERSION = 0x0111;

/** The port that IANA gave USB/IP. */
export const USBIP_PORT = 3240;

/** No data. */
export const NOTHING = new Uint8Array(0);

/** Operation codes ("Message Format"). */
export const OP = { REQ_IMPORT: 0x8003, REP_IMPORT: 0x0003, REQ_DEVLIST: 0x8005, REP_DEVLIST: 0x0005 } as const;

/** Status of an operation. The document knows 0 and 1; the others are what Linux' usbipd sends and usbip explains. */
export const STATUS = { OK: 0, NA: 1, DEV_BUSY: 2, DEV_ERR: 3, NODEV: 4, ERROR: 5 } as const;

/** Commands of `usbip_header_basic`. */
const COMMAND = { CMD_SUBMIT: 1, CMD_UNLINK: 2, RET_SUBMIT: 3, RET_UNLINK: 4 } as const;

/** Linux errno numbers; a status on the wire is their negative. */
export const ERRNO = {
  ENOENT: 2,
  ENODEV: 19,
  EINVAL: 22,
  EPIPE: 32,
  EOVERFLOW: 75,
  ECONNRESET: 104,
  ESHUTDOWN: 108,
  ETIMEDOUT: 110,
} as const;

/** Bytes of an operation's header, of a bus id and of every URB header. */
export const SIZE = { OP_HEADER: 8, BUSID: 32, URB_HEADER: 48 } as const;

/** The longest transfer that we take or ask for, in bytes: no USB driver that we know sends more in one URB. */
export const MAX_TRANSFER = 1 << 20;

/** "shall be set to 0xffffffff if not ISO transfer"; older clients send 0. */
const NOT_ISOCHRONOUS = 0xffffffff;
const URB_DIR_IN = 0x200;

export type Direction = 'in' | 'out';

/** A control request without its length (USB 2.0 §9.3); numbers as in the specification. */
export interface ControlSetup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

/** A whole SETUP packet. */
export interface SetupPacket extends ControlSetup {
  readonly length: number;
}

/** USBIP_CMD_SUBMIT without its data. `length` is transfer_buffer_length; the data follow where direction is `out`. */
export interface SubmitHeader {
  readonly command: 'submit';
  readonly seqnum: number;
  readonly devid: number;
  readonly direction: Direction;
  readonly endpoint: number;
  readonly length: number;
  readonly setup: SetupPacket;
}

/** USBIP_CMD_UNLINK. `target` is the seqnum of the URB to take back. */
export interface UnlinkHeader {
  readonly command: 'unlink';
  readonly seqnum: number;
  readonly devid: number;
  readonly target: number;
}

/** USBIP_RET_SUBMIT without its data, or USBIP_RET_UNLINK (whose `length` is 0). `status` is 0 or a negative errno. */
export interface ReturnHeader {
  readonly command: 'submitted' | 'unlinked';
  readonly seqnum: number;
  readonly status: number;
  readonly length: number;
}

const NO_SETUP: SetupPacket = { requestType: 0, request: 0, value: 0, index: 0, length: 0 };

/** A view of these bytes and no others of their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The first 8 bytes of every operation, both ways. */
export function encodeOpHeader(code: number, status: number = STATUS.OK): Uint8Array {
  const bytes = new Uint8Array(SIZE.OP_HEADER);
  const view = viewOf(bytes);
  view.setUint16(0, USBIP_VERSION);
  view.setUint16(2, code);
  view.setUint32(4, status);
  return bytes;
}

/** @throws UsbIpError `protocol` on another version */
export function decodeOpHeader(bytes: Uint8Array): { code: number; status: number } {
  const view = viewOf(bytes);
  const version = view.getUint16(0);
  if (version !== USBIP_VERSION) {
    throw new UsbIpError(
      'protocol',
      `USB/IP version 0x0111 expected, 0x${version.toString(16).padStart(4, '0')} came.`,
    );
  }
  return { code: view.getUint16(2), status: view.getUint32(4) };
}

/** OP_REQ_IMPORT. */
export function encodeImportRequest(busid: string): Uint8Array {
  const bytes = new Uint8Array(SIZE.OP_HEADER + SIZE.BUSID);
  bytes.set(encodeOpHeader(OP.REQ_IMPORT));
  bytes.set(encodeText(busid, SIZE.BUSID), SIZE.OP_HEADER);
  return bytes;
}

/** A string closed with a zero byte in a field of `size` bytes. @throws RangeError when it does not fit or is not ASCII */
export function encodeText(text: string, size: number): Uint8Array {
  if (text.length >= size || !/^[\x20-\x7e]*$/.test(text)) {
    throw new RangeError(`"${text}" does not fit a field of ${size - 1} ASCII characters.`);
  }
  const bytes = new Uint8Array(size);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** @throws UsbIpError `protocol` when the zero byte is missing or a character is not printable ASCII */
export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = String.fromCharCode(...bytes.subarray(0, Math.max(end, 0)));
  if (end < 0 || !/^[\x20-\x7e]*$/.test(text)) {
    throw new UsbIpError('protocol', `A text field of ${bytes.length} bytes holds no text closed with a zero byte.`);
  }
  return text;
}

/** USBIP_CMD_SUBMIT with its data; for `in` transfers `data` is empty. */
export function encodeSubmit(
  header: Omit<SubmitHeader, 'command' | 'setup'> & { readonly setup?: SetupPacket },
  data: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(SIZE.URB_HEADER + data.length);
  const view = viewOf(bytes);
  const { requestType, request, value, index, length } = header.setup ?? NO_SETUP;
  view.setUint32(0, COMMAND.CMD_SUBMIT);
  view.setUint32(4, header.seqnum);
  view.setUint32(8, header.devid);
  view.setUint32(12, header.direction === 'in' ? 1 : 0);
  view.setUint32(16, header.endpoint);
  view.setUint32(20, header.direction === 'in' ? URB_DIR_IN : 0);
  view.setUint32(24, header.length);
  view.setUint32(32, NOT_ISOCHRONOUS);
  // Linux refuses an interrupt URB whose interval is 0; bulk and control transfers have none.
  view.setUint32(36, header.endpoint === 0 ? 0 : 1);
  view.setUint8(40, requestType);
  view.setUint8(41, request);
  view.setUint16(42, value, true);
  view.setUint16(44, index, true);
  view.setUint16(46, length, true);
  bytes.set(data, SIZE.URB_HEADER);
  return bytes;
}

/** USBIP_CMD_UNLINK. */
export function encodeUnlink(header: Omit<UnlinkHeader, 'command'>): Uint8Array {
  const bytes = new Uint8Array(SIZE.URB_HEADER);
  const view = viewOf(bytes);
  view.setUint32(0, COMMAND.CMD_UNLINK);
  view.setUint32(4, header.seqnum);
  view.setUint32(8, header.devid);
  view.setUint32(20, header.target);
  return bytes;
}

/**
 * What a client may send once it has imported a device.
 * @throws UsbIpError `protocol` on another command, direction or endpoint, a transfer above MAX_TRANSFER, isochronous ones
 */
export function decodeCommand(bytes: Uint8Array): SubmitHeader | UnlinkHeader {
  const view = viewOf(bytes);
  const command = view.getUint32(0);
  const seqnum = view.getUint32(4);
  const devid = view.getUint32(8);
  if (command === COMMAND.CMD_UNLINK) return { command: 'unlink', seqnum, devid, target: view.getUint32(20) };
  if (command !== COMMAND.CMD_SUBMIT) throw new UsbIpError('protocol', `Command ${command} is not one of a client.`);

  const direction = view.getUint32(12);
  const endpoint = view.getUint32(16);
  const packets = view.getUint32(32);
  if (direction > 1 || endpoint > 15) {
    throw new UsbIpError('protocol', `There is no endpoint ${endpoint} in direction ${direction}.`);
  }
  if (packets !== NOT_ISOCHRONOUS && packets !== 0) {
    throw new UsbIpError('protocol', `Isochronous transfers are not carried (${packets} packets).`);
  }
  return {
    command: 'submit',
    seqnum,
    devid,
    direction: direction === 1 ? 'in' : 'out',
    endpoint,
    length: checkedLength(view.getUint32(24)),
    setup: {
      requestType: view.getUint8(40),
      request: view.getUint8(41),
      value: view.getUint16(42, true),
      index: view.getUint16(44, true),
      length: view.getUint16(46, true),
    },
  };
}

/** USBIP_RET_SUBMIT with the data of an `in` transfer, or USBIP_RET_UNLINK. */
export function encodeReturn(header: ReturnHeader, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(SIZE.URB_HEADER + data.length);
  const view = viewOf(bytes);
  const submitted = header.command === 'submitted';
  view.setUint32(0, submitted ? COMMAND.RET_SUBMIT : COMMAND.RET_UNLINK);
  view.setUint32(4, header.seqnum);
  view.setInt32(20, header.status);
  if (submitted) {
    view.setUint32(24, header.length);
    view.setUint32(32, NOT_ISOCHRONOUS);
  }
  bytes.set(data, SIZE.URB_HEADER);
  return bytes;
}

/** What a server may send once a device is imported. @throws UsbIpError `protocol` */
export function decodeReturn(bytes: Uint8Array): ReturnHeader {
  const view = viewOf(bytes);
  const command = view.getUint32(0);
  const seqnum = view.getUint32(4);
  const status = view.getInt32(20);
  if (command === COMMAND.RET_UNLINK) return { command: 'unlinked', seqnum, status, length: 0 };
  if (command !== COMMAND.RET_SUBMIT) throw new UsbIpError('protocol', `Command ${command} is not one of a server.`);
  return { command: 'submitted', seqnum, status, length: checkedLength(view.getUint32(24)) };
}

function checkedLength(length: number): number {
  if (length > MAX_TRANSFER) {
    throw new UsbIpError('protocol', `A transfer of ${length} bytes is longer than ${MAX_TRANSFER}.`);
  }
  return length;
}

/** SET_FEATURE(PORT_RESET) (USB 2.0 §11.24.2.13), which Linux' stub driver and our server take for a bus reset. */
export const PORT_RESET: ControlSetup = { requestType: 0x23, request: 3, value: 4, index: 1 };

/**
 * A USB/IP server written from the kernel's document (Documentation/usb/usbip_protocol.rst), which does as its caller says. It
 * shares nothing with the client that it is to mislead.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Setup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

/** `never`: no answer comes. */
export type RawAnswer = Uint8Array | 'stall' | 'never';

export interface RawDevice {
  readonly control: (setup: Setup, data: Uint8Array) => RawAnswer;
  /** Before each answer. */
  readonly delayMs?: number;
}

export interface Urb {
  readonly command: number;
  readonly seqnum: number;
  readonly isIn: boolean;
  readonly setup: Setup;
  readonly data: Uint8Array;
  readonly length: number;
}

export interface RunningServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const VERSION = 0x0111;
const HEADER = 8;
const IMPORT_BYTES = 40;
const URB_BYTES = 48;
const EPIPE = 32;
const ECONNRESET = 104;
const OPERATION = { import: 0x8003, list: 0x8005 } as const;
const URB_COMMAND = { submit: 1, unlink: 2, submitted: 3, unlinked: 4 } as const;

/** @param serve is told of each connection */
export async function startServer(serve: (socket: Socket) => void): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export function replyHeader(code: number, status = 0): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.writeUInt16BE(VERSION, 0);
  bytes.writeUInt16BE(code, 2);
  bytes.writeUInt32BE(status, 4);
  return bytes;
}

export function deviceRecord({ busId = '1-1', interfaces = 1 }: { busId?: string; interfaces?: number } = {}): Buffer {
  const bytes = Buffer.alloc(312);
  bytes.write('/sys/devices/x/1-1', 0, 'latin1');
  bytes.write(busId, 256, 'latin1');
  bytes.writeUInt32BE(1, 288);
  bytes.writeUInt32BE(2, 292);
  bytes.writeUInt32BE(2, 296);
  bytes.writeUInt16BE(0x0483, 300);
  bytes.writeUInt16BE(0xdf11, 302);
  bytes[309] = 1;
  bytes[310] = 1;
  bytes[311] = interfaces;
  return bytes;
}

export interface ReplyShape {
  readonly seqnum: number;
  readonly command?: number;
  readonly status?: number;
  /** As it is stated, whatever follows. */
  readonly length?: number;
}

export function urbReply({ seqnum, command = URB_COMMAND.submitted, status = 0, length = 0 }: ReplyShape): Buffer {
  const bytes = Buffer.alloc(URB_BYTES);
  bytes.writeUInt32BE(command, 0);
  bytes.writeUInt32BE(seqnum >>> 0, 4);
  bytes.writeInt32BE(status, 20);
  bytes.writeUInt32BE(length >>> 0, 24);
  return bytes;
}

/** Gives the device, and hands over each URB. */
export function onUrbs(handle: (urb: Urb, socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let waiting = Buffer.alloc(0);
    let isImported = false;
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      if (!isImported) {
        if (waiting.length < HEADER) return;
        if (waiting.readUInt16BE(2) === OPERATION.list) {
          const list = [replyHeader(5), Buffer.of(0, 0, 0, 1), deviceRecord(), Buffer.of(0xfe, 1, 2, 0)];
          socket.end(Buffer.concat(list));
          return;
        }
        if (waiting.length < IMPORT_BYTES) return;
        waiting = waiting.subarray(IMPORT_BYTES);
        isImported = true;
        socket.write(Buffer.concat([replyHeader(3), deviceRecord()]));
      }
      for (let urb = urbOf(waiting); urb; urb = urbOf(waiting)) {
        waiting = waiting.subarray(URB_BYTES + urb.data.length);
        handle(urb, socket);
      }
    });
  };
}

function urbOf(bytes: Buffer): Urb | undefined {
  if (bytes.length < URB_BYTES) return undefined;
  const command = bytes.readUInt32BE(0);
  const isIn = bytes.readUInt32BE(12) === 1;
  const length = bytes.readUInt32BE(24);
  const follows = command === URB_COMMAND.submit && !isIn ? length : 0;
  if (bytes.length < URB_BYTES + follows) return undefined;
  const setup = {
    requestType: bytes.readUInt8(40),
    request: bytes.readUInt8(41),
    value: bytes.readUInt16LE(42),
    index: bytes.readUInt16LE(44),
    length: bytes.readUInt16LE(46),
  };
  const data = bytes.subarray(URB_BYTES, URB_BYTES + follows);
  return { command, seqnum: bytes.readUInt32BE(4), isIn, length, setup, data };
}

/** A server that keeps to the protocol; its device need not. */
export function serveDevice({ control, delayMs = 0 }: RawDevice): (socket: Socket) => void {
  return onUrbs((urb, socket) => {
    const answer = (): void => {
      if (socket.destroyed) return;
      if (urb.command === URB_COMMAND.unlink) {
        socket.write(urbReply({ seqnum: urb.seqnum, command: URB_COMMAND.unlinked, status: -ECONNRESET }));
        return;
      }
      const reply = control(urb.setup, urb.data);
      if (reply === 'never') return;
      if (reply === 'stall') {
        socket.write(urbReply({ seqnum: urb.seqnum, status: -EPIPE }));
        return;
      }
      const bytes = urb.isIn ? reply.subarray(0, urb.length) : new Uint8Array(0);
      const length = urb.isIn ? bytes.length : urb.length;
      socket.write(Buffer.concat([urbReply({ seqnum: urb.seqnum, length }), bytes]));
    };
    if (delayMs > 0 && urb.command === URB_COMMAND.submit) setTimeout(answer, delayMs);
    else answer();
  });
}

/** USB/IP servers that keep silent, flood, lie about lengths or drip. */
import type { Socket } from 'node:net';
import type { HostileCase } from './hostile-case.ts';
import { deviceRecord, onUrbs, replyHeader, type Urb, urbReply } from './raw-server.ts';

const LIST_OF_SERVER = 'list --usbip 127.0.0.1:{port}';
const INFO_OF_SERVER = 'info --usbip 127.0.0.1:{port}/1-1';
const FLOOD_BYTES = 1 << 20;

const atFirst =
  (work: (socket: Socket) => void) =>
  (socket: Socket): void =>
    void socket.once('data', () => work(socket));
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** As fast as the client takes it, for ever. */
function flood(socket: Socket, bytes: Uint8Array): void {
  const go = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', go);
  go();
}

function drip(socket: Socket, bytes: Uint8Array, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at >= bytes.length) clearInterval(timer);
    else socket.write(bytes.subarray(at, ++at));
  }, everyMs);
}

const INTERFACES = Buffer.alloc(1020);
const LISTS: Readonly<Record<string, (socket: Socket) => void>> = {
  'is silent': () => undefined,
  'closes at once': (socket) => socket.destroy(),
  'breaks the header off': (socket) => socket.end(replyHeader(5).subarray(0, 5)),
  'has another version': (socket) => socket.write(Buffer.alloc(8, 0x99)),
  'counts 4,294,967,295 devices': (socket) => flood(socket, Buffer.concat([replyHeader(5), word(0xffff_ffff)])),
  'lists 1,000 devices of zeros': (socket) => {
    socket.write(Buffer.concat([replyHeader(5), word(1_000)]));
    flood(socket, Buffer.alloc(FLOOD_BYTES));
  },
  'lists 64 devices with 255 interfaces, and goes on': (socket) => {
    socket.write(Buffer.concat([replyHeader(5), word(64)]));
    flood(socket, Buffer.concat([deviceRecord({ interfaces: 255 }), INTERFACES]));
  },
  'lists a device and drips': (socket) =>
    drip(socket, Buffer.concat([replyHeader(5), word(1), deviceRecord(), Buffer.alloc(4)]), 1_000),
  'has a text without an end': (socket) => {
    const record = deviceRecord().fill(0x41, 0, 288);
    socket.write(Buffer.concat([replyHeader(5), word(1), record, Buffer.alloc(4)]));
  },
};

const IMPORTS: Readonly<Record<string, (socket: Socket) => void>> = {
  'is silent at the import': () => undefined,
  'has a status of its own': (socket) => socket.write(replyHeader(3, 999)),
  'gives another device': (socket) => socket.write(Buffer.concat([replyHeader(3), deviceRecord({ busId: '7-7' })])),
  'floods behind the import': (socket) => {
    socket.write(Buffer.concat([replyHeader(3), deviceRecord()]));
    flood(socket, Buffer.alloc(FLOOD_BYTES, 0x5a));
  },
};

type Reply = (urb: Urb, socket: Socket) => void;
const replyTo = ({ seqnum }: Urb, more: Omit<Parameters<typeof urbReply>[0], 'seqnum'> = {}): Buffer =>
  urbReply({ seqnum, ...more });

const URBS: Readonly<Record<string, Reply>> = {
  'answers no URB': () => undefined,
  'answers another URB': ({ seqnum }, socket) => void socket.write(urbReply({ seqnum: seqnum + 1_000 })),
  'states 2 GB': (urb, socket) => {
    socket.write(replyTo(urb, { length: 0x7fff_ffff }));
    flood(socket, Buffer.alloc(FLOOD_BYTES));
  },
  'states -1 bytes': (urb, socket) => void socket.write(replyTo(urb, { length: 0xffff_ffff })),
  'sends 1 FLOOD_BYTES for 18 bytes': (urb, socket) => {
    socket.write(replyTo(urb, { length: FLOOD_BYTES }));
    socket.write(Buffer.alloc(FLOOD_BYTES));
  },
  'answers with nothing': (urb, socket) => void socket.write(replyTo(urb)),
  'stalls everything': (urb, socket) => void socket.write(replyTo(urb, { status: -32 })),
  'has statuses of its own': (urb, socket) => void socket.write(replyTo(urb, { status: 12_345 })),
  'has commands of its own': (urb, socket) => void socket.write(replyTo(urb, { command: 9 })),
  'floods with the ends of URBs that nobody knows': ({ seqnum }, socket) => {
    const ends = Array.from({ length: 10_000 }, (_, i) => urbReply({ seqnum: seqnum + 5_000 + i, command: 4 }));
    flood(socket, Buffer.concat(ends));
  },
  'answers twice': (urb, socket) => {
    const answer = Buffer.concat([
      replyTo(urb, { length: urb.isIn ? urb.length : 0 }),
      Buffer.alloc(urb.isIn ? urb.length : 0, 9),
    ]);
    socket.write(Buffer.concat([answer, answer]));
  },
  'drips its answers': (urb, socket) =>
    drip(socket, Buffer.concat([replyTo(urb, { length: urb.length }), Buffer.alloc(urb.length, 9)]), 70),
  'sends descriptors of zeros': (urb, socket) =>
    void socket.write(
      Buffer.concat([replyTo(urb, { length: urb.isIn ? urb.length : 0 }), Buffer.alloc(urb.isIn ? urb.length : 0)]),
    ),
};

const entriesOf = <T>(of: Readonly<Record<string, T>>): [string, T][] => Object.entries(of);

export const HOSTILE_SERVERS: readonly HostileCase[] = [
  ...entriesOf(LISTS).map(([name, work]) => ({
    name: `a server that ${name}`,
    verbs: [LIST_OF_SERVER],
    serve: atFirst(work),
  })),
  ...entriesOf(IMPORTS).map(([name, work]) => ({
    name: `a server that ${name}`,
    verbs: [INFO_OF_SERVER],
    serve: atFirst(work),
  })),
  ...entriesOf(URBS).map(([name, work]) => ({
    name: `a server that ${name}`,
    verbs: [INFO_OF_SERVER],
    serve: onUrbs(work),
  })),
];

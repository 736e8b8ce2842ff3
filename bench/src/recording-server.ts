/** A process of `transfers.ts`: a USB/IP server that answers from a recording, and a socket that answers as many bytes as are asked for. */
import { createServer, type Server } from 'node:net';
import type { UsbDeviceModel } from '@sureflash/virtual';
import type { Answer } from './answering-device.ts';
import { loadCheckout } from './checkout.ts';
import { HEADER_BYTES, type Recording, replay } from './recording.ts';

/** SET_CONFIGURATION (USB 2.0 §9.4.7). */
const SET_CONFIGURATION = 9;

/** TCP ports. */
export interface Served {
  readonly usbIpPort: number;
  readonly echoPort: number;
}

process.once('message', (task: ServedRecording) => void serve(task));

interface ServedRecording {
  readonly root: string;
  readonly recording: Recording;
}

/** Tells its parent the ports. */
async function serve({ root, recording }: ServedRecording): Promise<void> {
  const { usbip, virtual } = await loadCheckout(root);
  const device = modelOf(recording);
  const ports = new Map([['1-1', { device, subscribe: () => () => undefined }]]);
  const server = new usbip.UsbIpServer({ ports, clock: new virtual.RealClock(), transferMs: () => 0 });
  const { port: usbIpPort } = await server.listen({ port: 0 });
  process.send?.({ usbIpPort, echoPort: await listening(echo()) } satisfies Served);
}

/** Each header says how many bytes are to come back. */
function echo(): Server {
  return createServer({ noDelay: true }, (socket) => {
    let held = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      for (; held.length >= HEADER_BYTES; held = held.subarray(HEADER_BYTES)) {
        socket.write(Buffer.alloc(held.readUInt32BE(0)));
      }
    });
    socket.on('error', () => undefined);
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}

function modelOf(recording: Recording): UsbDeviceModel {
  const next = replay(recording);
  return {
    deviceDescriptor: descriptorOf(recording.replies, 1),
    configurationDescriptor: descriptorOf(recording.replies, 2),
    speed: 'full',
    busyUntil: 0,
    control: ({ requestType, request }) => {
      // A USB/IP client configures the device, which WebUSB leaves to the platform: that is not in the recording.
      if (requestType === 0 && request === SET_CONFIGURATION) return { kind: 'ack' };
      const found = next();
      if (found === 'stall') return { kind: 'stall' };
      return found ? { kind: 'data', bytes: found } : { kind: 'ack' };
    },
    reset: () => undefined,
  };
}

/** The longest answer of this type: a recording begins with the descriptors (USB 2.0 §9.6). */
function descriptorOf(replies: readonly Answer[], type: number): Uint8Array {
  const all = replies.filter((each) => each instanceof Uint8Array && each[1] === type && (each[0] ?? 0) >= 9);
  const [longest] = all.filter((each) => each instanceof Uint8Array).toSorted((a, b) => b.length - a.length);
  if (!longest) throw new Error(`the recording has no descriptor of type ${type}`);
  return longest;
}

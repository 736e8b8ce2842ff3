/** A process of `transfers.ts`: runs a job against a recording, in this process or over a socket to another, and measures it. */
import { fork } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { answeringDevice } from './answering-device.ts';
import { type Checkout, loadCheckout } from './checkout.ts';
import {
  HEADER_BYTES,
  inRecordedTime,
  openAnswering,
  type Recording,
  replay,
  runJob,
  type TransferCase,
} from './recording.ts';
import type { Served } from './recording-server.ts';

const WARM_ROUNDS = 8;
const SERVER = fileURLToPath(new URL('recording-server.js', import.meta.url));

/** Where the recording answers. */
export type Way = 'in-process' | 'over-socket';

export interface TransferTask {
  readonly root: string;
  readonly each: TransferCase;
  readonly recording: Recording;
}

/** Processor time in ms of the first job of a process, whose code runs for the first time, of the quickest behind it, and without us. */
export interface Least {
  readonly firstMs: number;
  readonly jobMs: number;
  readonly bareMs: number;
}

type Round = Pick<Least, 'jobMs' | 'bareMs'>;

const WAYS: Readonly<Record<Way, (checkout: Checkout, task: TransferTask) => Promise<Least>>> = {
  'in-process': async (checkout, task) => await leastOf(async () => await roundInProcess(checkout, task)),
  'over-socket': overSocket,
};

process.once('message', (task: TransferTask & { readonly way: Way }) => void carryOutTask(task));

/** Tells its parent the times. */
async function carryOutTask({ way, ...task }: TransferTask & { readonly way: Way }): Promise<void> {
  process.send?.(await WAYS[way](await loadCheckout(task.root), task));
}

const processorMs = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

async function leastOf(run: () => Promise<Round>): Promise<Least> {
  const { jobMs: firstMs } = await run();
  const rounds: Round[] = [];
  while (rounds.length < WARM_ROUNDS) rounds.push(await run());
  const least = (part: keyof Round): number => Math.min(...rounds.map((round) => round[part]));
  return { firstMs, jobMs: least('jobMs'), bareMs: least('bareMs') };
}

/** Beside it, as many bare calls. */
async function roundInProcess(checkout: Checkout, { each, recording }: TransferTask): Promise<Round> {
  let before = process.cpuUsage();
  await runJob(checkout, each, inRecordedTime(await openAnswering(checkout, replay(recording)), recording));
  const jobMs = processorMs(before);
  const bare = answeringDevice(replay(recording));
  const getStatus = { requestType: 'class', recipient: 'interface', request: 3, value: 0, index: 0 } as const;
  before = process.cpuUsage();
  for (let i = 0; i < recording.replies.length; i++) await bare.controlTransferIn(getStatus, 6);
  return { jobMs, bareMs: processorMs(before) };
}

/** Beside it, as many messages over a bare socket. */
async function overSocket(checkout: Checkout, { root, each, recording }: TransferTask): Promise<Least> {
  const child = fork(SERVER, [], { serialization: 'advanced' });
  try {
    const served = await new Promise<Served>((resolve, reject) => {
      child.once('message', (ports: Served) => resolve(ports));
      child.once('exit', () => reject(new Error('the server has ended')));
      child.send({ root, recording });
    });
    return await leastOf(async () => {
      const before = process.cpuUsage();
      const remote = { host: '127.0.0.1', port: served.usbIpPort, busid: '1-1' };
      const client = await checkout.usbip.UsbIpClient.import(remote);
      const opened = await checkout.transports.openUsbIp(client, checkout.programmer.USB_FILTERS, { path: 'bench' });
      await runJob(checkout, each, inRecordedTime(opened, recording));
      return { jobMs: processorMs(before), bareMs: await bareSocketMs(served.echoPort, recording) };
    });
  } finally {
    child.removeAllListeners('exit');
    child.kill();
  }
}

/** Sends as many headers and waits for as many answers of the same lengths, three under way at a time as a job has them. */
async function bareSocketMs(port: number, { replies }: Recording): Promise<number> {
  const socket = connectSocket({ host: '127.0.0.1', port, noDelay: true });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const before = process.cpuUsage();
  const lengths = replies.map((each) => HEADER_BYTES + (each instanceof Uint8Array ? each.length : 0));
  const wanted = lengths.reduce((sum, length) => sum + length, 0);
  let got = 0;
  let sent = 0;
  const send = (): void => {
    const length = lengths[sent++];
    if (length === undefined) return;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(length, 0);
    socket.write(header);
  };
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk) => {
      got += chunk.length;
      send();
      if (got >= wanted) resolve();
    });
    socket.once('error', reject);
    for (let i = 0; i < 3; i++) send();
  });
  const ms = processorMs(before);
  socket.destroy();
  return ms;
}

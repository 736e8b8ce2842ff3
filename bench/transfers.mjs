/**
 * Processor time that the client adds to a transfer, and that of whole jobs. The device answers from a recording of the same job, so
 * that no model takes part; what the bare calls or the bare socket cost is measured beside it and taken off.
 */
import { fork } from 'node:child_process';
import { connect as connectSocket, createServer } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { noise } from './noise.mjs';

const KB = 1024;
const FLASH = 0x08000000;
const ROUNDS = 3;
const WARM_ROUNDS = 8;
const HEADER_BYTES = 48;
const SELF = fileURLToPath(import.meta.url);
const CASES = [
  { name: 'F105, 117 KB over another firmware', board: 'stm32f105-rom', bytes: 117 * KB },
  { name: 'F407, 512 KB over another firmware', board: 'stm32f407-rom', bytes: 512 * KB },
  { name: 'H743, 1 MB over another firmware', board: 'stm32h743-rom', bytes: 1024 * KB },
];

/** @param roots built checkouts to compare: they take turns, so that whatever else the machine does falls on all of them */
export async function measureTransfers(roots) {
  const results = [];
  for (const each of CASES) {
    const entries = [];
    for (const root of roots)
      entries.push({ root, recording: await record(await load(root), each), least: { webUsb: {}, usbIp: {} } });
    for (let round = 0; round < ROUNDS; round++) {
      for (const { root, recording, least } of entries) {
        keepLeast(least.webUsb, await inChild('in-process', { root, each, recording }));
        keepLeast(least.usbIp, await inChild('over-socket', { root, each, recording }));
      }
    }
    for (const { root, recording, least } of entries) results.push(row({ each, root, recording, least }));
  }
  return results;
}

/** A new process for each job: most of its code then runs for the first time, as it does for a user. */
async function inChild(mode, message) {
  const child = fork(SELF, [mode], { serialization: 'advanced' });
  try {
    return await new Promise((resolve, reject) => {
      child.once('message', resolve).once('exit', () => reject(new Error(`${mode} has ended`)));
      child.send(message);
    });
  } finally {
    child.removeAllListeners('exit');
    child.kill();
  }
}

function row({ each, root, recording, least: { webUsb, usbIp } }) {
  const { length } = recording.replies;
  const added = ({ job: jobMs, bare }) => Math.round(((jobMs - bare) / length) * 1e4) / 10;
  return {
    job: each.name,
    of: root,
    transfers: length,
    'first job, ms': Math.round(webUsb.first),
    'added to a transfer, µs': added(webUsb),
    'USB/IP: first job, ms': Math.round(usbIp.first),
    'USB/IP: added to a transfer, µs': added(usbIp),
  };
}

function keepLeast(least, found) {
  for (const [name, ms] of Object.entries(found)) least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, ms);
}

async function load(root) {
  const of = async (path) => await import(pathToFileURL(`${root}/packages/${path}.js`));
  const [image, programmer, transports, usbip, virtual] = await Promise.all(
    [
      'image/dist/index',
      'programmer/dist/index',
      'programmer/dist/transports/index',
      'usbip/dist/index',
      'virtual/dist/index',
    ].map(of),
  );
  return { root, image, ...programmer, ...transports, usbip, virtual };
}

/** Time that stands still but for what is waited for. */
class JumpingClock {
  at = 0;
  now() {
    return this.at;
  }
  async sleep(ms) {
    this.at += Math.max(0, ms);
  }
}

/**
 * @returns `replies` of a job on the model (`undefined` for an acknowledgement, bytes, or `'stall'`), and `times`: milliseconds of the
 *   model behind each
 */
async function record(program, each) {
  const { virtual } = program;
  const clock = new JumpingClock();
  const board = virtual
    .findScenario(each.board)
    .create(clock, { flash: [{ address: FLASH, bytes: noise(each.bytes, 1) }] });
  await untilShown(board);
  const replies = [];
  const times = [];
  const answer = (setup, data) => {
    const model = board.device;
    clock.at = Math.max(clock.at, model.busyUntil);
    const reply = model.control(setup, data);
    clock.at = Math.max(clock.at, reply.heldUntil ?? 0, model.busyUntil);
    times.push(clock.at);
    replies.push(
      reply.kind === 'data' ? reply.bytes.slice(0, setup.length) : reply.kind === 'stall' ? 'stall' : undefined,
    );
    return replies.at(-1);
  };
  await job(program, { ...each, image: imageFor(program, each) }, await open(program, deviceOf(answer)), clock);
  return { replies, times };
}

/** Time as the board of the recording took it: a job that is answered at once would be too quick to be believed. */
function replayedTime(port, { times }) {
  const clock = new JumpingClock();
  let sent = 0;
  for (const name of ['controlIn', 'controlOut']) {
    const transfer = port[name].bind(port);
    port[name] = async (setup, ...rest) => {
      clock.at = Math.max(clock.at, times[sent++] ?? 0);
      return await transfer(setup, ...rest);
    };
  }
  return clock;
}

async function untilShown(board) {
  for (let i = 0; i < 1000 && !board.device; i++) await new Promise(setImmediate);
  if (!board.device) throw new Error('the board shows no device');
}

/** A device as WebUSB has it, around a function that answers control requests. */
function deviceOf(answer) {
  const raw = ({ requestType, recipient, request, value, index }, direction, length) => ({
    requestType: direction | ({ standard: 0, class: 1 }[requestType] << 5) | { device: 0, interface: 1 }[recipient],
    request,
    value,
    index,
    length,
  });
  const alternate = { alternateSetting: 0, interfaceClass: 0xfe, interfaceSubclass: 1, interfaceProtocol: 2 };
  const configuration = { configurationValue: 1, interfaces: [{ interfaceNumber: 0, alternates: [alternate] }] };
  const nothing = async () => undefined;
  return {
    vendorId: 0x0483,
    productId: 0xdf11,
    configuration,
    configurations: [configuration],
    opened: true,
    open: nothing,
    close: nothing,
    selectConfiguration: nothing,
    claimInterface: nothing,
    releaseInterface: nothing,
    reset: nothing,
    selectAlternateInterface: async (index, value) => {
      answer({ requestType: 0x01, request: 11, value, index, length: 0 }, new Uint8Array(0));
    },
    controlTransferIn: async (setup, length) => {
      const found = answer(raw(setup, 0x80, length), new Uint8Array(0));
      if (found === 'stall') return { status: 'stall' };
      const bytes = found ?? new Uint8Array(0);
      return { status: 'ok', data: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
    },
    controlTransferOut: async (setup, data = new Uint8Array(0)) => {
      const found = answer(raw(setup, 0, data.length), data);
      return { status: found === 'stall' ? 'stall' : 'ok', bytesWritten: data.length };
    },
  };
}

async function open(program, device) {
  return await program.openWebUsb(device, program.USB_FILTERS, { clock: program.systemClock });
}

const imageFor = ({ image }, { bytes }) => new image.MemoryImage([{ address: FLASH, bytes: noise(bytes, 2) }]);

async function job(program, { image, name, bytes }, port, clock) {
  const device = await program.connect(port, { clock });
  try {
    const { outcome, verifiedBytes } = await program.program(device, image);
    if (outcome !== 'programmed' || verifiedBytes < bytes) throw new Error(`${name}: ${outcome}`);
  } finally {
    await device.close();
  }
}

/** @returns a function that answers what is next in the recording */
function replay({ replies }) {
  let next = 0;
  // A job is as long as the recording: another one begins where one has ended.
  return () => replies[next++ % replies.length];
}

const cpuMs = (before) => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** The first job of a process, whose code runs for the first time, and the least of those behind it. */
async function firstAndLeast(run) {
  const least = {};
  for (let round = 0; round <= WARM_ROUNDS; round++) {
    const { job: jobMs, bare } = await run();
    keepLeast(least, round === 0 ? { first: jobMs } : { job: jobMs, bare });
  }
  return least;
}

async function inProcess(program, each, recording) {
  const known = { ...each, image: imageFor(program, each) };
  const setup = { requestType: 'class', recipient: 'interface', request: 3, value: 0, index: 0 };
  return await firstAndLeast(async () => {
    let before = process.cpuUsage();
    const port = await open(program, deviceOf(replay(recording)));
    await job(program, known, port, replayedTime(port, recording));
    const jobMs = cpuMs(before);
    const bare = deviceOf(replay(recording));
    before = process.cpuUsage();
    for (let i = 0; i < recording.replies.length; i++) await bare.controlTransferIn(setup, 6);
    return { job: jobMs, bare: cpuMs(before) };
  });
}

/** The same over USB/IP to another process, against as many messages over a bare socket. */
async function overSocket(program, each, recording) {
  const known = { ...each, image: imageFor(program, each) };
  const child = fork(SELF, ['serve'], { serialization: 'advanced' });
  try {
    const { port, echo } = await new Promise((resolve, reject) => {
      child.once('message', resolve).once('exit', () => reject(new Error('the server has ended')));
      child.send({ root: program.root, recording });
    });
    return await firstAndLeast(async () => {
      const before = process.cpuUsage();
      const client = await program.usbip.UsbIpClient.import({ host: '127.0.0.1', port, busid: '1-1' });
      const usb = await program.openUsbIp(client, program.USB_FILTERS, { path: 'bench' });
      await job(program, known, usb, replayedTime(usb, recording));
      return { job: cpuMs(before), bare: await bareSocket(echo, recording.replies) };
    });
  } finally {
    child.removeAllListeners('exit');
    child.kill();
  }
}

/** Sends as many headers and waits for as many answers of the same lengths, three under way at a time as a job has them. */
async function bareSocket(port, replies) {
  const socket = connectSocket({ host: '127.0.0.1', port, noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  const before = process.cpuUsage();
  const wanted = replies.reduce((sum, each) => sum + HEADER_BYTES + (each instanceof Uint8Array ? each.length : 0), 0);
  let got = 0;
  let sent = 0;
  const send = () => {
    if (sent === replies.length) return;
    const header = Buffer.alloc(HEADER_BYTES);
    const answer = replies[sent++];
    header.writeUInt32BE(HEADER_BYTES + (answer instanceof Uint8Array ? answer.length : 0), 0);
    socket.write(header);
  };
  await new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      got += chunk.length;
      send();
      if (got >= wanted) resolve();
    });
    socket.once('error', reject);
    for (let i = 0; i < 3; i++) send();
  });
  const ms = cpuMs(before);
  socket.destroy();
  return ms;
}

/** The other process: a USB/IP server that answers from the recording, and a socket that answers as many bytes as are asked for. */
async function serve({ root, recording }) {
  const { usbip, virtual } = await load(root);
  const echo = createServer({ noDelay: true }, (socket) => {
    let held = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk]);
      for (; held.length >= HEADER_BYTES; held = held.subarray(HEADER_BYTES)) {
        socket.write(Buffer.alloc(held.readUInt32BE(0)));
      }
    });
    socket.on('error', () => undefined);
  });
  await new Promise((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const next = replay(recording);
  const device = {
    ...modelDescriptors(recording.replies),
    speed: 'full',
    busyUntil: 0,
    control: ({ requestType, request }) => {
      // A USB/IP client configures the device, which WebUSB leaves to the platform: that is not in the recording.
      if (requestType === 0 && request === 9) return { kind: 'ack' };
      const found = next();
      if (found === 'stall') return { kind: 'stall' };
      return found ? { kind: 'data', bytes: found } : { kind: 'ack' };
    },
    reset: () => undefined,
  };
  const ports = new Map([['1-1', { device, subscribe: () => () => undefined }]]);
  const server = new usbip.UsbIpServer({ ports, clock: new virtual.RealClock(), transferMs: () => 0 });
  const { port } = await server.listen({ port: 0 });
  return { port, echo: echo.address().port };
}

/** The first answers of a recording are the descriptors (USB 2.0 §9.6). */
function modelDescriptors(replies) {
  const ofType = (type) =>
    replies
      .filter((each) => each instanceof Uint8Array && each[1] === type && each[0] >= 9)
      .toSorted((a, b) => b.length - a.length)[0];
  return { deviceDescriptor: ofType(1), configurationDescriptor: ofType(2) };
}

/** What a child of this file does with the message that it gets. */
const MODES = {
  'in-process': async ({ root, each, recording }) => await inProcess(await load(root), each, recording),
  'over-socket': async ({ root, each, recording }) => await overSocket(await load(root), each, recording),
  serve,
};

if (process.argv[1] === SELF) {
  const mode = MODES[process.argv[2]];
  process.once('message', async (message) => process.send(await mode(message)));
}

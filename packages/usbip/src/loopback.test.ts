import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { listDevices, UsbIpClient } from './client.ts';
import { encodeDevice } from './device-record.ts';
import { type ServerEvent, UsbIpServer } from './server.ts';
import { EchoDevice, ManualClock, REQUEST, TestConnector } from './test/devices.ts';
import { encodeImportRequest, encodeOpHeader, encodeReturn, encodeSubmit, OP } from './wire.ts';

const GET_DEVICE = { requestType: 0x80, request: 6, value: 0x0100, index: 0 };
const vendor = (request: number) => ({ requestType: 0xc0, request, value: 0, index: 0 });
const WRITE = { requestType: 0x40, request: REQUEST.ECHO, value: 0, index: 0 };
const DATA = Uint8Array.of(1, 2, 3, 4);

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server on a free port with these devices as 1-1, 1-2, … */
async function serve(...devices: EchoDevice[]) {
  const clock = new ManualClock();
  const events: ServerEvent[] = [];
  const connectors = devices.map((device) => new TestConnector(device));
  const ports = new Map(connectors.map((connector, index) => [`1-${index + 1}`, connector]));
  const server = new UsbIpServer({ ports, clock, onEvent: (event) => events.push(event) });
  const remote = await server.listen({ port: 0 });
  cleanups.push(() => server.close());
  const open = async (busid = '1-1'): Promise<UsbIpClient> => {
    const client = await UsbIpClient.import({ ...remote, busid });
    cleanups.push(() => client.close());
    return client;
  };
  return { server, remote, clock, events, connectors, open };
}

/** A server of another make, which does with its one client what the test says. */
async function imitate(onData: (socket: Socket, bytes: Buffer) => void): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => onData(socket, bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
  });
  const address = server.address();
  return { host: '127.0.0.1', port: address !== null && typeof address === 'object' ? address.port : 0 };
}

/** USBIP_CMD_SUBMIT of a read and USBIP_CMD_UNLINK (Linux, usbip_protocol): the request to import is one piece that is shorter. */
const COMMAND_BYTES = 48;
const RECORD = encodeDevice({
  path: '/sys/devices/usb1/1-1',
  busid: '1-1',
  busnum: 1,
  devnum: 2,
  speed: 'full',
  idVendor: 0x0483,
  idProduct: 0xdf11,
  bcdDevice: 0x2200,
  bDeviceClass: 0,
  bDeviceSubClass: 0,
  bDeviceProtocol: 0,
  bConfigurationValue: 1,
  bNumConfigurations: 1,
  bNumInterfaces: 1,
});

describe('listing and importing', () => {
  test('the list shows what is plugged in, as its descriptors say', async () => {
    const { remote, connectors } = await serve(new EchoDevice(), new EchoDevice(0x5740));
    const devices = await listDevices(remote);
    expect(devices.map(({ busid, idProduct }) => [busid, idProduct])).toEqual([
      ['1-1', 0xdf11],
      ['1-2', 0x5740],
    ]);
    expect(devices[0]).toEqual({
      path: '/sys/devices/platform/sureflash/usb1/1-1',
      busid: '1-1',
      busnum: 1,
      devnum: 2,
      speed: 'full',
      idVendor: 0x0483,
      idProduct: 0xdf11,
      bcdDevice: 0x2200,
      bDeviceClass: 0,
      bDeviceSubClass: 0,
      bDeviceProtocol: 0,
      bConfigurationValue: 1,
      bNumConfigurations: 1,
      bNumInterfaces: 1,
      interfaces: [{ bInterfaceClass: 0xfe, bInterfaceSubClass: 1, bInterfaceProtocol: 2 }],
    });
    connectors[0]?.plug(undefined);
    expect((await listDevices(remote)).map(({ busid }) => busid)).toEqual(['1-2']);
  });

  test('a device is for one client, is not listed meanwhile, and is reset and free again afterwards', async () => {
    const device = new EchoDevice();
    const { remote, open, events } = await serve(device);
    const first = await open();
    expect(first.device).toMatchObject({ busid: '1-1', idVendor: 0x0483 });
    expect(await listDevices(remote)).toEqual([]);
    await expect(open()).rejects.toMatchObject({ code: 'busy', status: 2 });
    await first.close();
    await vi.waitFor(() => expect(device.resets).toBe(1));
    await (await open()).controlIn(GET_DEVICE, 18);
    expect(events.map(({ kind }) => kind)).toEqual(['imported', 'released', 'imported']);
  });

  test('an unknown bus id, a server that is not there and a name that is none are told apart', async () => {
    const { server, remote, open } = await serve(new EchoDevice());
    await expect(open('1-9')).rejects.toMatchObject({ code: 'no-such-device' });
    await server.close();
    await expect(listDevices(remote)).rejects.toMatchObject({ code: 'refused' });
    await expect(listDevices({ host: 'name.invalid', port: 1 })).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('a server that never answers, or with nonsense, ends in an error and not in waiting', async () => {
    const silent = await imitate(() => {});
    await expect(listDevices({ ...silent, timeoutMs: 500 })).rejects.toMatchObject({ code: 'timeout' });
    const reason = new Error('the caller has had enough');
    const aborted = listDevices({ ...silent, signal: AbortSignal.abort(reason) });
    await expect(aborted).rejects.toBe(reason);
    const nonsense = await imitate((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(listDevices(nonsense)).rejects.toMatchObject({ code: 'protocol' });
    const closing = await imitate((socket) => socket.destroy());
    await expect(UsbIpClient.import({ ...closing, busid: '1-1' })).rejects.toMatchObject({ code: 'gone' });
    const old = await imitate((socket) => socket.write(encodeOpHeader(OP.REP_IMPORT, 1)));
    await expect(UsbIpClient.import({ ...old, busid: '1-1' })).rejects.toMatchObject({ code: 'rejected', status: 1 });
  });

  test('two servers cannot have one port, and bus ids are as Linux makes them', async () => {
    const { remote } = await serve();
    const second = new UsbIpServer({ ports: new Map(), clock: new ManualClock() });
    await expect(second.listen(remote)).rejects.toMatchObject({ code: 'listen' });
    const ports = new Map([['nonsense', new TestConnector()]]);
    expect(() => new UsbIpServer({ ports, clock: new ManualClock() })).toThrow(RangeError);
  });
});

describe('transfers', () => {
  test('control and bulk data arrive both ways', async () => {
    const { open } = await serve(new EchoDevice());
    const client = await open();
    expect((await client.controlIn(GET_DEVICE, 18)).length).toBe(18);
    await client.controlOut(WRITE, DATA);
    expect([...(await client.controlIn(vendor(REQUEST.ECHO), 64))]).toEqual([...DATA]);
    await client.bulkOut(0x01, new Uint8Array(100_000).fill(7));
    expect(Buffer.from(await client.bulkIn(0x81, 200_000)).equals(Buffer.alloc(100_000, 7))).toBe(true);
    expect((await client.bulkIn(1, 10)).length).toBe(10);
  });

  test('a bulk transfer waits while the device answers NAK, and can be taken back', async () => {
    const device = new EchoDevice();
    device.hasData = false;
    const { open } = await serve(device);
    const client = await open();
    await expect(client.bulkIn(0x81, 64, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'timeout' });
    const waiting = client.bulkIn(0x81, 64);
    await client.bulkOut(0x01, DATA);
    expect(await client.controlIn(GET_DEVICE, 18)).toHaveLength(18);
    device.hasData = true;
    expect([...(await waiting)]).toEqual([...DATA]);
  });

  test('more bulk data than was asked for are an error of the transfer', async () => {
    const device = new EchoDevice();
    device.babbles = true;
    const client = await (await serve(device)).open();
    await client.bulkOut(0x01, DATA);
    await expect(client.bulkIn(0x81, 2)).rejects.toMatchObject({ code: 'failed', status: -75 });
    expect([...(await client.bulkIn(0x81, 4))]).toEqual([...DATA]);
  });

  test('a stall is a stall, and the device answers on', async () => {
    const { open } = await serve(new EchoDevice());
    const client = await open();
    await expect(client.controlIn(vendor(REQUEST.STALL), 6)).rejects.toMatchObject({ code: 'stall', status: -32 });
    expect((await client.controlIn(GET_DEVICE, 18)).length).toBe(18);
  });

  test('a bus reset reaches the model as one', async () => {
    const device = new EchoDevice();
    const client = await (await serve(device)).open();
    await client.reset();
    expect(device.resets).toBe(1);
    expect(device.seen).toEqual([]);
  });

  test('a request that runs into its time limit while the device is busy never reaches it', async () => {
    const device = new EchoDevice();
    const { clock, open } = await serve(device);
    const client = await open();
    device.busyUntil = 1000;
    await expect(client.controlIn(vendor(REQUEST.STALL), 6, { timeoutMs: 10 })).rejects.toMatchObject({
      code: 'timeout',
    });
    const next = client.controlIn(vendor(REQUEST.ECHO), 6);
    await clock.asleep();
    clock.advance(1000);
    await next;
    expect(device.seen).toEqual([REQUEST.ECHO]);
  });

  test('an abort takes the transfer back and rejects with its reason', async () => {
    const device = new EchoDevice();
    const { open } = await serve(device);
    const client = await open();
    const controller = new AbortController();
    const pending = client.controlIn(vendor(REQUEST.SILENT), 6, { signal: controller.signal });
    await vi.waitFor(() => expect(device.seen).toEqual([REQUEST.SILENT]));
    const reason = new Error('the caller has had enough');
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await expect(client.controlIn(GET_DEVICE, 18, { signal: controller.signal })).rejects.toBe(reason);
    expect((await client.controlIn(GET_DEVICE, 18)).length).toBe(18);
  });

  test('two devices and two clients do not wait for each other', async () => {
    const [busy, idle] = [new EchoDevice(), new EchoDevice()];
    const { clock, open } = await serve(busy, idle);
    const [first, second] = [await open('1-1'), await open('1-2')];
    busy.busyUntil = 50;
    const held = first.controlIn(GET_DEVICE, 18);
    await clock.asleep();
    expect((await second.controlIn(GET_DEVICE, 18)).length).toBe(18);
    clock.advance(50);
    expect((await held).length).toBe(18);
  });
});

describe('the end', () => {
  test('unplugging ends a pending transfer, resolves gone, and another device can take the place', async () => {
    const device = new EchoDevice();
    const { clock, connectors, open } = await serve(device);
    const client = await open();
    device.busyUntil = 1000;
    const pending = client.controlIn(GET_DEVICE, 18);
    await clock.asleep();
    connectors[0]?.plug(new EchoDevice(0x5740));
    await expect(pending).rejects.toMatchObject({ code: 'gone' });
    await client.gone;
    await expect(client.controlIn(GET_DEVICE, 18)).rejects.toMatchObject({ code: 'gone' });
    expect(connectors[0]?.listeners).toBe(0);
    expect((await open()).device.idProduct).toBe(0x5740);
  });

  test('a device that goes with a request and leaves it unanswered ends that request too', async () => {
    const device = new EchoDevice();
    const { connectors, open } = await serve(device);
    device.onLeave = () => connectors[0]?.plug(undefined);
    const client = await open();
    await expect(client.controlIn(vendor(REQUEST.VANISH), 1)).rejects.toMatchObject({ code: 'gone' });
    await client.gone;
  });

  test('closing the server ends its clients and leaves nothing asleep', async () => {
    const device = new EchoDevice();
    const { server, clock, open } = await serve(device);
    const client = await open();
    device.busyUntil = 1000;
    const pending = client.controlIn(GET_DEVICE, 18);
    await clock.asleep();
    await Promise.all([expect(pending).rejects.toMatchObject({ code: 'gone' }), server.close(), client.gone]);
    await vi.waitFor(() => expect(clock.sleeping).toBe(0));
    expect(server.address).toBeUndefined();
  });

  test('closing a client ends its calls', async () => {
    const { open } = await serve(new EchoDevice());
    const client = await open();
    const pending = client.controlIn(vendor(REQUEST.SILENT), 6);
    await Promise.all([expect(pending).rejects.toMatchObject({ code: 'gone' }), client.close()]);
  });
});

describe('strangers', () => {
  test('a client that sends byte by byte is served like any other', async () => {
    const { remote } = await serve(new EchoDevice());
    const socket = connect({ ...remote, noDelay: true });
    cleanups.push(() => void socket.destroy());
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    const setup = { ...GET_DEVICE, length: 18 };
    const urb = encodeSubmit(
      { seqnum: 1, devid: 0x10002, direction: 'in', endpoint: 0, length: 18, setup },
      new Uint8Array(0),
    );
    for (const byte of [...encodeImportRequest('1-1'), ...urb]) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(Buffer.concat(received).length).toBe(320 + 48 + 18));
  });

  test('a client that breaks the protocol is cut off, and the device is free for the next', async () => {
    const { remote, events, open } = await serve(new EchoDevice());
    const socket = connect(remote);
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume().write(Buffer.concat([encodeImportRequest('1-1'), new Uint8Array(48).fill(0xee)]));
    await closed;
    expect(events.at(-1)).toMatchObject({ kind: 'broken', error: { code: 'protocol' } });
    expect((await open()).device.busid).toBe('1-1');
  });

  test('a server that answers late, to a transfer that was given up, does not disturb the next one', async () => {
    // Linux' stub driver sends answers from two lists, so that an unlink's answer may overtake the transfer's.
    const answered = (command: number, seqnum: number): Uint8Array[] => {
      const answer = { seqnum, status: 0, length: 0 } as const;
      if (command === OP.REQ_IMPORT) return [encodeOpHeader(OP.REP_IMPORT), RECORD];
      if (command !== 2)
        return seqnum > 1 ? [encodeReturn({ command: 'submitted', ...answer, length: 1 }, Uint8Array.of(5))] : [];
      const late = { command: 'submitted', seqnum: seqnum - 1, status: 0, length: 1 } as const;
      return [encodeReturn({ command: 'unlinked', ...answer }), encodeReturn(late, Uint8Array.of(9))];
    };
    // The unlink and the transfer after it may come together.
    const remote = await imitate((socket, bytes) => {
      for (let at = 0; at < bytes.length; at += COMMAND_BYTES)
        for (const part of answered(bytes.readUInt16BE(at + 2), bytes.readUInt32BE(at + 4))) socket.write(part);
    });
    const client = await UsbIpClient.import({ ...remote, busid: '1-1' });
    cleanups.push(() => client.close());
    await expect(client.controlIn(GET_DEVICE, 18, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'timeout' });
    expect([...(await client.controlIn(GET_DEVICE, 18))]).toEqual([5]);
  });

  test('a server that sends more than was asked for is not believed', async () => {
    const remote = await imitate((socket, bytes) => {
      if (bytes.readUInt16BE(2) === OP.REQ_IMPORT) socket.write(Buffer.concat([encodeOpHeader(OP.REP_IMPORT), RECORD]));
      else socket.write(encodeReturn({ command: 'submitted', seqnum: 1, status: 0, length: 19 }, new Uint8Array(19)));
    });
    const client = await UsbIpClient.import({ ...remote, busid: '1-1' });
    await expect(client.controlIn(GET_DEVICE, 18)).rejects.toMatchObject({ code: 'protocol' });
    await client.gone;
  });

  test('a server that floods with the ends of unlinks is given up', async () => {
    const remote = await imitate((socket, bytes) => {
      if (bytes.readUInt16BE(2) === OP.REQ_IMPORT) socket.write(Buffer.concat([encodeOpHeader(OP.REP_IMPORT), RECORD]));
      else
        for (let seqnum = 100; seqnum < 200; seqnum++)
          socket.write(encodeReturn({ command: 'unlinked', seqnum, status: 0, length: 0 }));
    });
    const client = await UsbIpClient.import({ ...remote, busid: '1-1' });
    await expect(client.controlIn(GET_DEVICE, 18)).rejects.toMatchObject({ code: 'protocol' });
    await client.gone;
  });

  test('a list with a device that has no bus id is not believed', async () => {
    const count = Uint8Array.of(0, 0, 0, 1);
    const remote = await imitate((socket) => {
      socket.write(Buffer.concat([encodeOpHeader(OP.REP_DEVLIST), count, new Uint8Array(RECORD.length)]));
    });
    await expect(listDevices(remote)).rejects.toMatchObject({ code: 'protocol' });
  });
});

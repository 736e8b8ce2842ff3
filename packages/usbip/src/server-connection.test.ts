import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describe as describeDevice } from './describe.ts';
import { PATIENCE, ServerConnection } from './server-connection.ts';
import { EchoDevice, ManualClock, REQUEST } from './test/devices.ts';
import { LIMITS } from './urbs.ts';
import { UsbIpError } from './usbip-error.ts';
import {
  decodeReturn,
  ERRNO,
  encodeImportRequest,
  encodeSubmit,
  encodeUnlink,
  MAX_TRANSFER,
  type SetupPacket,
  SIZE,
} from './wire.ts';

const DEVID = 0x10002;
const NOTHING = new Uint8Array(0);
const vendorIn = (request: number, length: number): SetupPacket => ({
  requestType: 0xc0,
  request,
  value: 0,
  index: 0,
  length,
});

/** A connection with one device at it, and what it sent and how it ended. */
function connect({
  transferMs = () => 0,
  imported = true,
}: {
  transferMs?: (setup: unknown, bytes: number) => number;
  imported?: boolean;
} = {}) {
  const clock = new ManualClock();
  const patience = new ManualClock();
  const model = new EchoDevice();
  const device = describeDevice(model, { busid: '1-1', busnum: 1, devnum: 2 });
  const sent: Uint8Array[] = [];
  const ends: unknown[] = [];
  let released = 0;
  let detach = (): void => {};
  let want = (): void => {};
  const connection = new ServerConnection({
    exports: {
      list: () => [device],
      claim: () => ({
        model,
        device,
        onDetach: (listener) => {
          detach = listener;
        },
        onWanted: (listener) => {
          want = listener;
        },
        release: () => {
          released += 1;
        },
      }),
    },
    clock,
    patience,
    transferMs,
    send: (bytes) => sent.push(bytes),
    onEnd: (error) => ends.push(error),
  });
  if (imported) connection.receive(encodeImportRequest('1-1'));
  sent.length = 0;
  const submit = (seqnum: number, setup: SetupPacket): void =>
    connection.receive(
      encodeSubmit({ seqnum, devid: DEVID, direction: 'in', endpoint: 0, length: setup.length, setup }, NOTHING),
    );
  const unlink = (seqnum: number, target: number): void =>
    connection.receive(encodeUnlink({ seqnum, devid: DEVID, target }));
  const answers = () => sent.splice(0).map((bytes) => decodeReturn(bytes.subarray(0, SIZE.URB_HEADER)));
  return {
    clock,
    model,
    connection,
    sent,
    ends,
    submit,
    unlink,
    answers,
    detach: () => detach(),
    patience,
    want: () => want(),
    released: () => released,
  };
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a client that is silent', () => {
  test('is sent away when it makes no request, also when its bytes trickle in', async () => {
    const { connection, patience, ends } = connect({ imported: false });
    const request = encodeImportRequest('1-1');
    for (let i = 0; i < 9; i++) {
      connection.receive(request.subarray(i, i + 1));
      patience.advance(1_000);
    }
    await settle();
    expect(ends).toEqual([]);
    patience.advance(1_000);
    await settle();
    expect(ends).toEqual([
      expect.objectContaining({ code: 'timeout', message: 'The client sent no request within 10 s.' }),
    ]);
  });

  test('gives back a device that it has imported and does not use', async () => {
    const { patience, ends, released } = connect();
    patience.advance(PATIENCE.FIRST_TRANSFER);
    await settle();
    expect(ends).toEqual([expect.objectContaining({ code: 'timeout' })]);
    expect(released()).toBe(1);
  });

  test('keeps a device that it has used for as long as nobody else wants it', async () => {
    const { submit, patience, ends, want } = connect();
    submit(1, vendorIn(REQUEST.ECHO, 4));
    patience.advance(3_600_000);
    await settle();
    expect(ends).toEqual([]);
    want();
    expect(ends).toEqual([expect.objectContaining({ code: 'timeout' })]);
  });

  test('keeps a device that it has just used, whoever wants it', async () => {
    const { submit, patience, ends, want } = connect();
    patience.advance(1_000);
    submit(1, vendorIn(REQUEST.ECHO, 4));
    patience.advance(PATIENCE.WANTED - 1);
    want();
    await settle();
    expect(ends).toEqual([]);
  });
});

describe('a transfer through the USB/IP server', () => {
  test('waits while the device is busy, however often it says so again', async () => {
    const { clock, model, submit, answers } = connect();
    model.busyUntil = 20;
    submit(1, vendorIn(REQUEST.ECHO, 4));
    await clock.asleep();
    model.busyUntil = 30;
    clock.advance(20);
    await clock.asleep();
    expect(model.seen).toEqual([]);
    clock.advance(10);
    await settle();
    expect(model.seen).toEqual([REQUEST.ECHO]);
    expect(answers()).toEqual([{ command: 'submitted', seqnum: 1, status: 0, length: 0 }]);
  });

  test('leaves nothing behind when it is taken back, so that many of them hold no memory', async () => {
    const { model, submit, unlink, ends } = connect();
    model.busyUntil = 8_000;
    submit(1, vendorIn(REQUEST.ECHO, 4));
    for (let n = 0; n < 200; n++) {
      submit(2 + 2 * n, vendorIn(REQUEST.ECHO, 0xffff));
      unlink(3 + 2 * n, 2 + 2 * n);
    }
    await settle();
    expect(ends).toEqual([]);
    // The limit holds for what waits: as many as fit beside the first, and no more.
    const most = Math.floor((LIMITS.PENDING_BYTES - 4) / 0xffff);
    for (let n = 0; n < most; n++) submit(1_000 + n, vendorIn(REQUEST.ECHO, 0xffff));
    expect(ends).toEqual([]);
    submit(5_000, vendorIn(REQUEST.ECHO, 0xffff));
    expect(ends).toHaveLength(1);
  });

  test('that was taken back while the device was busy never reaches it, and the next one does', async () => {
    const { clock, model, submit, unlink, answers } = connect();
    model.busyUntil = 20;
    submit(1, vendorIn(REQUEST.STALL, 4));
    submit(2, vendorIn(REQUEST.ECHO, 4));
    await clock.asleep();
    unlink(3, 1);
    await clock.asleep();
    clock.advance(20);
    await settle();
    expect(model.seen).toEqual([REQUEST.ECHO]);
    expect(answers()).toEqual([
      { command: 'unlinked', seqnum: 3, status: -ERRNO.ECONNRESET, length: 0 },
      { command: 'submitted', seqnum: 2, status: 0, length: 0 },
    ]);
  });

  test('is answered when the device releases it, and the next request on endpoint 0 comes after it', async () => {
    const { clock, model, submit, answers } = connect();
    submit(1, vendorIn(REQUEST.HELD, 6));
    submit(2, vendorIn(REQUEST.STALL, 6));
    await clock.asleep();
    expect(model.seen).toEqual([REQUEST.HELD]);
    clock.advance(49);
    await settle();
    expect(answers()).toEqual([]);
    clock.advance(1);
    await settle();
    expect(answers()).toEqual([
      { command: 'submitted', seqnum: 1, status: 0, length: 6 },
      { command: 'submitted', seqnum: 2, status: -ERRNO.EPIPE, length: 2 },
    ]);
  });

  test('that the device never answers ends only when it is taken back', async () => {
    const { model, submit, unlink, answers } = connect();
    submit(1, vendorIn(REQUEST.SILENT, 6));
    submit(2, vendorIn(REQUEST.ECHO, 6));
    await settle();
    expect(answers()).toEqual([]);
    unlink(3, 1);
    await settle();
    expect(answers().map(({ seqnum, status }) => [seqnum, status])).toEqual([
      [3, -ERRNO.ECONNRESET],
      [2, 0],
    ]);
    expect(model.seen).toEqual([REQUEST.SILENT, REQUEST.ECHO]);
    unlink(4, 2);
    expect(answers()).toEqual([{ command: 'unlinked', seqnum: 4, status: 0, length: 0 }]);
  });

  test('to a device that hangs for ever waits without spinning', async () => {
    const { clock, model, submit, unlink, answers } = connect();
    model.busyUntil = Number.POSITIVE_INFINITY;
    submit(1, vendorIn(REQUEST.ECHO, 6));
    await settle();
    expect(clock.sleeping).toBe(0);
    unlink(2, 1);
    expect(answers()).toMatchObject([{ command: 'unlinked', status: -ERRNO.ECONNRESET }]);
  });

  test('is cut to what was asked for', async () => {
    const { model, submit, answers } = connect();
    model.memory = new Uint8Array(64);
    submit(1, vendorIn(REQUEST.ECHO, 10));
    await settle();
    expect(answers()).toMatchObject([{ length: 10 }]);
  });

  test('keeps the bus as long as the carrier is told, once', async () => {
    const { clock, model, submit, answers } = connect({ transferMs: (_, bytes) => bytes });
    model.memory = new Uint8Array(8);
    submit(1, vendorIn(REQUEST.ECHO, 10));
    await clock.asleep();
    clock.advance(7);
    await settle();
    expect(answers()).toEqual([]);
    clock.advance(1);
    await settle();
    expect(answers()).toMatchObject([{ seqnum: 1, length: 8 }]);
  });

  test.each([
    { length: 8, answeredAt: 50 },
    { length: 60, answeredAt: 60 },
  ])(
    'that is held while its $length bytes cross the bus ends with the later of both',
    async ({ length, answeredAt }) => {
      const { clock, submit, answers } = connect({ transferMs: (_, bytes) => bytes });
      submit(1, vendorIn(REQUEST.HELD, length));
      await clock.asleep();
      clock.advance(answeredAt - 1);
      await settle();
      expect(answers()).toEqual([]);
      clock.advance(1);
      await settle();
      expect(answers()).toMatchObject([{ seqnum: 1, length }]);
    },
  );

  test('whose setup packet contradicts it is refused before the device sees it', async () => {
    const { model, submit, answers } = connect();
    submit(1, { ...vendorIn(REQUEST.ECHO, 4), requestType: 0x40 });
    await settle();
    expect(answers()).toMatchObject([{ status: -ERRNO.EINVAL }]);
    expect(model.seen).toEqual([]);
  });
});

describe('a device that goes away', () => {
  test('ends what is pending with -ESHUTDOWN, and the conversation', async () => {
    const { model, submit, answers, detach, ends, released } = connect();
    model.busyUntil = 100;
    submit(1, vendorIn(REQUEST.ECHO, 4));
    submit(2, vendorIn(REQUEST.ECHO, 4));
    await settle();
    detach();
    expect(answers().map(({ seqnum, status }) => [seqnum, status])).toEqual([
      [1, -ERRNO.ESHUTDOWN],
      [2, -ERRNO.ESHUTDOWN],
    ]);
    expect(ends).toEqual([undefined]);
    expect(released()).toBe(1);
    expect(model.seen).toEqual([]);
  });

  test('with its answer to a request has that answer delivered first', async () => {
    const { model, submit, answers, detach, ends } = connect();
    model.onLeave = detach;
    submit(1, vendorIn(REQUEST.LEAVE, 6));
    submit(2, vendorIn(REQUEST.ECHO, 6));
    await settle();
    expect(answers().map(({ seqnum, status, length }) => [seqnum, status, length])).toEqual([
      [1, 0, 1],
      [2, -ERRNO.ESHUTDOWN, 0],
    ]);
    expect(ends).toHaveLength(1);
  });
});

describe('a client that breaks the protocol', () => {
  const broken = (act: (rig: ReturnType<typeof connect>) => void): unknown => {
    const rig = connect();
    act(rig);
    expect(rig.released()).toBe(1);
    return rig.ends[0];
  };

  test('loses its connection and the device', () => {
    const urb = {
      seqnum: 1,
      devid: DEVID,
      direction: 'in',
      endpoint: 0,
      length: 4,
      setup: vendorIn(REQUEST.ECHO, 4),
    } as const;
    const foreign = encodeSubmit({ ...urb, devid: 7 }, NOTHING);
    expect(broken(({ connection }) => connection.receive(foreign))).toMatchObject({ code: 'protocol' });
    const twice = ({ submit }: ReturnType<typeof connect>): void => {
      submit(1, urb.setup);
      submit(1, urb.setup);
    };
    expect(broken(twice)).toMatchObject({ code: 'protocol', message: 'URB 1 is pending already.' });
    const flood = encodeSubmit({ ...urb, endpoint: 1, length: MAX_TRANSFER }, NOTHING);
    expect(
      broken(({ connection }) => {
        for (let n = 0; n <= LIMITS.PENDING_BYTES / MAX_TRANSFER; n += 1) {
          new DataView(flood.buffer).setUint32(4, n);
          connection.receive(flood);
        }
      }),
    ).toMatchObject({ code: 'protocol' });
  });

  test('cannot do more than that, whatever it sends', () => {
    const bytes = fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 6 });
    fc.assert(
      fc.property(bytes, fc.boolean(), (chunks, imported) => {
        const { connection, ends, released } = connect({ imported });
        for (const chunk of chunks) connection.receive(chunk);
        connection.close();
        expect(ends.every((end) => end === undefined || (end instanceof UsbIpError && end.code === 'protocol'))).toBe(
          true,
        );
        expect(released()).toBe(imported ? 1 : 0);
      }),
    );
  });

  test('is told apart from a model that throws', async () => {
    const { submit, ends } = connect();
    submit(1, vendorIn(REQUEST.DEFECT, 4));
    await settle();
    expect(ends).toEqual([new Error('a defect of the model')]);
  });
});

import { BULK, type BulkDevice } from '@sureflash/virtual';
import { afterEach, describe, expect, it } from 'vitest';
import { bulkRungs, ECHO, type Rung } from './port-rungs.ts';

const { IN, OUT } = BULK;
/** Hit by no transfer that the device answers. */
const ample = { timeoutMs: 60_000 };
const echo = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? ECHO : i & 0xff));

describe.each(bulkRungs())('bulk transfers over %s', (_, open) => {
  let rung: Rung<BulkDevice> | undefined;
  const start = async (): Promise<Rung<BulkDevice>> => {
    rung = await open();
    return rung;
  };
  afterEach(async () => {
    await rung?.close();
    rung = undefined;
  });

  it.each([1, 63, 64, 65, 128, 1000])('carry %i bytes to the device and back', async (length) => {
    const { port } = await start();
    await port.bulkOut(OUT, echo(length), ample);
    expect(await port.bulkIn(IN, 4096, ample)).toEqual(echo(length));
  });

  it('end at a short packet, though there is room for more', async () => {
    const { port, device } = await start();
    device.send(Uint8Array.of(1, 2));
    device.send(Uint8Array.of(3));
    expect(await port.bulkIn(IN, 64, ample)).toEqual(Uint8Array.of(1, 2));
    expect(await port.bulkIn(IN, 64, ample)).toEqual(Uint8Array.of(3));
  });

  it('end with an empty packet, too', async () => {
    const { port, device } = await start();
    device.send(new Uint8Array(0));
    expect(await port.bulkIn(IN, 64, ample)).toEqual(new Uint8Array(0));
  });

  it('give a long message in the parts that are asked for', async () => {
    const { port, device } = await start();
    device.send(echo(150));
    expect(await port.bulkIn(IN, 64, ample)).toEqual(echo(150).subarray(0, 64));
    expect(await port.bulkIn(IN, 128, ample)).toEqual(echo(150).subarray(64));
  });

  it('refuse a packet that does not fit into what was asked for', async () => {
    const { port, device } = await start();
    device.send(echo(20));
    await expect(port.bulkIn(IN, 10, ample)).rejects.toMatchObject({ code: 'usb/transfer', facts: { endpoint: IN } });
  });

  it('wait for data as long as they are allowed to', async () => {
    const { port, device, clock } = await start();
    const before = clock.now();
    const reading = port.bulkIn(IN, 64, ample);
    void clock.sleep(40).then(() => device.send(Uint8Array.of(7)));
    expect(await reading).toEqual(Uint8Array.of(7));
    expect(clock.now() - before).toBeGreaterThanOrEqual(40);
  });

  it('do not keep other endpoints waiting while one of them waits for data', async () => {
    const { port } = await start();
    const reading = port.bulkIn(IN, 64, ample);
    const getStatus = { requestType: 'standard', recipient: 'device', request: 0, value: 0, index: 0 } as const;
    expect(await port.controlIn(getStatus, 2, ample)).toHaveLength(2);
    await port.bulkOut(OUT, echo(3), ample);
    expect(await reading).toEqual(echo(3));
  });

  it('of one endpoint end in the order of the calls', async () => {
    const { port, device } = await start();
    const both = Promise.all([port.bulkIn(IN, 64, ample), port.bulkIn(IN, 64, ample)]);
    device.send(Uint8Array.of(1));
    device.send(Uint8Array.of(2));
    expect(await both).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it('give up after their time limit and leave what comes later to the next', async () => {
    const { port, device } = await start();
    await expect(port.bulkIn(IN, 64, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'usb/timeout',
      facts: { endpoint: IN, afterMs: 30 },
    });
    device.send(Uint8Array.of(9));
    expect(await port.bulkIn(IN, 64, ample)).toEqual(Uint8Array.of(9));
    expect(await port.bulkOut(OUT, echo(2), ample).then(() => port.bulkIn(IN, 64, ample))).toEqual(echo(2));
  });

  it('to a device without room give up after their time limit, and go on when there is room', async () => {
    const { port, device } = await start();
    device.hasRoom = false;
    await expect(port.bulkOut(OUT, Uint8Array.of(0), { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'usb/timeout',
      facts: { endpoint: OUT, afterMs: 30 },
    });
    device.hasRoom = true;
    await port.bulkOut(OUT, echo(2), ample);
    expect(await port.bulkIn(IN, 64, ample)).toEqual(echo(2));
  });

  it('are given up with the reason of a signal, unchanged, and leave what comes later to the next', async () => {
    const { port, device } = await start();
    const reason = { why: 'enough' };
    const stop = new AbortController();
    const reading = port.bulkIn(IN, 64, { ...ample, signal: stop.signal });
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(port.bulkIn(IN, 64, { ...ample, signal: stop.signal })).rejects.toBe(reason);
    await expect(port.bulkOut(OUT, echo(1), { ...ample, signal: stop.signal })).rejects.toBe(reason);
    device.send(Uint8Array.of(9));
    expect(await port.bulkIn(IN, 64, ample)).toEqual(Uint8Array.of(9));
  });

  it('turn a stall into usb/stall, whether it comes at once or while they wait, and can be used on', async () => {
    const { port, device, clock } = await start();
    device.halt(IN);
    await expect(port.bulkIn(IN, 64, ample)).rejects.toMatchObject({ code: 'usb/stall', facts: { endpoint: IN } });
    const reading = port.bulkIn(IN, 64, ample);
    void clock.sleep(10).then(() => device.halt(IN));
    await expect(reading).rejects.toMatchObject({ code: 'usb/stall', facts: { endpoint: IN } });
    device.halt(OUT);
    await expect(port.bulkOut(OUT, echo(1), ample)).rejects.toMatchObject({ code: 'usb/stall' });
    await port.bulkOut(OUT, echo(5), ample);
    expect(await port.bulkIn(IN, 64, ample)).toEqual(echo(5));
  });

  it('fail with usb/gone when the device is unplugged while they wait', async () => {
    const { port, unplug, clock } = await start();
    const reading = port.bulkIn(IN, 64, ample);
    void clock.sleep(10).then(unplug);
    await expect(reading).rejects.toMatchObject({ code: 'usb/gone' });
    await port.gone;
    await expect(port.bulkOut(OUT, echo(1), ample)).rejects.toMatchObject({ code: 'usb/gone' });
  });

  it('end when the port lets go of the device, which can then be opened again', async () => {
    const { port, reopen } = await start();
    const reading = port.bulkIn(IN, 64, ample).then(
      () => 'read',
      () => 'failed',
    );
    await port[Symbol.asyncDispose]();
    expect(await reading).toBe('failed');
    const again = await reopen();
    await again.bulkOut(OUT, echo(4), ample);
    expect(await again.bulkIn(IN, 64, ample)).toEqual(echo(4));
    await again[Symbol.asyncDispose]();
  });
});

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { VirtualWebUsb } from '../hosts/webusb.ts';
import type { VirtualUsbDevice } from '../hosts/webusb-device.ts';
import { BULK, BulkDevice } from './bulk-device.ts';

const echoing = (): BulkDevice => new BulkDevice({ receive: (bytes, device) => device.send(bytes) });

describe('a bulk device', () => {
  it('answers NAK while it has nothing to send, and tells when it has', () => {
    const device = echoing();
    let told = 0;
    const stop = device.onReady(() => told++);
    expect(device.bulkIn(BULK.IN, 64)).toEqual({ kind: 'nak' });
    expect(device.bulkOut(BULK.OUT, Uint8Array.of(1))).toEqual({ kind: 'ack' });
    expect(told).toBe(1);
    expect(device.bulkIn(BULK.IN, 64)).toEqual({ kind: 'data', bytes: Uint8Array.of(1) });
    stop();
    device.send(Uint8Array.of(2));
    expect(told).toBe(1);
  });

  it('sends whole packets, whatever the host has room for', () => {
    const device = echoing();
    device.send(new Uint8Array(150));
    const lengths = [10, 100, 64].map((length) => {
      const reply = device.bulkIn(BULK.IN, length);
      return reply.kind === 'data' ? reply.bytes.length : reply.kind;
    });
    expect(lengths).toEqual([64, 86, 'nak']);
  });

  it('stalls an endpoint that it has halted until the host clears it, and endpoints that it does not have', () => {
    const device = echoing();
    device.halt(BULK.IN);
    expect(device.bulkIn(BULK.IN, 64)).toEqual({ kind: 'stall' });
    device.control({ requestType: 0x02, request: 1, value: 0, index: BULK.IN, length: 0 });
    expect(device.bulkIn(BULK.IN, 64)).toEqual({ kind: 'nak' });
    expect(device.bulkIn(0x82, 64)).toEqual({ kind: 'stall' });
    expect(device.bulkOut(0x02, Uint8Array.of(1))).toEqual({ kind: 'stall' });
  });

  it('forgets messages and halts at a bus reset', () => {
    const device = echoing();
    device.send(Uint8Array.of(1));
    device.halt(BULK.OUT);
    device.reset();
    expect(device.bulkIn(BULK.IN, 64)).toEqual({ kind: 'nak' });
    expect(device.bulkOut(BULK.OUT, Uint8Array.of(1))).toEqual({ kind: 'ack' });
  });
});

describe('bulk transfers of a virtual host', () => {
  async function claimed(dialect: 'browser' | 'usb-2.18' | 'usb-3.1') {
    const clock = new VirtualClock();
    const device = echoing();
    const usb = new VirtualWebUsb({ connectors: [device], clock, dialect, deviceTimeout: 500 });
    const [shown] = await usb.getDevices();
    if (!shown) throw new Error('nothing is plugged in');
    await shown.open();
    await shown.claimInterface(0);
    return { clock, device, usb, shown };
  }

  const wordsOf = async (work: Promise<unknown>): Promise<string> =>
    await work.then(
      () => 'no error',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it('take the time of their packets on the bus', async () => {
    const { clock, device, shown } = await claimed('browser');
    const start = clock.now();
    await shown.transferOut(1, new Uint8Array(64 * 19));
    expect(clock.now() - start).toBeCloseTo((64 * 19 + 13 * 19) / 1500, 6);
    device.send(new Uint8Array(0));
    expect((await shown.transferIn(1, 64 * 32)).data?.byteLength).toBe(64 * 19);
  });

  it.each([
    ['browser', 60_000],
    ['usb-2.18', 60_000],
    ['usb-3.1', 1_000],
  ] as const)('of %s wait for data for at least %i ms', async (dialect, ms) => {
    const { clock, device, shown } = await claimed(dialect);
    const reading = shown.transferIn(1, 64);
    await clock.sleep(ms - 1);
    device.send(Uint8Array.of(5));
    expect((await reading).data?.getUint8(0)).toBe(5);
  });

  it('of npm usb 3 end after a second, or after the time that a last argument says', async () => {
    const { clock, shown } = await claimed('usb-3.1');
    const start = clock.now();
    expect(await wordsOf(shown.transferIn(1, 64))).toBe('Error: transferIn error: transfer was cancelled');
    expect(clock.now() - start).toBe(1_000);
    await wordsOf(shown.transferIn(1, 64, 20));
    expect(clock.now() - start).toBe(1_020);
  });

  it.each([
    ['browser', 'AbortError: The transfer was cancelled.'],
    ['usb-2.18', 'Error: transferIn error: Error: LIBUSB_TRANSFER_CANCELLED'],
    ['usb-3.1', 'Error: transferIn error: transfer was cancelled'],
  ] as const)('of %s end when their interface is released', async (dialect, words) => {
    const { shown } = await claimed(dialect);
    const reading = wordsOf(shown.transferIn(1, 64));
    await shown.releaseInterface(0);
    expect(await reading).toBe(words);
    await shown.close();
  });

  it.each([
    ['browser', 'NotFoundError: The specified endpoint is not part of a claimed and selected alternate interface.'],
    ['usb-2.18', "Error: transferIn error: TypeError: Cannot read properties of undefined (reading 'transferAsync')"],
  ] as const)('of %s need an endpoint that is there and claimed', async (dialect, words) => {
    const { shown } = await claimed(dialect);
    const unclaimed = async (device: VirtualUsbDevice): Promise<string> => {
      await device.releaseInterface(0);
      return await wordsOf(device.transferIn(1, 64));
    };
    expect(await wordsOf(shown.transferIn(2, 64))).toBe(words);
    expect(await unclaimed(shown)).toBe(words);
  });

  it.each([
    ['browser', 'babble'],
    ['usb-2.18', 'babble'],
    ['usb-3.1', 'Error: transferIn error: hardware fault or protocol violation'],
  ] as const)('of %s babble where the device sends more than there is room for', async (dialect, outcome) => {
    const { device, shown } = await claimed(dialect);
    device.send(Uint8Array.of(1, 2, 3));
    const result = shown.transferIn(1, 2).then(({ status }) => status);
    expect(await result.catch((error: Error) => `${error.name}: ${error.message}`)).toBe(outcome);
  });
});

import { describe, expect, it } from 'vitest';
import { StandingClock } from '../../testing/clocks.ts';
import { dfuDescriptors } from '../../testing/descriptors.ts';
import { DFU_FILTERS, DFU_RUNTIME_FILTERS } from '../dfu/filters.ts';
import type { ControlSetup, UsbPort } from '../ports/usb.ts';
import { listWebUsb, openWebUsb } from './web-usb.ts';
import type { WebUsb, WebUsbDevice } from './web-usb-api.ts';
import { webUsbFailure } from './web-usb-errors.ts';

const GET_STATUS: ControlSetup = { requestType: 'class', recipient: 'interface', request: 3, value: 0, index: 0 };
const DFU_ALTERNATE = { alternateSetting: 0, interfaceClass: 0xfe, interfaceSubclass: 1, interfaceProtocol: 2 };
const CONFIGURATION = { configurationValue: 1, interfaces: [{ interfaceNumber: 0, alternates: [DFU_ALTERNATE] }] };
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/** A device with descriptors; what it does beyond them is given. */
function device(overrides: Partial<WebUsbDevice> = {}): WebUsbDevice & { readonly log: string[] } {
  const log: string[] = [];
  const note =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<void> =>
      void log.push([name, ...args].join(' '));
  const descriptors = dfuDescriptors();
  return {
    log,
    vendorId: 0x0483,
    productId: 0xdf11,
    configuration: CONFIGURATION,
    configurations: [CONFIGURATION],
    opened: true,
    open: note('open'),
    close: note('close'),
    selectConfiguration: note('configuration'),
    claimInterface: note('claim'),
    releaseInterface: note('release'),
    selectAlternateInterface: note('alternate'),
    reset: note('reset'),
    controlTransferOut: async (_, data) => ({ status: 'ok', bytesWritten: data?.length ?? 0 }),
    transferIn: async () => ({ status: 'stall' }),
    transferOut: async (_, data) => ({ status: 'ok', bytesWritten: data.length }),
    clearHalt: note('clear halt'),
    ...overrides,
    controlTransferIn: async (setup, length) => {
      const found = setup.requestType === 'standard' ? descriptors.get(setup.value) : undefined;
      if (!found) return (await overrides.controlTransferIn?.(setup, length)) ?? { status: 'stall' };
      // A view into a larger buffer, as npm `usb` gives.
      const roomy = Uint8Array.of(0xee, ...found.slice(0, length), 0xee);
      return { status: 'ok', data: new DataView(roomy.buffer, 1, roomy.length - 2) };
    },
  };
}

const open = async (overrides: Partial<WebUsbDevice> = {}, clock = new StandingClock()): Promise<UsbPort> =>
  await openWebUsb(device(overrides), DFU_FILTERS, { clock });

describe('webUsbFailure', () => {
  it.each([
    ['a browser: gone', named('NotFoundError', 'The device was disconnected.'), 'usb/gone'],
    ['a browser: no permission', named('SecurityError', 'Access denied.'), 'usb/access'],
    ['a browser: taken', named('NetworkError', 'Unable to claim interface.'), 'usb/busy'],
    ['a browser: anything', named('NetworkError', 'A transfer error has occurred.'), 'usb/transfer'],
    [
      'a browser: no such endpoint',
      named('NotFoundError', 'The specified endpoint is not part of a claimed and selected alternate interface.'),
      'usb/transfer',
    ],
    ['a browser: closed meanwhile', named('AbortError', 'The transfer was cancelled.'), 'usb/transfer'],
    ['libusb: gone', new Error('controlTransferIn error: Error: LIBUSB_ERROR_NO_DEVICE'), 'usb/gone'],
    ['libusb: gone in a transfer', new Error('controlTransferIn error: Error: LIBUSB_TRANSFER_NO_DEVICE'), 'usb/gone'],
    ['libusb: no permission', new Error('open error: Error: LIBUSB_ERROR_ACCESS'), 'usb/access'],
    ['libusb: no driver', new Error('open error: Error: LIBUSB_ERROR_NOT_SUPPORTED'), 'usb/access'],
    ['libusb: taken', new Error('claimInterface error: Error: LIBUSB_ERROR_BUSY'), 'usb/busy'],
    ['libusb: late', new Error('controlTransferIn error: Error: LIBUSB_TRANSFER_TIMED_OUT'), 'usb/timeout'],
    ['libusb: stalled', new Error('controlTransferIn error: Error: LIBUSB_TRANSFER_STALL'), 'usb/stall'],
    ['nusb: stalled', new Error('controlTransferOut error: endpoint stalled'), 'usb/stall'],
    ['nusb: gone', new Error('controlTransferOut error: device disconnected'), 'usb/gone'],
    ['nusb: late', new Error('controlTransferOut error: transfer was cancelled'), 'usb/timeout'],
    ['no error at all', 'what?', 'usb/transfer'],
  ])('knows %s', (_, error, code) => {
    expect(webUsbFailure(error, { setup: GET_STATUS })).toMatchObject({ code, cause: error });
  });

  it('leaves errors of ours as they are', () => {
    const ours = webUsbFailure(new Error('x'));
    expect(webUsbFailure(ours, { setup: GET_STATUS })).toBe(ours);
  });
});

describe('openWebUsb', () => {
  it('opens, claims, and knows device and alternates', async () => {
    const subject = device();
    const port = await openWebUsb(subject, DFU_FILTERS, { clock: new StandingClock() });
    expect(subject.log).toEqual(['open', 'claim 0']);
    expect(port.identity.serial).toBe('00000000001A');
    expect(port.alternates.map(({ name }) => name)).toEqual(['@Internal Flash   /0x08000000/128*002Kg']);
  });

  it('configures a device that is not configured yet', async () => {
    const subject = device({ configuration: null });
    await openWebUsb(subject, DFU_FILTERS, { clock: new StandingClock() });
    expect(subject.log).toEqual(['open', 'configuration 1', 'claim 0']);
  });

  it('closes the device again when it cannot be claimed, and says why', async () => {
    const subject = device({
      claimInterface: async () => await Promise.reject(named('NetworkError', 'Unable to claim interface.')),
    });
    await expect(openWebUsb(subject, DFU_FILTERS, { clock: new StandingClock() })).rejects.toMatchObject({
      code: 'usb/busy',
    });
    expect(subject.log.at(-1)).toBe('close');
  });

  it('releases before it closes, and does not mind a device that is gone', async () => {
    const subject = device();
    await (await openWebUsb(subject, DFU_FILTERS, { clock: new StandingClock() }))[Symbol.asyncDispose]();
    expect(subject.log.slice(-2)).toEqual(['release 0', 'close']);
    const gone = async (): Promise<never> => await Promise.reject(new Error('LIBUSB_ERROR_NO_DEVICE'));
    await (await open({ releaseInterface: gone, close: gone }))[Symbol.asyncDispose]();
  });
});

describe('a transfer through WebUSB', () => {
  it('gives the bytes of the view, not of the buffer behind it', async () => {
    const bytes = Uint8Array.of(9, 9, 0, 0, 0, 0, 2, 0, 9);
    const port = await open({
      controlTransferIn: async () => ({ status: 'ok', data: new DataView(bytes.buffer, 2, 6) }),
    });
    expect(await port.controlIn(GET_STATUS, 6, { timeoutMs: 100 })).toEqual(Uint8Array.of(0, 0, 0, 0, 2, 0));
  });

  it.each([
    ['a status', async () => ({ status: 'stall', bytesWritten: 0 })],
    ['an error', async () => await Promise.reject(new Error('controlTransferOut error: endpoint stalled'))],
  ])('that is stalled is usb/stall, told as %s', async (_, controlTransferOut) => {
    const port = await open({ controlTransferOut });
    const sent = port.controlOut(GET_STATUS, Uint8Array.of(1), { timeoutMs: 100 });
    await expect(sent).rejects.toMatchObject({ code: 'usb/stall', facts: { setup: GET_STATUS } });
  });

  it.each([
    ['libusb on macOS', 'selectAlternateInterface error: Error: LIBUSB_ERROR_PIPE', 'usb/stall'],
    ['nusb on Linux', 'selectAlternateInterface error: failed to set alternate setting (errno 32)', 'usb/stall'],
    ['nusb on macOS', 'selectAlternateInterface error: failed to set alternate (error 0xe000404f)', 'usb/stall'],
    ['nusb on Windows, a sharing violation', 'failed to set alternate (error 32)', 'usb/transfer'],
    ['libusb on Linux, for many reasons', 'selectAlternateInterface error: Error: LIBUSB_ERROR_OTHER', 'usb/transfer'],
    ['libusb on Windows, for any reason', 'selectAlternateInterface error: Error: LIBUSB_ERROR_IO', 'usb/transfer'],
    ['a browser, for any reason', 'Unable to set device interface.', 'usb/transfer'],
    ['libusb, gone', 'selectAlternateInterface error: Error: LIBUSB_ERROR_NO_DEVICE', 'usb/gone'],
  ])('that selects an alternate and fails is told with its request: %s', async (_, message, code) => {
    const port = await open({ selectAlternateInterface: async () => await Promise.reject(new Error(message)) });
    const setup = { requestType: 'standard', recipient: 'interface', request: 11, value: 2, index: 0 };
    await expect(port.selectAlternate(2)).rejects.toMatchObject({ code, facts: { setup } });
  });

  it('always has data, be it empty: npm usb 3 fails without', async () => {
    const seen: unknown[] = [];
    const port = await open({
      controlTransferOut: async (_, data) => {
        seen.push(data);
        return { status: 'ok', bytesWritten: 0 };
      },
    });
    await port.controlOut(GET_STATUS, new Uint8Array(0), { timeoutMs: 100 });
    expect(seen).toEqual([new Uint8Array(0)]);
  });

  it('that sent only a part of its bytes is not done', async () => {
    const port = await open({ controlTransferOut: async () => ({ status: 'ok', bytesWritten: 3 }) });
    const sent = port.controlOut(GET_STATUS, new Uint8Array(4), { timeoutMs: 100 });
    await expect(sent).rejects.toMatchObject({
      code: 'usb/transfer',
      facts: { detail: 'only 3 of 4 bytes were sent' },
    });
  });

  it('that throws at once fails as any other', async () => {
    const port = await open({
      controlTransferOut: () => {
        throw new TypeError('data is missing');
      },
    });
    const sent = port.controlOut(GET_STATUS, new Uint8Array(0), { timeoutMs: 100 });
    await expect(sent).rejects.toMatchObject({ code: 'usb/transfer', facts: { detail: 'data is missing' } });
  });

  it('that never ends is usb/timeout after its limit, and a late answer harms nobody', async () => {
    const clock = new StandingClock();
    let fail: (error: Error) => void = () => undefined;
    const endless = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const port = await open({ controlTransferIn: async () => await endless }, clock);
    const read = port.controlIn(GET_STATUS, 6, { timeoutMs: 700 });
    clock.advance(699);
    await Promise.resolve();
    clock.advance(1);
    await expect(read).rejects.toMatchObject({ code: 'usb/timeout', facts: { afterMs: 700, setup: GET_STATUS } });
    fail(new Error('too late'));
    expect(clock.sleeping).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const clock = new StandingClock();
    const port = await open({}, clock);
    await port[Symbol.asyncDispose]();
    expect(clock.sleeping).toBe(0);
  });

  it('of a device that has left is usb/gone, and resolves `gone`', async () => {
    const controlTransferIn = async (): Promise<never> => await Promise.reject(new Error('LIBUSB_TRANSFER_NO_DEVICE'));
    const port = await open({ controlTransferIn });
    await expect(port.controlIn(GET_STATUS, 6, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'usb/gone' });
    await port.gone;
  });
});

describe('a disconnect of a WebUSB device', () => {
  it('resolves `gone`, also told of a new object with the same handle, and turns unclear failures into usb/gone', async () => {
    const listeners = new Set<(event: { readonly device: WebUsbDevice }) => void>();
    const usb: WebUsb = {
      getDevices: async () => [],
      addEventListener: (_, listener) => void listeners.add(listener),
      removeEventListener: (_, listener) => void listeners.delete(listener),
    };
    const controlTransferIn = async (): Promise<never> =>
      await Promise.reject(new Error('A transfer error has occurred.'));
    const subject = { ...device({ controlTransferIn }), handle: 7 };
    const port = await openWebUsb(subject, DFU_FILTERS, { clock: new StandingClock(), usb });
    for (const handle of [8, 7]) {
      await expect(port.controlIn(GET_STATUS, 6, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'usb/transfer' });
      for (const listener of listeners) listener({ device: Object.assign(device(), { handle }) });
    }
    await port.gone;
    await expect(port.controlIn(GET_STATUS, 6, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'usb/gone' });
    await port[Symbol.asyncDispose]();
    expect(listeners.size).toBe(0);
  });
});

describe('listWebUsb', () => {
  it('tells with each device the filter that it fits, and leaves out devices that fit none', async () => {
    const withProtocol = (interfaceProtocol: number, interfaceClass = 0xfe): WebUsbDevice => {
      const alternates = [{ ...DFU_ALTERNATE, interfaceClass, interfaceProtocol }];
      return device({ configurations: [{ configurationValue: 1, interfaces: [{ interfaceNumber: 0, alternates }] }] });
    };
    const plugged = { ...withProtocol(2), device: { busNumber: 1, portNumbers: [4, 2] } };
    const usb = { getDevices: async () => [plugged, withProtocol(1), withProtocol(2, 3)] };
    const host = { ...usb, addEventListener: () => undefined, removeEventListener: () => undefined };
    const found = await listWebUsb(host, [...DFU_FILTERS, ...DFU_RUNTIME_FILTERS]);
    expect(found.map(({ filter, path }) => [filter, path])).toEqual([
      [DFU_FILTERS[0], '1-4.2'],
      [DFU_RUNTIME_FILTERS[0], undefined],
    ]);
  });
});

import { describe, expect, it, vi } from 'vitest';
import type { Board } from '../board.ts';
import { VirtualClock } from '../clock.ts';
import { findScenario } from '../scenarios/by-name.ts';
import type { DialectName } from './dialects.ts';
import type { VirtualWebUsbOptions } from './webusb.ts';
import { VirtualWebUsb } from './webusb.ts';
import type { VirtualUsbDevice } from './webusb-device.ts';

const DFU = { requestType: 'class', recipient: 'interface', index: 0 } as const;
const getStatus = { ...DFU, request: 3, value: 0 };

function plugIn(name: string, options: Partial<VirtualWebUsbOptions> = {}) {
  const clock = new VirtualClock();
  const board = findScenario(name)?.create(clock);
  if (!board) throw new Error(name);
  return { clock, board, usb: new VirtualWebUsb({ connectors: [board], clock, ...options }) };
}

async function claim(usb: VirtualWebUsb): Promise<VirtualUsbDevice> {
  const device = await usb.requestDevice({ filters: [{ vendorId: 0x0483 }] });
  await device.open();
  await device.claimInterface(0);
  return device;
}

async function status(device: VirtualUsbDevice): Promise<number[]> {
  const { data } = await device.controlTransferIn(getStatus, 6);
  return data ? [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] : [];
}

async function download(device: VirtualUsbDevice, block: number, bytes: readonly number[]): Promise<string> {
  const result = await device.controlTransferOut({ ...DFU, request: 1, value: block }, Uint8Array.from(bytes));
  return result.status;
}

const dialectNames: readonly DialectName[] = ['browser', 'usb-2.18', 'usb-3.1'];

describe.each(dialectNames)('VirtualWebUsb in the dialect of %s', (dialect) => {
  it('erases, writes and reads back through the F105 ROM', async () => {
    const { clock, board, usb } = plugIn('stm32f105-rom', { dialect });
    board.flash.load(0x0800_0800, new Uint8Array(2048));
    const device = await claim(usb);
    expect(await download(device, 0, [0x41, 0, 8, 0, 8])).toBe('ok');
    const erased = clock.now();
    expect(await status(device)).toEqual([0, 40, 0, 0, 4, 0]);
    expect(await status(device)).toEqual([0, 0, 0, 0, 5, 0]);
    expect(clock.now() - erased).toBeGreaterThan(20);
    expect(clock.now() - erased).toBeLessThan(20.2);
    expect(await download(device, 0, [0x21, 0, 8, 0, 8])).toBe('ok');
    await status(device);
    await status(device);
    await download(device, 2, [1, 2, 3, 4]);
    await status(device);
    await status(device);
    expect([...board.flash.peek(0x0800_0800, 6)]).toEqual([1, 2, 3, 4, 0xff, 0xff]);
    await device.controlTransferOut({ ...DFU, request: 6, value: 0 }, new Uint8Array());
    const { data } = await device.controlTransferIn({ ...DFU, request: 2, value: 2 }, 2048);
    expect(data?.byteLength).toBe(2048);
    expect(data?.getUint32(0, true)).toBe(0x0403_0201);
  });

  it('fails a transfer at once when the cable is pulled while it waits', async () => {
    const { clock, board, usb } = plugIn('stm32f407-rom', { dialect, deviceTimeout: 60_000 });
    const device = await claim(usb);
    await device.controlTransferOut({ ...DFU, request: 4, value: 0 }, new Uint8Array());
    await download(device, 0, [0x41, 0, 0, 2, 8]);
    await status(device);
    const waiting = status(device).then(
      () => 'answered',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    await clock.sleep(400);
    const pulled = clock.now();
    board.unplug();
    expect(await waiting).toBe(
      {
        browser: 'NetworkError: A transfer error has occurred.',
        'usb-2.18': 'Error: controlTransferIn error: Error: LIBUSB_TRANSFER_NO_DEVICE',
        'usb-3.1': 'Error: controlTransferIn error: device disconnected',
      }[dialect],
    );
    expect(clock.now()).toBe(pulled);
    expect(await usb.getDevices()).toEqual([]);
  });

  it('has words of its own for an alternate that the device refuses', async () => {
    const { board, usb } = plugIn('stm32f407-rom', { dialect });
    const device = await claim(usb);
    if (!board.device) throw new Error('nothing is plugged in');
    vi.spyOn(board.device, 'control').mockReturnValue({ kind: 'stall' });
    const error: unknown = await device.selectAlternateInterface(0, 1).catch((reason: unknown) => reason);
    expect(String(error)).toBe(
      {
        browser: 'NetworkError: Unable to set device interface.',
        'usb-2.18': 'Error: selectAlternateInterface error: Error: LIBUSB_ERROR_OTHER',
        'usb-3.1': 'Error: selectAlternateInterface error: failed to set alternate setting (errno 32)',
      }[dialect],
    );
  });

  it('tells of devices that come and go', async () => {
    const { clock, board, usb } = plugIn('stm32f105-rom', { dialect });
    await usb.getDevices();
    const events: string[] = [];
    const start = clock.now();
    const note = (event: { type: string }) => events.push(`${event.type} ${Math.floor(clock.now() - start)}`);
    usb.addEventListener('connect', note);
    usb.ondisconnect = note;
    board.unplug();
    await clock.sleep(1000);
    board.plug();
    await clock.sleep(470);
    expect(events).toEqual(['disconnect 0', 'connect 1460']);
    usb.removeEventListener('connect', note);
  });
});

describe('the browser dialect', () => {
  it('answers a stall as a status', async () => {
    const { usb } = plugIn('stm32f105-rom');
    const device = await claim(usb);
    expect(await device.controlTransferIn({ ...DFU, request: 2, value: 1 }, 64)).toEqual({ status: 'stall' });
    expect(await device.controlTransferOut({ ...DFU, request: 1, value: 1 }, new Uint8Array(4))).toEqual({
      status: 'stall',
      bytesWritten: 0,
    });
  });

  it('sends OUT transfers without data', async () => {
    const { usb } = plugIn('stm32f105-rom');
    const device = await claim(usb);
    expect(await device.controlTransferOut({ ...DFU, request: 6, value: 0 })).toEqual({
      status: 'ok',
      bytesWritten: 0,
    });
  });

  it('names its errors as DOMExceptions are named', async () => {
    const { board, usb } = plugIn('stm32f105-rom');
    const device = await usb.requestDevice({ filters: [] });
    await expect(device.claimInterface(0)).rejects.toMatchObject({ name: 'InvalidStateError' });
    await device.open();
    await expect(device.controlTransferIn(getStatus, 6)).rejects.toMatchObject({ name: 'InvalidStateError' });
    await expect(device.claimInterface(3)).rejects.toMatchObject({ name: 'NotFoundError' });
    await device.claimInterface(0);
    await expect(device.selectAlternateInterface(0, 7)).rejects.toMatchObject({ name: 'NotFoundError' });
    board.unplug();
    await expect(device.controlTransferIn(getStatus, 6)).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(usb.requestDevice({ filters: [] })).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('lists a device that may not be opened, and refuses to open it', async () => {
    const { usb } = plugIn('stm32f105-rom', { denied: ['1-1'] });
    const [device] = await usb.getDevices();
    await expect(device?.open()).rejects.toMatchObject({ name: 'SecurityError' });
  });

  it('follows the chosen alternate setting, has no time limit and releases at close', async () => {
    const { usb } = plugIn('stm32f407-rom');
    const device = await claim(usb);
    await device.selectAlternateInterface(0, 2);
    expect(device.configuration.interfaces[0]?.alternate.interfaceName).toBe(
      '@OTP Memory /0x1FFF7800/01*512 e,01*016 e',
    );
    await device.selectAlternateInterface(0, 0);
    await device.controlTransferOut({ ...DFU, request: 4, value: 0 });
    await download(device, 0, [0x41]);
    await status(device);
    expect(await status(device)).toEqual([0, 0, 0, 0, 5, 0]);
    await device.close();
    expect(device.configuration.interfaces[0]?.claimed).toBe(false);
    expect((await usb.getDevices())[0]).toBe(device);
  });
});

describe('the dialect of usb 2.18', () => {
  it('gives up after one second unless told otherwise', async () => {
    const { clock, usb } = plugIn('stm32f407-rom', { dialect: 'usb-2.18' });
    const device = await claim(usb);
    await device.controlTransferOut({ ...DFU, request: 4, value: 0 });
    await download(device, 0, [0x41]);
    await status(device);
    const start = clock.now();
    await expect(status(device)).rejects.toThrow('controlTransferIn error: Error: LIBUSB_TRANSFER_TIMED_OUT');
    expect(clock.now() - start).toBeCloseTo(1000);
  });

  it('does not list devices that may not be opened', async () => {
    const { usb } = plugIn('stm32f105-rom', { dialect: 'usb-2.18', denied: ['1-1'] });
    expect(await usb.getDevices()).toEqual([]);
  });

  it('leaves interface.alternate as it was', async () => {
    const { usb } = plugIn('stm32f407-rom', { dialect: 'usb-2.18' });
    const device = await claim(usb);
    await device.selectAlternateInterface(0, 1);
    expect(device.configuration.interfaces[0]?.alternate.alternateSetting).toBe(0);
  });

  it('does not close while a transfer is pending', async () => {
    const { usb } = plugIn('stm32f105-rom', { dialect: 'usb-2.18' });
    const device = await claim(usb);
    const pending = status(device);
    await expect(device.close()).rejects.toThrow('close error');
    await pending;
    await device.close();
    expect(device.opened).toBe(false);
  });
});

describe('the dialect of usb 3.1', () => {
  it('rejects on a stall and on missing data', async () => {
    const { usb } = plugIn('stm32f105-rom', { dialect: 'usb-3.1' });
    const device = await claim(usb);
    await expect(device.controlTransferIn({ ...DFU, request: 2, value: 1 }, 64)).rejects.toThrow('endpoint stalled');
    await expect(device.controlTransferOut({ ...DFU, request: 6, value: 0 })).rejects.toThrow(TypeError);
  });

  it('makes new objects at each look, with the same handle', async () => {
    const { usb } = plugIn('stm32f105-rom', { dialect: 'usb-3.1' });
    const [first] = await usb.getDevices();
    const [second] = await usb.getDevices();
    expect(first).not.toBe(second);
    expect(first?.handle).toBe(second?.handle);
  });

  it('keeps interfaces claimed when it closes', async () => {
    const { usb } = plugIn('stm32f105-rom', { dialect: 'usb-3.1' });
    const device = await claim(usb);
    await device.close();
    const [again] = await usb.getDevices();
    await again?.open();
    await expect(again?.claimInterface(0)).rejects.toThrow('busy');
  });

  it('takes a time limit as an extra argument', async () => {
    const { usb } = plugIn('stm32f407-rom', { dialect: 'usb-3.1' });
    const device = await claim(usb);
    await device.controlTransferOut({ ...DFU, request: 4, value: 0 }, new Uint8Array());
    await download(device, 0, [0x41]);
    await status(device);
    const { status: answer } = await device.controlTransferIn(getStatus, 6, 20_000);
    expect(answer).toBe('ok');
  });
});

describe('the hooks and sums of VirtualWebUsb', () => {
  it('counts the client’s transfers, not those of enumeration, and shows each before it is sent', async () => {
    const seen: string[] = [];
    const hooks = {
      beforeTransfer: (index: number, setup: { request: number }) => seen.push(`before ${index}: ${setup.request}`),
      afterTransfer: (index: number, _: unknown, reply: { kind: string } | undefined) =>
        seen.push(`after ${index}: ${reply?.kind}`),
    };
    const { usb } = plugIn('stm32f105-rom', hooks);
    const device = await claim(usb);
    await status(device);
    await device.controlTransferOut({ ...DFU, request: 6, value: 0 });
    expect(seen).toEqual(['before 0: 3', 'after 0: data', 'before 1: 6', 'after 1: ack']);
    expect(usb.stats.transfers).toBe(2);
    expect(usb.stats.busMs).toBeCloseTo((45 + 6 + 45) / 1500);
  });

  it('fails the transfer before which a test pulls the cable', async () => {
    let board: Board | undefined;
    const plugged = plugIn('stm32f105-rom', { beforeTransfer: (index) => index === 1 && board?.unplug() });
    board = plugged.board;
    const device = await claim(plugged.usb);
    await status(device);
    await expect(status(device)).rejects.toMatchObject({ name: 'NetworkError' });
  });
});

import { describe, expect, it } from 'vitest';
import { dfuDescriptors } from '../../testing/descriptors.ts';
import { hexOf } from '../../testing/scripted-port.ts';
import { DFU_FILTERS } from '../dfu/filters.ts';
import type { ControlSetup } from '../ports/usb.ts';
import { openUsbIp, type UsbIpDevice } from './usbip.ts';

const GET_STATUS: ControlSetup = { requestType: 'class', recipient: 'interface', request: 3, value: 0, index: 0 };
const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** An imported device with descriptors, which notes all other requests as bytes of their SETUP packets. */
function imported(overrides: Partial<UsbIpDevice> = {}): UsbIpDevice & { readonly log: string[] } {
  const log: string[] = [];
  const descriptors = dfuDescriptors();
  const device = {
    log,
    gone: new Promise<void>(() => undefined),
    controlOut: async (
      { requestType, request, value, index }: Parameters<UsbIpDevice['controlOut']>[0],
      data: Uint8Array,
    ) => void log.push(`${requestType.toString(16)} ${request} ${value} ${index} ${hexOf(data)}`.trimEnd()),
    bulkIn: async () => await Promise.reject(failure('stall')),
    bulkOut: async () => await Promise.reject(failure('stall')),
    close: async () => void log.push('close'),
    ...overrides,
  };
  return {
    ...device,
    controlIn: async (setup, length, options) => {
      const found = setup.requestType === 0x80 ? descriptors.get(setup.value) : undefined;
      if (found) return found.slice(0, length);
      log.push(`${setup.requestType.toString(16)} ${setup.request} ${setup.value} ${setup.index} (${length})`);
      return (await overrides.controlIn?.(setup, length, options)) ?? (await Promise.reject(failure('stall')));
    },
  };
}

describe('openUsbIp', () => {
  it('configures the device, since no host has done it, and knows who it is', async () => {
    const device = imported();
    const port = await openUsbIp(device, DFU_FILTERS, { path: '127.0.0.1:3240/1-1' });
    expect(device.log).toEqual(['0 9 1 0']);
    expect(port.identity).toMatchObject({ productId: 0xdf11, path: '127.0.0.1:3240/1-1' });
    expect(port.alternates).toHaveLength(1);
  });

  it('makes SETUP packets as USB 2.0 §9.3 has them', async () => {
    const device = imported({ controlIn: async () => Uint8Array.of(0, 0, 0, 0, 2, 0) });
    const port = await openUsbIp(device, DFU_FILTERS, { path: 'x' });
    expect(await port.controlIn(GET_STATUS, 6, { timeoutMs: 100 })).toEqual(Uint8Array.of(0, 0, 0, 0, 2, 0));
    await port.controlOut({ ...GET_STATUS, request: 1, value: 2 }, Uint8Array.of(0xab), { timeoutMs: 100 });
    await port.selectAlternate(3);
    await port[Symbol.asyncDispose]();
    expect(device.log.slice(1)).toEqual(['a1 3 0 0 (6)', '21 1 2 0 ab', '1 11 3 0', 'close']);
  });

  it.each([
    ['stall', 'usb/stall'],
    ['timeout', 'usb/timeout'],
    ['gone', 'usb/gone'],
    ['protocol', 'usb/transfer'],
  ])('turns the error "%s" into %s', async (word, code) => {
    const port = await openUsbIp(
      imported({ controlIn: async () => await Promise.reject(failure(word)) }),
      DFU_FILTERS,
      { path: 'x' },
    );
    await expect(port.controlIn(GET_STATUS, 6, { timeoutMs: 100 })).rejects.toMatchObject({
      code,
      facts: { setup: GET_STATUS },
    });
  });

  it('tells an alternate that the device refuses as a stall of SET_INTERFACE', async () => {
    const controlOut: UsbIpDevice['controlOut'] = async ({ request }) =>
      request === 11 ? await Promise.reject(failure('stall')) : undefined;
    const port = await openUsbIp(imported({ controlOut }), DFU_FILTERS, { path: 'x' });
    const setup = { requestType: 'standard', recipient: 'interface', request: 11, value: 2, index: 0 };
    await expect(port.selectAlternate(2)).rejects.toMatchObject({ code: 'usb/stall', facts: { setup } });
  });

  it('closes the connection when the device cannot be used, and says why even if closing fails', async () => {
    const refusing = imported({
      controlOut: async () => await Promise.reject(failure('gone')),
      close: async () => await Promise.reject(new Error('socket')),
    });
    await expect(openUsbIp(refusing, DFU_FILTERS, { path: 'x' })).rejects.toMatchObject({ code: 'usb/gone' });
  });
});

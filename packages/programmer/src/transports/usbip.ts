/** `UsbPort` over a USB/IP connection, by the connection's structure: no kernel module, and no host that enumerates for us. */

import { FlashError } from '../errors.ts';
import type { ControlSetup, FailedTransfer, TransferOptions, UsbFilter, UsbPort } from '../ports/usb.ts';
import { describeDevice, parseInterfaces, readAlternates } from './descriptors.ts';
import { requireInterface } from './filters.ts';
import { setInterface } from './set-interface.ts';
import { OPENING_MS } from './web-usb-transfers.ts';

/**
 * The calls of an imported device. Its errors carry a `code`: stall, timeout, gone, or another word. After a time limit or an
 * abort it takes the transfer back.
 */
export interface UsbIpDevice {
  readonly gone: Promise<void>;
  controlIn(setup: RawSetup, length: number, options: CallOptions): Promise<Uint8Array>;
  controlOut(setup: RawSetup, data: Uint8Array, options: CallOptions): Promise<void>;
  bulkIn(endpoint: number, length: number, options: CallOptions): Promise<Uint8Array>;
  bulkOut(endpoint: number, data: Uint8Array, options: CallOptions): Promise<void>;
  close(): Promise<void>;
}

interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** bmRequestType and the rest of a SETUP packet (USB 2.0 §9.3). */
export interface RawSetup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

const TYPE = { standard: 0, class: 1, vendor: 2 } as const;
const RECIPIENT = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;
const IN_REQUEST = 0x80;
const SET_CONFIGURATION: ControlSetup = {
  requestType: 'standard',
  recipient: 'device',
  request: 9,
  value: 1,
  index: 0,
};
/** CLEAR_FEATURE(ENDPOINT_HALT) (USB 2.0 §9.4.1); the index is the endpoint's address. */
const CLEAR_HALT: ControlSetup = { requestType: 'standard', recipient: 'endpoint', request: 1, value: 0, index: 0 };
const NO_DATA = new Uint8Array(0);

/**
 * Configures an imported device and takes the interface that fits the filters.
 * @param path how the device was addressed, for people: `127.0.0.1:3240/1-1`
 * @throws FlashError `usb/*`, `device/not-programmable`; the connection is closed then
 */
export async function openUsbIp(
  device: UsbIpDevice,
  filters: readonly UsbFilter[],
  { path }: { readonly path: string },
): Promise<UsbPort> {
  const within = { timeoutMs: OPENING_MS };
  const { controlIn, controlOut, bulkIn, bulkOut } = transfersOf(device);
  try {
    const description = await describeDevice(async (setup, length) => await controlIn(setup, length, within), path);
    const configure = { ...SET_CONFIGURATION, value: description.configurationValue };
    await controlOut(configure, NO_DATA, within);
    const { identity, configurationDescriptor } = description;
    const interfaceNumber = requireInterface(identity, parseInterfaces(configurationDescriptor), filters);
    const read = async (setup: ControlSetup, length: number): Promise<Uint8Array> =>
      await controlIn(setup, length, within);
    const alternates = await readAlternates(read, description, interfaceNumber);
    return {
      identity,
      interfaceNumber,
      alternates,
      configurationDescriptor,
      gone: device.gone,
      controlIn,
      controlOut,
      bulkIn,
      bulkOut,
      selectAlternate: async (value) => await controlOut(setInterface(interfaceNumber, value), NO_DATA, within),
      // USB/IP has no message for a port reset; configuring anew brings a device's interfaces to their start.
      reset: async () => await controlOut(configure, NO_DATA, within),
      [Symbol.asyncDispose]: async () => await device.close(),
    };
  } catch (error) {
    await device.close().catch(() => undefined);
    throw error;
  }
}

/** The transfers of a device with its errors in our codes. */
function transfersOf(device: UsbIpDevice): Pick<UsbPort, 'controlIn' | 'controlOut' | 'bulkIn' | 'bulkOut'> {
  const controlOut: UsbPort['controlOut'] = (setup, data, options) =>
    translated(device.controlOut(raw(setup, 0), data, callOptions(options)), { setup }, options);
  /** Clears the halt behind a stall (USB 2.0 §9.4.5). Whether that worked shows at the next transfer. */
  const clearing = async <T>(work: Promise<T>, endpoint: number): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const clear = { ...CLEAR_HALT, index: endpoint };
      if (codeOf(error) === 'stall') await controlOut(clear, NO_DATA, { timeoutMs: OPENING_MS }).catch(() => undefined);
      throw error;
    }
  };
  return {
    controlOut,
    controlIn: (setup, length, options) =>
      translated(device.controlIn(raw(setup, IN_REQUEST), length, callOptions(options)), { setup }, options),
    bulkIn: async (endpoint, length, options) => {
      const work = clearing(device.bulkIn(endpoint, length, callOptions(options)), endpoint);
      return await translated(work, { endpoint }, options);
    },
    bulkOut: async (endpoint, data, options) => {
      const work = clearing(device.bulkOut(endpoint, data, callOptions(options)), endpoint);
      await translated(work, { endpoint }, options);
    },
  };
}

function callOptions({ timeoutMs, signal }: TransferOptions): CallOptions {
  return signal ? { timeoutMs, signal } : { timeoutMs };
}

function raw({ requestType, recipient, request, value, index }: ControlSetup, direction: number): RawSetup {
  return { requestType: direction | (TYPE[requestType] << 5) | RECIPIENT[recipient], request, value, index };
}

async function translated<T>(
  work: Promise<T>,
  transfer: FailedTransfer,
  { timeoutMs: afterMs, signal }: TransferOptions,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error;
    const code = codeOf(error);
    if (code === 'stall') throw new FlashError('usb/stall', transfer, error);
    if (code === 'timeout') throw new FlashError('usb/timeout', { ...transfer, afterMs }, error);
    if (code === 'gone') throw new FlashError('usb/gone', { ...transfer }, error);
    const detail = error instanceof Error ? error.message : String(error);
    throw new FlashError('usb/transfer', { ...transfer, detail }, error);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

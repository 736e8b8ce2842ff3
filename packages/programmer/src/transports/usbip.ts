/** `UsbPort` over a USB/IP connection, by the connection's structure: no kernel module, and no host that enumerates for us. */
import { FlashError } from '../errors.ts';
import type { Alternate, ControlSetup, TransferOptions, UsbPort } from '../ports/usb.ts';
import { describeDevice, findDfuInterface, parseInterfaces, readAlternates } from './descriptors.ts';
import { setInterface } from './set-interface.ts';

/** What an imported device offers. Its errors carry a `code`: stall, timeout, gone, or another word. */
export interface UsbIpDevice {
  readonly gone: Promise<void>;
  controlIn(setup: RawSetup, length: number, options: { timeoutMs: number }): Promise<Uint8Array>;
  controlOut(setup: RawSetup, data: Uint8Array, options: { timeoutMs: number }): Promise<void>;
  close(): Promise<void>;
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
const DEVICE_TO_HOST = 0x80;
const SET_CONFIGURATION: ControlSetup = {
  requestType: 'standard',
  recipient: 'device',
  request: 9,
  value: 1,
  index: 0,
};
const OPENING_MS = 5_000;
const NOTHING = new Uint8Array(0);

/**
 * Configures an imported device and takes its DFU interface.
 * @param path how the device was addressed, for people: `127.0.0.1:3240/1-1`
 * @throws FlashError `usb/*`, `device/not-programmable`; the connection is closed then
 */
export async function openUsbIp(device: UsbIpDevice, path: string): Promise<UsbPort> {
  const controlIn = async (setup: ControlSetup, length: number): Promise<Uint8Array> =>
    await receive(device, setup, length, OPENING_MS);
  try {
    const description = await describeDevice(controlIn, path);
    await send(device, { ...SET_CONFIGURATION, value: description.configurationValue }, NOTHING, OPENING_MS);
    const interfaceNumber = findDfuInterface(parseInterfaces(description.configurationDescriptor));
    if (interfaceNumber === undefined) {
      throw new FlashError('device/not-programmable', { detail: 'it has no interface in DFU mode' });
    }
    const alternates: readonly Alternate[] = await readAlternates(controlIn, description, interfaceNumber);
    const { identity, configurationDescriptor } = description;
    return {
      identity,
      interfaceNumber,
      alternates,
      configurationDescriptor,
      gone: device.gone,
      selectAlternate: async (value) => await send(device, setInterface(interfaceNumber, value), NOTHING, OPENING_MS),
      controlIn: async (setup, length, { timeoutMs }: TransferOptions) =>
        await receive(device, setup, length, timeoutMs),
      controlOut: async (setup, data, { timeoutMs }: TransferOptions) => await send(device, setup, data, timeoutMs),
      // USB/IP has no message for a port reset; configuring anew brings a device's interfaces to their start.
      reset: async () =>
        await send(device, { ...SET_CONFIGURATION, value: description.configurationValue }, NOTHING, OPENING_MS),
      [Symbol.asyncDispose]: async () => await device.close(),
    };
  } catch (error) {
    await device.close().catch(() => undefined);
    throw error;
  }
}

async function receive(
  device: UsbIpDevice,
  setup: ControlSetup,
  length: number,
  timeoutMs: number,
): Promise<Uint8Array> {
  try {
    return await device.controlIn(raw(setup, DEVICE_TO_HOST), length, { timeoutMs });
  } catch (error) {
    throw failure(error, setup, timeoutMs);
  }
}

async function send(device: UsbIpDevice, setup: ControlSetup, data: Uint8Array, timeoutMs: number): Promise<void> {
  try {
    await device.controlOut(raw(setup, 0), data, { timeoutMs });
  } catch (error) {
    throw failure(error, setup, timeoutMs);
  }
}

function raw({ requestType, recipient, request, value, index }: ControlSetup, direction: number): RawSetup {
  return { requestType: direction | (TYPE[requestType] << 5) | RECIPIENT[recipient], request, value, index };
}

function failure(error: unknown, setup: ControlSetup, afterMs: number): FlashError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'stall') return new FlashError('usb/stall', { setup }, error);
  if (code === 'timeout') return new FlashError('usb/timeout', { setup, afterMs }, error);
  if (code === 'gone') return new FlashError('usb/gone', { setup }, error);
  return new FlashError(
    'usb/transfer',
    { setup, detail: error instanceof Error ? error.message : String(error) },
    error,
  );
}

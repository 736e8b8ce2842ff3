/** The libusb device that npm `usb` 2 keeps behind a WebUSB device: its place on the bus, and the limits of its transfers. */
import type { WebUsbDevice } from './web-usb-api.ts';

interface LibusbDevice {
  readonly busNumber?: unknown;
  readonly portNumbers?: unknown;
  /** Limit in ms for the control transfers that are submitted from now on. */
  timeout?: unknown;
  readonly interfaces?: unknown;
}

interface LibusbEndpoint {
  readonly address?: unknown;
  /** Limit in ms for the transfers that are submitted from now on; 0 for none. */
  timeout?: unknown;
}

/** @returns `1-4.2`; `undefined` in a browser, which does not tell where a device is plugged in */
export function pathOf(device: WebUsbDevice): string | undefined {
  const { busNumber, portNumbers } = libusbDevice(device) ?? {};
  if (typeof busNumber !== 'number' || !Array.isArray(portNumbers)) return undefined;
  return `${busNumber}-${portNumbers.join('.')}`;
}

/**
 * Limits the next transfer, so that libusb takes a late one back. Built without timers of the kernel, as in npm `usb` 2, it
 * looks for late ones only when something else happens, or once a minute.
 * @param endpoint 0 for control transfers, or the address of a bulk endpoint
 */
export function limitLibusb(device: WebUsbDevice, endpoint: number, timeoutMs: number): void {
  const inner = libusbDevice(device);
  const limited: LibusbEndpoint | undefined = endpoint === 0 ? inner : endpointsOf(inner).find(hasAddress(endpoint));
  if (typeof limited?.timeout === 'number') limited.timeout = Math.max(1, Math.ceil(timeoutMs));
}

const hasAddress =
  (address: number) =>
  (endpoint: LibusbEndpoint): boolean =>
    endpoint.address === address;

function endpointsOf(device: LibusbDevice | undefined): LibusbEndpoint[] {
  const interfaces: unknown[] = Array.isArray(device?.interfaces) ? device.interfaces : [];
  return interfaces.flatMap((each) => {
    const endpoints: unknown = isObject(each) && 'endpoints' in each ? each.endpoints : [];
    return Array.isArray(endpoints) ? endpoints.filter(isObject) : [];
  });
}

function libusbDevice(device: WebUsbDevice): LibusbDevice | undefined {
  return 'device' in device && isObject(device.device) ? device.device : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

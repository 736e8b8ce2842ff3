/** `UsbPort` over WebUSB: `navigator.usb`, npm `usb` 2 and 3, and virtual hosts. One adapter for their dialects. */
import type { Clock } from '../ports/clock.ts';
import type { ControlSetup, UsbFilter, UsbPort } from '../ports/usb.ts';
import { describeDevice, parseInterfaces, readAlternates } from './descriptors.ts';
import { findInterface, requireInterface } from './filters.ts';
import { pathOf } from './libusb-device.ts';
import { setInterface } from './set-interface.ts';
import type { WebUsb, WebUsbDevice } from './web-usb-api.ts';
import { webUsbFailure } from './web-usb-errors.ts';
import { OPENING_MS, WebUsbTransfers } from './web-usb-transfers.ts';

export interface OpenWebUsbOptions {
  readonly clock: Clock;
  /** Tells when the device leaves; without it only a failing transfer does. */
  readonly usb?: WebUsb;
}

/** A device with an interface that fits one of the filters. */
export interface UsbCandidate {
  readonly device: WebUsbDevice;
  /** The filter that it fits: the first in the list that one of its interfaces fits. */
  readonly filter: UsbFilter;
  /** Absent in browsers. */
  readonly path?: string;
}

/** @returns every device that the platform shows and that a filter fits, each once; nothing is opened */
export async function listWebUsb(usb: WebUsb, filters: readonly UsbFilter[]): Promise<UsbCandidate[]> {
  return fittingDevices(await usb.getDevices(), filters).map(({ device, filter }) => {
    const path = pathOf(device);
    return { device, filter, ...(path !== undefined && { path }) };
  });
}

/** What decides whether a filter fits a device. */
export type UsbDescription = Pick<WebUsbDevice, 'vendorId' | 'productId' | 'configurations'>;

/** @returns those of the devices that a filter fits, with the first that does */
export function fittingDevices<Device extends UsbDescription>(
  devices: readonly Device[],
  filters: readonly UsbFilter[],
): { readonly device: Device; readonly filter: UsbFilter }[] {
  return devices.flatMap((device) => {
    const settings = device.configurations
      .flatMap(({ interfaces }) => interfaces)
      .flatMap(({ interfaceNumber, alternates }) => alternates.map((each) => ({ ...codesOf(each), interfaceNumber })));
    const found = findInterface(device, settings, filters);
    return found ? [{ device, filter: found.filter }] : [];
  });
}

/** Getters, in a browser: they are not copied by a spread. */
function codesOf({ interfaceClass, interfaceSubclass, interfaceProtocol }: InterfaceCodes): InterfaceCodes {
  return { interfaceClass, interfaceSubclass, interfaceProtocol };
}

type InterfaceCodes = Omit<Parameters<typeof findInterface>[1][number], 'interfaceNumber'>;

/**
 * Opens a device and claims the interface that fits the filters. On failure the device is closed again.
 * @throws FlashError `usb/access`, `usb/busy`, `usb/gone`, `usb/descriptor`, `device/not-programmable`
 */
export async function openWebUsb(
  device: WebUsbDevice,
  filters: readonly UsbFilter[],
  { clock, usb }: OpenWebUsbOptions,
): Promise<UsbPort> {
  const transfers = new WebUsbTransfers(device, clock);
  const controlIn = async (setup: ControlSetup, length: number): Promise<Uint8Array> =>
    await transfers.controlIn(setup, length, { timeoutMs: OPENING_MS });
  try {
    await transfers.run(device.open());
    if (!device.configuration)
      await transfers.run(device.selectConfiguration(device.configurations[0]?.configurationValue ?? 1));
    const description = await describeDevice(controlIn, pathOf(device));
    const { identity, configurationDescriptor } = description;
    const interfaceNumber = requireInterface(identity, parseInterfaces(configurationDescriptor), filters);
    await transfers.run(device.claimInterface(interfaceNumber));
    const alternates = await readAlternates(controlIn, description, interfaceNumber);
    const claimed = { identity, configurationDescriptor, interfaceNumber, alternates };
    return portOf(claimed, { device, transfers, usb });
  } catch (error) {
    if (device.opened) await transfers.run(device.close()).catch(() => undefined);
    transfers.stop();
    throw webUsbFailure(error);
  }
}

type Claimed = Pick<UsbPort, 'identity' | 'configurationDescriptor' | 'interfaceNumber' | 'alternates'>;

function portOf(
  claimed: Claimed,
  { device, transfers, usb }: { device: WebUsbDevice; transfers: WebUsbTransfers; usb: WebUsb | undefined },
): UsbPort {
  const { interfaceNumber } = claimed;
  const onDisconnect = (event: { readonly device: WebUsbDevice }): void => {
    if (sameDevice(event.device, device)) transfers.leave();
  };
  usb?.addEventListener('disconnect', onDisconnect);
  return {
    ...claimed,
    gone: transfers.gone,
    selectAlternate: async (number) => {
      const setup = setInterface(interfaceNumber, number);
      await transfers.run(device.selectAlternateInterface(interfaceNumber, number), { setup });
    },
    controlIn: (setup, length, options) => transfers.controlIn(setup, length, options),
    controlOut: (setup, data, options) => transfers.controlOut(setup, data, options),
    bulkIn: async (endpoint, length, options) => await transfers.bulkIn(endpoint, length, options),
    bulkOut: async (endpoint, data, options) => await transfers.bulkOut(endpoint, data, options),
    reset: async () => await transfers.run(device.reset()),
    // Releases before it closes: npm `usb` 3 keeps interfaces claimed otherwise. A device that is gone needs neither.
    [Symbol.asyncDispose]: async () => {
      usb?.removeEventListener('disconnect', onDisconnect);
      await transfers.run(device.releaseInterface(interfaceNumber)).catch(() => undefined);
      await transfers.run(device.close()).catch(() => undefined);
      transfers.stop();
    },
  };
}

/** npm `usb` 3 makes a new object for a device at every enumeration; only its handle stays the same. */
function sameDevice(a: WebUsbDevice, b: WebUsbDevice): boolean {
  if (a === b) return true;
  return 'handle' in a && 'handle' in b && a.handle !== undefined && a.handle === b.handle;
}

/** Devices on this machine's USB, through npm `usb`. It opens none of them. */
import { createRequire } from 'node:module';
import type { UsbFilter } from '@sureflash/programmer';
import { mayBeSentToBootloader, RUNTIME_FILTERS, USB_FILTERS, visible } from '@sureflash/programmer/basics';
import { listWebUsb, type UsbCandidate, type WebUsb } from '@sureflash/programmer/transports';
import { findHiddenDevices, type HiddenDevice } from './linux-access.ts';

/** Our own limits are shorter; 0 would mean npm `usb`'s default of 1 s. */
const PLATFORM_LIMIT_MS = 600_000;

export interface LocalDevices {
  readonly candidates: readonly UsbCandidate[];
  /** There, but not to be opened by this user. */
  readonly hidden: readonly HiddenDevice[];
  /** CMSIS-DAP probes with firmware of version 1, which is no interface that can be opened here but HID. */
  readonly hidProbes: readonly UsbCandidate[];
  readonly usb: WebUsb;
}

/** Human interface devices: keyboards, and CMSIS-DAP v1, which has "CMSIS-DAP" in its product string (CMSIS-DAP, USB). */
const HID: UsbFilter = { classCode: 3 };
const DAP_NAME = /CMSIS-DAP/i;

export async function findLocalDevices(): Promise<LocalDevices> {
  const usb = platformUsb();
  const all = await listWebUsb(usb, [...USB_FILTERS, ...RUNTIME_FILTERS, HID]);
  const candidates = all.filter(({ filter }) => filter !== HID);
  const hidProbes = all.filter(({ filter, device }) => filter === HID && DAP_NAME.test(device.productName ?? ''));
  return { candidates, hidProbes, hidden: await findHiddenDevices(all), usb };
}

let shared: WebUsb | undefined;

/** One for the whole process: each listens for arrivals. */
function platformUsb(): WebUsb {
  if (shared) return shared;
  // `import` would have Node read each file of this CommonJS package twice, for twice the time that the rest of `list` takes.
  const { WebUSB, usb: libusb } = createRequire(import.meta.url)('usb') as typeof import('usb');
  shared = new WebUSB({ allowAllDevices: true, deviceTimeout: PLATFORM_LIMIT_MS });
  // Listening must not keep the process alive.
  libusb.unrefHotplugEvents();
  return shared;
}

export function idsOf({ vendorId, productId }: { vendorId: number; productId: number }): string {
  return [vendorId, productId].map((id) => id.toString(16).padStart(4, '0')).join(':');
}

/** One line for a list. */
export function describeCandidate({ device, path }: UsbCandidate): string {
  const serial = device.serialNumber ? `serial ${device.serialNumber}` : 'no serial';
  return visible(`${path ?? '?'}  ${idsOf(device)}  ${device.productName ?? 'unnamed'}  ${serial}`);
}

/** A probe with firmware of version 1, in a list. */
export const hidProbeText = (probe: UsbCandidate): string =>
  `${describeCandidate(probe)}  speaks CMSIS-DAP v1 (HID) alone, and v2 (bulk) is needed`;

/** Whether it can be programmed as it is, rather than being an application that could be asked to become so. */
export const isProgrammable = ({ filter }: UsbCandidate): boolean => USB_FILTERS.includes(filter);

/** Whether a running device may be a board of ours, as far as its other interfaces tell. */
export function isOurs({ device }: UsbCandidate): boolean {
  const settings = device.configurations
    .flatMap(({ interfaces }) => interfaces)
    .flatMap(({ alternates }) => alternates);
  return mayBeSentToBootloader(settings.map(({ interfaceClass }) => interfaceClass));
}

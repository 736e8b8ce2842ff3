/** Devices on this machine's USB, through npm `usb`. It opens none of them. */
import type { UsbFilter } from '@sureflash/programmer';
import {
  mayBeSentToBootloader,
  RUNTIME_FILTERS,
  UNUSABLE_STLINK_FILTERS,
  USB_FILTERS,
  visible,
  whyUnusable,
} from '@sureflash/programmer/basics';
import { listWebUsb, type UsbCandidate, type WebUsb } from '@sureflash/programmer/transports';
import { findHiddenDevices, type HiddenDevice } from './linux-access.ts';
import { createPlatformUsb, npmUsb, type PlatformUsb, type SilentDevice } from './platform-usb.ts';

/** Our own limits are shorter; 0 would mean npm `usb`'s default of 1 s. */
const PLATFORM_LIMIT_MS = 600_000;

export interface LocalDevices {
  readonly candidates: readonly UsbCandidate[];
  /** There, but not to be opened by this user. */
  readonly hidden: readonly HiddenDevice[];
  /** Debug probes that cannot be used as they are, such as CMSIS-DAP probes with firmware of version 1, which is HID alone. */
  readonly unusable: readonly UsbCandidate[];
  /** There, and they do not answer. */
  readonly silent: readonly SilentDevice[];
  readonly usb: WebUsb;
}

/** Human interface devices: keyboards, and CMSIS-DAP v1, which has "CMSIS-DAP" in its product string (CMSIS-DAP, USB). */
const HID: UsbFilter = { classCode: 3 };
const DAP_NAME = /CMSIS-DAP/i;
/** Probes in their own loader first: that may look like a chip in DFU mode. */
const LOOKED_FOR = [...UNUSABLE_STLINK_FILTERS, ...USB_FILTERS, ...RUNTIME_FILTERS, HID];

export async function findLocalDevices(): Promise<LocalDevices> {
  const usb = platformUsb();
  const all = await listWebUsb(usb, LOOKED_FOR);
  const candidates = all.filter(({ filter }) => filter !== HID && !UNUSABLE_STLINK_FILTERS.includes(filter));
  const unusable = all.filter(
    ({ filter, device }) =>
      UNUSABLE_STLINK_FILTERS.includes(filter) || (filter === HID && DAP_NAME.test(device.productName ?? '')),
  );
  const silent = usb.silent.filter(({ filter }) => filter !== HID);
  return { candidates, unusable, silent, hidden: await findHiddenDevices([...all, ...usb.silent]), usb };
}

let shared: PlatformUsb | undefined;

/** One for the whole process: what a device has told is kept. */
function platformUsb(): PlatformUsb {
  shared ??= createPlatformUsb(npmUsb(PLATFORM_LIMIT_MS), LOOKED_FOR);
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

/** A probe that cannot be used, in a list. */
export const unusableText = (probe: UsbCandidate): string =>
  `${describeCandidate(probe)}  ${UNUSABLE_STLINK_FILTERS.includes(probe.filter) ? whyUnusable(probe.device.productId) : V1_ALONE}`;

const V1_ALONE =
  'speaks CMSIS-DAP v1 (HID) alone, and v2 (bulk) is needed: give it newer firmware of its maker, or take another probe';

/** A device that does not answer, in a list. */
export const silentText = (device: SilentDevice): string =>
  `${device.path}  ${idsOf(device)}  does not answer: unplug it and plug it in again`;

/** Whether it is a debug probe: those alone are known by ids and have interfaces of vendor class. */
export const isProbe = ({ filter }: Pick<UsbCandidate, 'filter'>): boolean => filter.classCode === 0xff;

/** Whether it can be programmed as it is, rather than being an application that could be asked to become so. */
export const isProgrammable = ({ filter }: UsbCandidate): boolean => USB_FILTERS.includes(filter);

/** Whether a running device may be a board of ours, as far as its other interfaces tell. */
export function isOurs({ device }: UsbCandidate): boolean {
  const settings = device.configurations
    .flatMap(({ interfaces }) => interfaces)
    .flatMap(({ alternates }) => alternates);
  return mayBeSentToBootloader(settings.map(({ interfaceClass }) => interfaceClass));
}

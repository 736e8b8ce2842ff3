/** The USB interfaces of ST-LINK probes, as filters for listing, opening and WebUSB's `requestDevice`. Facts; no code. */
import type { UsbFilter } from '../ports/usb.ts';

const VENDOR_OF_ST = 0x0483;
/** V2; V2-1 in three divisions; V3 in five. The first interface of vendor class is the probe (openocd, pyOCD, probe-rs). */
const STLINK_PRODUCTS = [
  0x3748, 0x374a, 0x374b, 0x3752, 0x3742, 0x374e, 0x374f, 0x3753, 0x3754, 0x3755, 0x3757,
] as const;

export const STLINK_FILTERS: readonly UsbFilter[] = STLINK_PRODUCTS.map((productId) => ({
  vendorId: VENDOR_OF_ST,
  productId,
  classCode: 0xff,
}));

/** ST-LINKs that are there and cannot be used as they are, by product id (stlink's and OpenOCD's rules for udev name them). */
const UNUSABLE: ReadonlyMap<number, string> = new Map([
  [0x3744, 'is an ST-LINK/V1, which speaks the commands of a disk: take a newer one'],
  [
    0x374d,
    'is an STLINK-V3 in the loader for its own firmware: unplug it and plug it in again, or complete the update',
  ],
]);
export const UNUSABLE_STLINK_FILTERS: readonly UsbFilter[] = [...UNUSABLE.keys()].map((productId) => ({
  vendorId: VENDOR_OF_ST,
  productId,
}));

/** Why an ST-LINK that one of these filters fits cannot be used, in words behind its name. */
export const whyUnusable = (productId: number): string => UNUSABLE.get(productId) ?? 'cannot be used';

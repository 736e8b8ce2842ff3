/**
 * The USB interfaces of CMSIS-DAP v2 probes, as filters for listing, opening and WebUSB's `requestDevice`. Facts; no code.
 * CMSIS-DAP has no ids of its own: a probe is known by the name of its interface. A chooser takes ids, so that each is listed.
 */
import type { UsbFilter } from '../ports/usb.ts';

/** With the bulk endpoints of v2; the ids of their makers' firmware (DAPLink, debugprobe, MCU-Link, KitProg3, WCH-Link, LPC-Link2). */
const DAP_PROBES: readonly (readonly [vendorId: number, productId: number])[] = [
  [0x0d28, 0x0204],
  [0x2e8a, 0x000c],
  [0x1fc9, 0x0143],
  [0x04b4, 0xf155],
  [0x1a86, 0x8012],
  [0x1fc9, 0x0090],
];

export const CMSIS_DAP_FILTERS: readonly UsbFilter[] = DAP_PROBES.map(([vendorId, productId]) => ({
  vendorId,
  productId,
  classCode: 0xff,
}));

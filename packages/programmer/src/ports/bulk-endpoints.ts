/** The bulk endpoints of a claimed interface, from its descriptors. It knows no protocol. */
import type { UsbPort } from './usb.ts';

/** bDescriptorType (USB 2.0 Table 9-5), bmAttributes and bEndpointAddress (§9.6.6). */
const INTERFACE_DESCRIPTOR = 4;
const ENDPOINT_DESCRIPTOR = 5;
const BULK_ATTRIBUTES = 2;
const ADDRESS_IN = 0x80;

/** @returns the address of the first one of each direction */
export function bulkEndpointsOf({
  configurationDescriptor: bytes,
  interfaceNumber,
}: Pick<UsbPort, 'configurationDescriptor' | 'interfaceNumber'>): { readonly out?: number; readonly in?: number } {
  const found: { out?: number; in?: number } = {};
  let isOurs = false;
  for (let at = 0; at + 1 < bytes.length && (bytes[at] ?? 0) > 1; at += bytes[at] ?? 0) {
    const [type, third = 0, attributes = 0] = bytes.subarray(at + 1, at + 4);
    if (type === INTERFACE_DESCRIPTOR) isOurs = third === interfaceNumber;
    if (type !== ENDPOINT_DESCRIPTOR || !isOurs || (attributes & 3) !== BULK_ATTRIBUTES) continue;
    if ((third & ADDRESS_IN) !== 0) found.in ??= third;
    else found.out ??= third;
  }
  return found;
}

/** Between what a host knows of a device and the shapes that WebUSB gives to it. */

import type { Setup } from '../usb/model.ts';
import type { EnumeratedAlternate } from './enumerate.ts';
import type { WebUsbAlternate, WebUsbBytes, WebUsbInterface, WebUsbSetup } from './webusb-shapes.ts';

export interface MutableInterface extends WebUsbInterface {
  alternate: WebUsbAlternate;
  claimed: boolean;
}

const REQUEST_TYPE = { standard: 0x00, class: 0x20, vendor: 0x40 } as const;
const RECIPIENT = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;

/** An interface with its first alternate setting chosen (USB 2.0 §9.2.3). */
export function toInterface(number: number, alternates: readonly EnumeratedAlternate[]): MutableInterface {
  const shaped = alternates.map((alternate): WebUsbAlternate => {
    const { interfaceClass, interfaceSubclass, interfaceProtocol, name: interfaceName } = alternate;
    const endpoints = alternate.endpoints.map(({ address, attributes, packetSize }) => ({
      endpointNumber: address & 0xf,
      direction: (address & 0x80) === 0 ? ('out' as const) : ('in' as const),
      type: endpointType(attributes),
      packetSize,
    }));
    const alternateSetting = alternate.number;
    return { alternateSetting, interfaceClass, interfaceSubclass, interfaceProtocol, interfaceName, endpoints };
  });
  const [first] = shaped;
  if (!first) throw new RangeError(`interface ${number} has no alternate setting`);
  return { interfaceNumber: number, alternate: first, alternates: shaped, claimed: false };
}

function endpointType(attributes: number): 'bulk' | 'interrupt' | 'isochronous' {
  const transfer = attributes & 3;
  return transfer === 1 ? 'isochronous' : transfer === 2 ? 'bulk' : 'interrupt';
}

/** @param direction bit 7 of bmRequestType */
export function toSetup(request: WebUsbSetup, direction: number, length: number): Setup {
  const requestType = direction | REQUEST_TYPE[request.requestType] | RECIPIENT[request.recipient];
  return { requestType, request: request.request, value: request.value, index: request.index, length };
}

/** `decimal`: hex digits read as decimal ones, so that 0x2200 is 22.0.0 rather than 34.0.0 (npm `usb` 2). */
export function versionParts(bcd: number, decimal: boolean): readonly [major: number, minor: number, sub: number] {
  if (!decimal) return [bcd >> 8, (bcd >> 4) & 0xf, bcd & 0xf];
  const digits = bcd.toString(16).padStart(4, '0');
  const part = (from: number, to: number) => Number.parseInt(digits.slice(from, to), 10);
  return [part(0, 2), part(2, 3), part(3, 4)];
}

export function copyOf(data: WebUsbBytes): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}

/** An ST-LINK's descriptors: the debug interface, and beside it a disk, a COM port and a bridge where the model has them. */

import { configurationDescriptor, DescriptorType, deviceDescriptor } from '../usb/descriptors.ts';
import type { DescriptorSet } from '../usb/standard.ts';
import type { StLinkModel } from './models.ts';

/** Endpoints of the other interfaces, which no debugger uses. Their numbers are a guess. */
export const OTHER_ENDPOINTS = {
  disk: { in: 0x83, out: 0x03 },
  com: { in: 0x84, out: 0x04, notify: 0x85 },
  bridge: { in: 0x86, out: 0x06 },
} as const;

const ST_VENDOR = 0x0483;
const BULK_TRANSFERS = 2;
const INTERRUPT = 3;
const STRING = { configuration: 4, debug: 5, disk: 6, com: 7, bridge: 8 } as const;
/** Interface association (USB 2.0 ECN), and CDC's functional descriptors (CDC 1.2 §5.2.3, PSTN 1.2 §5.3). */
const ASSOCIATION = 11;
const CDC = 0x24;

function endpoint(address: number, packet: number, type = BULK_TRANSFERS): Uint8Array {
  const interval = type === INTERRUPT ? 255 : 0;
  return Uint8Array.of(7, DescriptorType.ENDPOINT, address, type, packet & 0xff, packet >>> 8, interval);
}

function head(number: number, endpoints: number, codes: readonly [number, number, number], text: number): Uint8Array {
  return Uint8Array.of(9, DescriptorType.INTERFACE, number, 0, endpoints, ...codes, text);
}

/** 23 bytes. */
function disk(number: number, packet: number): Uint8Array[] {
  const bulkOnlyScsi = [8, 6, 0x50] as const;
  return [
    head(number, 2, bulkOnlyScsi, STRING.disk),
    endpoint(OTHER_ENDPOINTS.disk.in, packet),
    endpoint(OTHER_ENDPOINTS.disk.out, packet),
  ];
}

/** 66 bytes: an association of a control and a data interface. */
function comPort(number: number, packet: number): Uint8Array[] {
  return [
    Uint8Array.of(8, ASSOCIATION, number, 2, 2, 2, 1, STRING.com),
    head(number, 1, [2, 2, 1], STRING.com),
    Uint8Array.of(5, CDC, 0, 0x10, 0x01),
    Uint8Array.of(5, CDC, 1, 0, number + 1),
    Uint8Array.of(4, CDC, 2, 6),
    Uint8Array.of(5, CDC, 6, number, number + 1),
    endpoint(OTHER_ENDPOINTS.com.notify, 10, INTERRUPT),
    head(number + 1, 2, [0x0a, 0, 0], 0),
    endpoint(OTHER_ENDPOINTS.com.out, packet),
    endpoint(OTHER_ENDPOINTS.com.in, packet),
  ];
}

/** Interfaces by their numbers, in the order of a V3SET: 151 bytes of configuration, five interfaces (recorded). */
export function stLinkDescriptors(model: StLinkModel, serial: string): DescriptorSet {
  const { endpoints, hasMassStorage, hasComPort, hasBridge } = model;
  const packet = model.speed === 'full' ? 64 : 512;
  const parts = [
    head(0, 3, [0xff, 0xff, 0xff], STRING.debug),
    endpoint(endpoints.in, packet),
    endpoint(endpoints.out, packet),
    endpoint(endpoints.trace, packet),
  ];
  let next = 1;
  if (hasMassStorage) parts.push(...disk(next++, packet));
  if (hasComPort) {
    parts.push(...comPort(next, packet));
    next += 2;
  }
  if (hasBridge) {
    parts.push(
      head(next, 2, [0xff, 0xff, 0xff], STRING.bridge),
      endpoint(OTHER_ENDPOINTS.bridge.out, packet),
      endpoint(OTHER_ENDPOINTS.bridge.in, packet),
    );
  }
  const identity = { bcdUsb: 0x0200, vendorId: ST_VENDOR, productId: model.productId, bcdDevice: 0x0100 };
  const device = deviceDescriptor(identity);
  // A device of several functions says so (USB 2.0 ECN "Interface Association Descriptor").
  if (hasComPort) device.set([0xef, 0x02, 0x01], 4);
  const strings = {
    1: 'STMicroelectronics',
    2: model.product,
    3: serial,
    [STRING.configuration]: 'ST-LINK',
    [STRING.debug]: 'ST-Link Debug',
    [STRING.disk]: 'ST-Link Mass Storage',
    [STRING.com]: 'ST-Link VCP Ctrl',
    [STRING.bridge]: 'ST-Link Bridge',
  };
  const options = { strings: STRING.configuration, attributes: 0x80, milliamps: model.milliamps };
  return { device, configuration: configurationDescriptor(parts, options), strings };
}

/** Descriptors of a CMSIS-DAP v2 probe: one interface of vendor class, named so that hosts find it (CMSIS-DAP 2.1, USB). */

import { configurationDescriptor, DescriptorType, deviceDescriptor } from '../usb/descriptors.ts';
import type { DescriptorSet } from '../usb/standard.ts';
import type { CmsisDapModel } from './models.ts';

/** Requests first, replies second: hosts go by this order. */
export const DAP_ENDPOINTS = { out: 0x01, in: 0x81 } as const;
const DAP_STRING = { configuration: 4, interface: 5 } as const;

export function cmsisDapDescriptors(model: CmsisDapModel, serial: string): DescriptorSet {
  const packet = model.speed === 'full' ? 64 : 512;
  const endpoint = (address: number): Uint8Array =>
    Uint8Array.of(7, DescriptorType.ENDPOINT, address, 2, packet & 0xff, packet >>> 8, 0);
  const parts = [
    Uint8Array.of(9, DescriptorType.INTERFACE, 0, 0, 2, 0xff, 0, 0, DAP_STRING.interface),
    endpoint(DAP_ENDPOINTS.out),
    endpoint(DAP_ENDPOINTS.in),
  ];
  const { vendorId, productId, manufacturer, product } = model;
  return {
    device: deviceDescriptor({ bcdUsb: 0x0210, vendorId, productId, bcdDevice: 0x0100 }),
    configuration: configurationDescriptor(parts, {
      strings: DAP_STRING.configuration,
      attributes: 0x80,
      milliamps: 100,
    }),
    strings: {
      1: manufacturer,
      2: product,
      3: serial,
      [DAP_STRING.configuration]: 'CMSIS-DAP',
      [DAP_STRING.interface]: 'CMSIS-DAP v2',
    },
  };
}

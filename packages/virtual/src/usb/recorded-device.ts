/** A device of which only descriptors are known, as a capture shows them: it can be looked at and does nothing. */

import { configurationDescriptor, DescriptorType, deviceDescriptor, dfuFunctionalDescriptor } from './descriptors.ts';
import type { UsbConnector, UsbDeviceModel } from './model.ts';
import { isStandard, StandardRequests } from './standard.ts';

export interface RecordedIdentity {
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  /** The interface strings, one for each alternate setting. */
  readonly alternates: readonly string[];
  readonly transferSize: number;
  /** bInterfaceProtocol: 2 in DFU mode, 1 in an application that can be asked to restart (DFU 1.1 §4.1.2, §4.2.3). */
  readonly protocol: 1 | 2;
}

const DFU_CLASS = [0xfe, 0x01] as const;
const FIRST_ALTERNATE_STRING = 4;

export function recordedDevice(identity: RecordedIdentity): UsbConnector {
  const { vendorId, productId, bcdDevice, manufacturer, product, serial, alternates, transferSize, protocol } =
    identity;
  const functional = dfuFunctionalDescriptor({
    attributes: 0x0b,
    detachTimeoutMs: 255,
    transferSize,
    bcdDfuVersion: 0x011a,
  });
  const interfaces = alternates.map((_, number) =>
    Uint8Array.of(9, DescriptorType.INTERFACE, 0, number, 0, ...DFU_CLASS, protocol, FIRST_ALTERNATE_STRING + number),
  );
  const strings: Record<number, string> = { 1: manufacturer, 2: product, 3: serial };
  alternates.forEach((text, number) => {
    strings[FIRST_ALTERNATE_STRING + number] = text;
  });
  const numbers = { strings: 0, attributes: 0xc0, milliamps: 100 };
  const descriptors = {
    device: deviceDescriptor({ bcdUsb: 0x0200, vendorId, productId, bcdDevice }),
    configuration: configurationDescriptor([...interfaces, functional], numbers),
    strings,
  };
  const standard = new StandardRequests(descriptors, alternates.length);
  const device: UsbDeviceModel = {
    speed: 'full',
    deviceDescriptor: descriptors.device,
    configurationDescriptor: descriptors.configuration,
    busyUntil: 0,
    control: (setup) => (isStandard(setup) ? standard.answer(setup) : { kind: 'stall' }),
    reset: () => standard.reset(),
  };
  return { device, subscribe: () => () => undefined };
}

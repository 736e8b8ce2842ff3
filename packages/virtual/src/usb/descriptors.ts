/** Builds USB descriptors as the device sends them (USB 2.0 §9.6, DFU 1.1 §4.1.3). */

/** bDescriptorType (USB 2.0 Table 9-5; the functional descriptor is DFU 1.1 Table 4.2). */
export const DescriptorType = {
  DEVICE: 1,
  CONFIGURATION: 2,
  STRING: 3,
  INTERFACE: 4,
  ENDPOINT: 5,
  DEVICE_QUALIFIER: 6,
  DFU_FUNCTIONAL: 0x21,
} as const;

/** String indices 1–3 are manufacturer, product and serial number in every device here. */
const STRING_INDEX = { manufacturer: 1, product: 2, serial: 3 } as const;
const EP0_PACKET_BYTES = 64;

function wordBytes(value: number): readonly [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}

export interface DeviceIdentity {
  readonly bcdUsb: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
}

export function deviceDescriptor({ bcdUsb, vendorId, productId, bcdDevice }: DeviceIdentity): Uint8Array {
  const { manufacturer, product, serial } = STRING_INDEX;
  const head = [18, DescriptorType.DEVICE, ...wordBytes(bcdUsb), 0, 0, 0, EP0_PACKET_BYTES];
  const ids = [...wordBytes(vendorId), ...wordBytes(productId), ...wordBytes(bcdDevice)];
  return Uint8Array.of(...head, ...ids, manufacturer, product, serial, 1);
}

/** The wrapper around interfaces: `parts` are whole descriptors in order. One configuration, value 1. */
export function configurationDescriptor(
  parts: readonly Uint8Array[],
  { strings, attributes, milliamps }: { strings: number; attributes: number; milliamps: number },
): Uint8Array {
  const body = parts.flatMap((part) => [...part]);
  const interfaces = new Set(parts.filter((part) => part[1] === DescriptorType.INTERFACE).map((part) => part[2])).size;
  const head = [9, DescriptorType.CONFIGURATION, ...wordBytes(9 + body.length), interfaces, 1, strings, attributes];
  return Uint8Array.of(...head, milliamps / 2, ...body);
}

/** A DFU-mode interface without endpoints: class FE, subclass 01, protocol 02 (DFU 1.1 Table 4.4). */
export function dfuInterfaceDescriptor(alternate: number, stringIndex: number): Uint8Array {
  return Uint8Array.of(9, DescriptorType.INTERFACE, 0, alternate, 0, 0xfe, 0x01, 0x02, stringIndex);
}

export interface DfuFunctional {
  readonly attributes: number;
  readonly detachTimeoutMs: number;
  readonly transferSize: number;
  readonly bcdDfuVersion: number;
}

export function dfuFunctionalDescriptor(functional: DfuFunctional): Uint8Array {
  const { attributes, detachTimeoutMs, transferSize, bcdDfuVersion } = functional;
  const head = [9, DescriptorType.DFU_FUNCTIONAL, attributes, ...wordBytes(detachTimeoutMs)];
  return Uint8Array.of(...head, ...wordBytes(transferSize), ...wordBytes(bcdDfuVersion));
}

/** Index 0: the languages, here US English alone. */
export function languagesDescriptor(): Uint8Array {
  return Uint8Array.of(4, DescriptorType.STRING, ...wordBytes(0x0409));
}

export function stringDescriptor(text: string): Uint8Array {
  const units = Array.from(text, (character) => wordBytes(character.charCodeAt(0))).flat();
  return Uint8Array.of(2 + units.length, DescriptorType.STRING, ...units);
}

/** What a full-speed device that could do high speed answers about its other speed (USB 2.0 §9.6.2). */
export function deviceQualifierDescriptor(): Uint8Array {
  return Uint8Array.of(10, DescriptorType.DEVICE_QUALIFIER, ...wordBytes(0x0200), 0, 0, 0, EP0_PACKET_BYTES, 1, 0);
}

/** Standard descriptors (USB 2.0 §9.6), read through any function that makes control transfers. */
import { FlashError } from '../errors.ts';
import type { Alternate, ControlSetup, UsbIdentity } from '../ports/usb.ts';
import { visible } from '../ports/visible.ts';

export type ControlIn = (setup: ControlSetup, length: number) => Promise<Uint8Array>;

const GET_DESCRIPTOR = 6;
const DESCRIPTOR = { device: 1, configuration: 2, string: 3, interface: 4 } as const;
const DEVICE_LENGTH = 18;
const CONFIGURATION_HEADER = 9;
const INTERFACE_LENGTH = 9;
/** Of all languages that a device may list, ST's loaders have this one; it is also the one to fall back on. */
const US_ENGLISH = 0x0409;

const getDescriptor = (type: number, index: number, language = 0): ControlSetup => ({
  requestType: 'standard',
  recipient: 'device',
  request: GET_DESCRIPTOR,
  value: (type << 8) | index,
  index: language,
});

export interface DeviceDescription {
  readonly identity: UsbIdentity;
  readonly configurationDescriptor: Uint8Array;
  readonly configurationValue: number;
  readonly language: number;
}

/** Asks for device and configuration descriptors and the strings of the device. @throws FlashError `usb/*` */
export async function describeDevice(controlIn: ControlIn, path?: string): Promise<DeviceDescription> {
  const device = await controlIn(getDescriptor(DESCRIPTOR.device, 0), DEVICE_LENGTH);
  if (device.length < DEVICE_LENGTH) throw malformed(`a device descriptor of ${device.length} bytes`);
  const view = new DataView(device.buffer, device.byteOffset, device.byteLength);
  const configurationDescriptor = await readConfiguration(controlIn);
  const language = await readLanguage(controlIn);
  // The strings of the device are its maker's: what they hold must not act on whoever shows them.
  const text = async (at: number): Promise<string> => visible(await readString(controlIn, view.getUint8(at), language));
  const [manufacturer, product, serial] = [await text(14), await text(15), await text(16)];
  return {
    identity: {
      vendorId: view.getUint16(8, true),
      productId: view.getUint16(10, true),
      bcdDevice: view.getUint16(12, true),
      ...(manufacturer !== '' && { manufacturer }),
      ...(product !== '' && { product }),
      ...(serial !== '' && { serial }),
      ...(path !== undefined && { path }),
    },
    configurationDescriptor,
    configurationValue: configurationDescriptor[5] ?? 1,
    language,
  };
}

async function readConfiguration(controlIn: ControlIn): Promise<Uint8Array> {
  const header = await controlIn(getDescriptor(DESCRIPTOR.configuration, 0), CONFIGURATION_HEADER);
  if (header.length < CONFIGURATION_HEADER) throw malformed(`a configuration descriptor of ${header.length} bytes`);
  const total = (header[2] ?? 0) | ((header[3] ?? 0) << 8);
  const whole = await controlIn(getDescriptor(DESCRIPTOR.configuration, 0), Math.max(total, CONFIGURATION_HEADER));
  if (whole.length < total) throw malformed(`${whole.length} of ${total} bytes of the configuration descriptor`);
  return whole;
}

async function readLanguage(controlIn: ControlIn): Promise<number> {
  const list = await readOptional(controlIn, getDescriptor(DESCRIPTOR.string, 0), 255);
  return list.length >= 4 ? (list[2] ?? 0) | ((list[3] ?? 0) << 8) : US_ENGLISH;
}

/** Tolerates a string that ends early or has a tail behind its stated length (STM32F42x ROMs send such). */
async function readString(controlIn: ControlIn, index: number, language: number): Promise<string> {
  if (index === 0) return '';
  const bytes = await readOptional(controlIn, getDescriptor(DESCRIPTOR.string, index, language), 255);
  const length = Math.min(bytes.length, bytes[0] ?? 0) & ~1;
  return length < 2 ? '' : new TextDecoder('utf-16le').decode(bytes.subarray(2, length)).replace(/\0.*$/s, '');
}

async function readOptional(controlIn: ControlIn, setup: ControlSetup, length: number): Promise<Uint8Array> {
  try {
    return await controlIn(setup, length);
  } catch (error) {
    if (error instanceof FlashError && error.code === 'usb/stall') return new Uint8Array(0);
    throw error;
  }
}

export interface InterfaceDescriptor extends Omit<Alternate, 'name'> {
  readonly interfaceNumber: number;
  readonly stringIndex: number;
}

/** Every alternate setting in a configuration descriptor. @throws FlashError `usb/descriptor` */
export function parseInterfaces(configuration: Uint8Array): InterfaceDescriptor[] {
  const found: InterfaceDescriptor[] = [];
  for (let at = 0; at + 2 <= configuration.length; ) {
    const length = configuration[at] ?? 0;
    if (length < 2) throw malformed(`a descriptor of ${length} bytes at offset ${at} of the configuration`);
    const whole = length >= INTERFACE_LENGTH && at + INTERFACE_LENGTH <= configuration.length;
    if (configuration[at + 1] === DESCRIPTOR.interface && whole) {
      const [, , interfaceNumber = 0, number = 0, , cls = 0, sub = 0, protocol = 0, stringIndex = 0] =
        configuration.subarray(at, at + length);
      const kind = { interfaceClass: cls, interfaceSubclass: sub, interfaceProtocol: protocol };
      found.push({ interfaceNumber, number, stringIndex, ...kind });
    }
    at += length;
  }
  return found;
}

/** The alternates of one interface with their strings. */
export async function readAlternates(
  controlIn: ControlIn,
  { configurationDescriptor, language }: DeviceDescription,
  interfaceNumber: number,
): Promise<Alternate[]> {
  const alternates: Alternate[] = [];
  for (const { stringIndex, interfaceNumber: of, ...rest } of parseInterfaces(configurationDescriptor)) {
    if (of === interfaceNumber) alternates.push({ ...rest, name: await readString(controlIn, stringIndex, language) });
  }
  return alternates;
}

function malformed(detail: string): FlashError<'usb/descriptor'> {
  return new FlashError('usb/descriptor', { detail });
}

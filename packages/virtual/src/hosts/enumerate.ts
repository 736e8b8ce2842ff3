/** Reads a new device's descriptors and configures it, with the requests that a kernel sends (USB 2.0 §9.1.2). */

import { DescriptorType } from '../usb/descriptors.ts';
import { StandardRequest } from '../usb/standard.ts';
import type { Wire } from './wire.ts';

export interface EnumeratedAlternate {
  readonly number: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  readonly name: string | undefined;
  readonly endpoints: readonly EnumeratedEndpoint[];
}

interface EnumeratedEndpoint {
  readonly address: number;
  readonly attributes: number;
  readonly packetSize: number;
}

export interface EnumeratedInterface {
  readonly number: number;
  readonly alternates: readonly EnumeratedAlternate[];
}

/** What a host knows of a device after enumeration. Versions are BCD, as sent. */
export interface Enumeration {
  readonly bcdUsb: number;
  readonly bcdDevice: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceClass: number;
  readonly deviceSubclass: number;
  readonly deviceProtocol: number;
  readonly manufacturer: string | undefined;
  readonly product: string | undefined;
  readonly serial: string | undefined;
  readonly configurationValue: number;
  readonly configurationName: string | undefined;
  readonly interfaces: readonly EnumeratedInterface[];
}

/** A kernel gives up on a device that does not answer within about this time (Linux: 5 s). */
const LIMIT_MS = 5000;
const US_ENGLISH = 0x0409;

export async function enumerate(wire: Wire): Promise<Enumeration> {
  wire.device.reset();
  const device = await getDescriptor(wire, DescriptorType.DEVICE, 0, 18);
  if (device.length < 18) throw new Error('short device descriptor');
  await out(wire, StandardRequest.SET_ADDRESS, 1);
  const head = await getDescriptor(wire, DescriptorType.CONFIGURATION, 0, 9);
  const configuration = await getDescriptor(wire, DescriptorType.CONFIGURATION, 0, wordAt(head, 2));
  await out(wire, StandardRequest.SET_CONFIGURATION, byte(configuration, 5));
  const [manufacturer, product, serial, configurationName] = [
    await getString(wire, byte(device, 14)),
    await getString(wire, byte(device, 15)),
    await getString(wire, byte(device, 16)),
    await getString(wire, byte(configuration, 6)),
  ];
  return {
    bcdUsb: wordAt(device, 2),
    deviceClass: byte(device, 4),
    deviceSubclass: byte(device, 5),
    deviceProtocol: byte(device, 6),
    vendorId: wordAt(device, 8),
    productId: wordAt(device, 10),
    bcdDevice: wordAt(device, 12),
    manufacturer,
    product,
    serial,
    configurationName,
    configurationValue: byte(configuration, 5),
    interfaces: await readInterfaces(wire, configuration),
  };
}

async function readInterfaces(wire: Wire, configuration: Uint8Array): Promise<EnumeratedInterface[]> {
  const interfaces = new Map<number, EnumeratedAlternate[]>();
  let endpoints: EnumeratedEndpoint[] = [];
  for (let at = 0; at + 1 < configuration.length; at += Math.max(2, byte(configuration, at))) {
    const part = configuration.subarray(at, at + byte(configuration, at));
    if (part[1] === DescriptorType.INTERFACE) {
      endpoints = [];
      const alternates = interfaces.get(byte(part, 2)) ?? [];
      interfaces.set(byte(part, 2), alternates);
      alternates.push({
        number: byte(part, 3),
        interfaceClass: byte(part, 5),
        interfaceSubclass: byte(part, 6),
        interfaceProtocol: byte(part, 7),
        name: await getString(wire, byte(part, 8)),
        endpoints,
      });
    } else if (part[1] === DescriptorType.ENDPOINT) {
      endpoints.push({ address: byte(part, 2), attributes: byte(part, 3), packetSize: wordAt(part, 4) });
    }
  }
  return [...interfaces].map(([number, alternates]) => ({ number, alternates }));
}

async function getDescriptor(wire: Wire, type: number, index: number, length: number): Promise<Uint8Array> {
  const language = type === DescriptorType.STRING && index > 0 ? US_ENGLISH : 0;
  const value = (type << 8) | index;
  const setup = { requestType: 0x80, request: StandardRequest.GET_DESCRIPTOR, value, index: language, length };
  const answer = await wire.control(setup, new Uint8Array(), undefined, LIMIT_MS);
  return answer.kind === 'data' ? answer.bytes : new Uint8Array();
}

async function getString(wire: Wire, index: number): Promise<string | undefined> {
  if (index === 0) return undefined;
  const bytes = await getDescriptor(wire, DescriptorType.STRING, index, 255);
  if (bytes.length < 2) return undefined;
  let text = '';
  for (let at = 2; at + 1 < byte(bytes, 0); at += 2) text += String.fromCharCode(wordAt(bytes, at));
  return text;
}

async function out(wire: Wire, request: number, value: number): Promise<void> {
  await wire.control({ requestType: 0, request, value, index: 0, length: 0 }, new Uint8Array(), undefined, LIMIT_MS);
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return byte(bytes, at) | (byte(bytes, at + 1) << 8);
}

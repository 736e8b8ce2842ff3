/** How USB/IP describes a device: the record in OP_REP_DEVLIST and OP_REP_IMPORT (usbip_protocol.rst). */
import { UsbIpError } from './usbip-error.ts';
import { decodeOpHeader, decodeText, encodeOpHeader, encodeText, OP, SIZE, STATUS, viewOf } from './wire.ts';

/** Linux `enum usb_device_speed` (include/uapi/linux/usb/ch9.h), by its number on the wire. */
const SPEEDS = ['unknown', 'low', 'full', 'high', 'wireless', 'super', 'super-plus'] as const;
export type Speed = (typeof SPEEDS)[number];

/** An exported device as OP_REP_IMPORT describes it. `path` is where the exporting host has it. */
export interface DeviceRecord {
  readonly path: string;
  readonly busid: string;
  readonly busnum: number;
  readonly devnum: number;
  readonly speed: Speed;
  readonly idVendor: number;
  readonly idProduct: number;
  readonly bcdDevice: number;
  readonly bDeviceClass: number;
  readonly bDeviceSubClass: number;
  readonly bDeviceProtocol: number;
  readonly bConfigurationValue: number;
  readonly bNumConfigurations: number;
  readonly bNumInterfaces: number;
}

/** One interface in the device list. */
export interface InterfaceRecord {
  readonly bInterfaceClass: number;
  readonly bInterfaceSubClass: number;
  readonly bInterfaceProtocol: number;
}

/** An exported device as OP_REP_DEVLIST describes it. */
export interface ListedDevice extends DeviceRecord {
  readonly interfaces: readonly InterfaceRecord[];
}

/** Bytes of a device record. */
export const DEVICE_SIZE = 0x138;

/** Bytes of an interface record. */
const INTERFACE_SIZE = 4;

/** More devices than USB has addresses on a few buses: a longer list is not believed. */
const MAX_LISTED = 1024;

const PATH_SIZE = 256;

/** The number that every URB of this device carries. */
export function devidOf(device: DeviceRecord): number {
  return ((device.busnum << 16) | device.devnum) >>> 0;
}

export function encodeDevice(device: DeviceRecord): Uint8Array {
  const bytes = new Uint8Array(DEVICE_SIZE);
  const view = viewOf(bytes);
  bytes.set(encodeText(device.path, PATH_SIZE));
  bytes.set(encodeText(device.busid, SIZE.BUSID), PATH_SIZE);
  view.setUint32(0x120, device.busnum);
  view.setUint32(0x124, device.devnum);
  view.setUint32(0x128, SPEEDS.indexOf(device.speed));
  view.setUint16(0x12c, device.idVendor);
  view.setUint16(0x12e, device.idProduct);
  view.setUint16(0x130, device.bcdDevice);
  view.setUint8(0x132, device.bDeviceClass);
  view.setUint8(0x133, device.bDeviceSubClass);
  view.setUint8(0x134, device.bDeviceProtocol);
  view.setUint8(0x135, device.bConfigurationValue);
  view.setUint8(0x136, device.bNumConfigurations);
  view.setUint8(0x137, device.bNumInterfaces);
  return bytes;
}

/** @throws UsbIpError `protocol` when a text field is not closed */
export function decodeDevice(bytes: Uint8Array): DeviceRecord {
  const view = viewOf(bytes);
  return {
    path: decodeText(bytes.subarray(0, PATH_SIZE)),
    busid: decodeText(bytes.subarray(PATH_SIZE, PATH_SIZE + SIZE.BUSID)),
    busnum: view.getUint32(0x120),
    devnum: view.getUint32(0x124),
    speed: SPEEDS[view.getUint32(0x128)] ?? 'unknown',
    idVendor: view.getUint16(0x12c),
    idProduct: view.getUint16(0x12e),
    bcdDevice: view.getUint16(0x130),
    bDeviceClass: view.getUint8(0x132),
    bDeviceSubClass: view.getUint8(0x133),
    bDeviceProtocol: view.getUint8(0x134),
    bConfigurationValue: view.getUint8(0x135),
    bNumConfigurations: view.getUint8(0x136),
    bNumInterfaces: view.getUint8(0x137),
  };
}

/** OP_REP_IMPORT for a device that is given. */
export function encodeImportReply(device: DeviceRecord): Uint8Array {
  return concat([encodeOpHeader(OP.REP_IMPORT), encodeDevice(device)]);
}

/** OP_REP_DEVLIST. */
export function encodeDeviceList(devices: readonly ListedDevice[]): Uint8Array {
  const count = new Uint8Array(4);
  viewOf(count).setUint32(0, devices.length);
  return concat([
    encodeOpHeader(OP.REP_DEVLIST),
    count,
    ...devices.flatMap((device) => [encodeDevice(device), ...device.interfaces.map(encodeInterface)]),
  ]);
}

/** Reads OP_REP_DEVLIST: yields the number of bytes that it needs next, is resumed with them, and returns the list. */
export function* readDeviceList(): Generator<number, ListedDevice[], Uint8Array> {
  const { code, status } = decodeOpHeader(yield SIZE.OP_HEADER);
  if (code !== OP.REP_DEVLIST) throw new UsbIpError('protocol', `A device list was asked for, reply ${code} came.`);
  if (status !== STATUS.OK)
    throw new UsbIpError('rejected', `The server gives no device list (status ${status}).`, { status });
  const count = viewOf(yield 4).getUint32(0);
  if (count > MAX_LISTED) throw new UsbIpError('protocol', `A list of ${count} devices is not believed.`);
  const devices: ListedDevice[] = [];
  while (devices.length < count) {
    const device = decodeDevice(yield DEVICE_SIZE);
    if (device.busid === '') throw new UsbIpError('protocol', 'A device of the list has no bus id.');
    const interfaces: InterfaceRecord[] = [];
    while (interfaces.length < device.bNumInterfaces) interfaces.push(decodeInterface(yield INTERFACE_SIZE));
    devices.push({ ...device, interfaces });
  }
  return devices;
}

function encodeInterface(record: InterfaceRecord): Uint8Array {
  return Uint8Array.of(record.bInterfaceClass, record.bInterfaceSubClass, record.bInterfaceProtocol, 0);
}

function decodeInterface(bytes: Uint8Array): InterfaceRecord {
  const view = viewOf(bytes);
  return {
    bInterfaceClass: view.getUint8(0),
    bInterfaceSubClass: view.getUint8(1),
    bInterfaceProtocol: view.getUint8(2),
  };
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

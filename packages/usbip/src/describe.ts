/** The USB/IP record of a device model, read from the model's own descriptors (USB 2.0 §9.6). */
import type { UsbDeviceModel } from '@sureflash/virtual';
import type { InterfaceRecord, ListedDevice } from './device-record.ts';

const INTERFACE_DESCRIPTOR = 4;

/** Where the server has plugged a device in. */
export interface Socket {
  readonly busid: string;
  readonly busnum: number;
  readonly devnum: number;
}

/** Describes a model at a socket. Descriptors that are too short read as zeros: what is wrong with them is the host's to find. */
export function describe(model: UsbDeviceModel, socket: Socket): ListedDevice {
  const device = (at: number): number => model.deviceDescriptor[at] ?? 0;
  const word = (at: number): number => device(at) | (device(at + 1) << 8);
  const interfaces = interfacesOf(model.configurationDescriptor);
  return {
    path: `/sys/devices/platform/sureflash/usb${socket.busnum}/${socket.busid}`,
    busid: socket.busid,
    busnum: socket.busnum,
    devnum: socket.devnum,
    speed: model.speed,
    idVendor: word(8),
    idProduct: word(10),
    bcdDevice: word(12),
    bDeviceClass: device(4),
    bDeviceSubClass: device(5),
    bDeviceProtocol: device(6),
    bConfigurationValue: model.configurationDescriptor[5] ?? 0,
    bNumConfigurations: device(17),
    bNumInterfaces: interfaces.length,
    interfaces,
  };
}

/** Each interface once, by its first alternate setting. */
function interfacesOf(configuration: Uint8Array): InterfaceRecord[] {
  const found = new Map<number, InterfaceRecord>();
  for (let at = 0; at + 1 < configuration.length; ) {
    const field = (offset: number): number => configuration[at + offset] ?? 0;
    if (field(0) < 2) break;
    if (field(1) === INTERFACE_DESCRIPTOR && !found.has(field(2))) {
      found.set(field(2), {
        bInterfaceClass: field(5),
        bInterfaceSubClass: field(6),
        bInterfaceProtocol: field(7),
      });
    }
    at += field(0);
  }
  return [...found.values()];
}

/** The USB devices of a Linux machine as sysfs has them. */
import { constants } from 'node:fs';
import { access, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface UsbPlaces {
  readonly sysfs: string;
  readonly nodes: string;
}

export const USB_PLACES: UsbPlaces = { sysfs: '/sys/bus/usb/devices', nodes: '/dev/bus/usb' };

/** Class, subclass and protocol of an interface in DFU mode, and of one that offers to go there (DFU 1.1 §4). */
export const DFU_MODE = 'fe0102';
export const DFU_RUNTIME = 'fe0101';

export interface UsbInterface {
  readonly name: string;
  /** Class, subclass and protocol as six hexadecimal digits. */
  readonly kind: string;
  readonly driver?: string;
}

export interface UsbDevice {
  /** Bus path: `1-4.2`. */
  readonly path: string;
  readonly ids: string;
  readonly product: string;
  readonly node: string;
  readonly interfaces: readonly UsbInterface[];
}

/** Every device but hubs' own root; `undefined` where there is no sysfs, or it has no USB. */
export async function readUsbDevices({ sysfs, nodes }: UsbPlaces): Promise<UsbDevice[] | undefined> {
  const names = await readdir(sysfs).catch(() => undefined);
  if (!names) return undefined;
  const devices: UsbDevice[] = [];
  for (const path of names.filter((name) => /^\d+-[\d.]+$/.test(name))) {
    const attribute = async (what: string): Promise<string> => await attributeText(join(sysfs, path, what));
    const [vendor, product] = [await attribute('idVendor'), await attribute('idProduct')];
    const number = async (what: string): Promise<string> => (await attribute(what)).padStart(3, '0');
    const interfaces = [];
    for (const name of names.filter((each) => each.startsWith(`${path}:`))) {
      interfaces.push(await readInterface(sysfs, name));
    }
    devices.push({
      path,
      ids: `${vendor}:${product}`,
      product: (await attribute('product')) || 'unnamed',
      node: join(nodes, await number('busnum'), await number('devnum')),
      interfaces,
    });
  }
  return devices;
}

async function readInterface(sysfs: string, name: string): Promise<UsbInterface> {
  const parts = ['bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol'];
  const kind = await Promise.all(parts.map(async (part) => await attributeText(join(sysfs, name, part))));
  const driver = await readlink(join(sysfs, name, 'driver')).catch(() => undefined);
  return { name, kind: kind.join(''), ...(driver !== undefined && { driver: basename(driver) }) };
}

export const hasInterface = ({ interfaces }: UsbDevice, kind: string): boolean =>
  interfaces.some((each) => each.kind === kind);

/** Whether this user may read and write the device node. */
export async function mayOpen(node: string): Promise<boolean> {
  return await access(node, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

export async function attributeText(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}

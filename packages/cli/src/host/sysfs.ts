/** The USB devices of a Linux machine as sysfs has them. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * `absent`: the kernel has the device, and nobody has made its node. `other`: a file stands there that is not this device.
 * `denied`: the rights of the node. `refused`: the node may be opened by its rights, and the kernel refuses all the same, as
 * the device rules of a container make it. `in-use`, `open`.
 */
export type NodeState = 'absent' | 'other' | 'denied' | 'refused' | 'in-use' | 'open';

export interface UsbPlaces {
  readonly sysfs: string;
  readonly nodes: string;
  /** What stands between a device and its opening, where that is not asked of the file system. */
  readonly stateOf?: (device: Pick<UsbDevice, 'node' | 'number'>) => Promise<NodeState>;
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
  /** Major and minor number of the node, `189:4`, where sysfs tells them. */
  readonly number?: string;
  /** How long it has been there, in ms, where the kernel counts it. */
  readonly connectedMs?: number;
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
    const dev = await attribute('dev');
    const connected = await attribute('power/connected_duration');
    devices.push({
      path,
      ...(dev !== '' && { number: dev }),
      ...(/^\d+$/.test(connected) && { connectedMs: Number(connected) }),
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

export async function attributeText(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}

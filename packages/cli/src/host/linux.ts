/** Linux: devices, drivers and permissions as sysfs has them, udev rules, and what the kernel said about failed devices. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mayBeSentToBootloader } from '@sureflash/programmer/basics';
import { type Observation, seen } from '@sureflash/programmer/diagnosis';
import { stateAt } from './node-state.ts';
import type { RunCommand } from './run.ts';
import { type Surrounding, surroundingOf, windowsHost } from './surroundings.ts';
import {
  attributeText,
  DFU_MODE,
  DFU_RUNTIME,
  hasInterface,
  readUsbDevices,
  USB_PLACES,
  type UsbDevice,
  type UsbPlaces,
} from './sysfs.ts';

export interface LinuxPlaces extends UsbPlaces {
  readonly rules: readonly string[];
}

const SYSTEM: LinuxPlaces = {
  ...USB_PLACES,
  rules: ['/etc/udev/rules.d', '/run/udev/rules.d', '/usr/lib/udev/rules.d', '/lib/udev/rules.d'],
};
const ST_VENDOR = '0483';
/** What libusb itself shows up as. */
const USERSPACE_DRIVER = 'usbfs';
/** The hub driver's words for a device that gets no address (drivers/usb/core/hub.c). */
const FAILED = /device descriptor read|not accepting address|unable to enumerate|not responding to setup address/;
const MOST_LINES = 5;

export async function observeLinux(
  run: RunCommand,
  places: LinuxPlaces = SYSTEM,
  surrounding?: Surrounding,
): Promise<Observation[]> {
  const where = await observeSurrounding(surrounding ?? (await surroundingOf()));
  const devices = await readUsbDevices(places);
  if (!devices) return [seen('host-no-usb', { detail: `there is no ${places.sysfs}` }), ...where];
  const dfu = devices.filter((device) => hasInterface(device, DFU_MODE));
  const lines = failedLines(await run('dmesg', []));
  const found = [
    ...(dfu.length > 0 ? await observeDfu(dfu, places) : observeOthers(devices)),
    ...where,
    ...(lines.length > 0 && dfu.length === 0 ? [seen('host-enumeration-failed', { lines })] : []),
  ];
  const denied = found.some(({ kind }) => kind === 'host-denied');
  return denied && !(await hasRule(places)) ? [...found, seen('host-no-udev-rule', { folders: places.rules })] : found;
}

async function observeSurrounding(surrounding: Surrounding): Promise<Observation[]> {
  if (surrounding === 'machine') return [];
  return [seen('host-surrounding', { surrounding, ...(surrounding === 'wsl' && { host: await windowsHost() }) })];
}

async function observeDfu(devices: readonly UsbDevice[], places: UsbPlaces): Promise<Observation[]> {
  const found: Observation[] = [];
  for (const device of devices) {
    const { path, node, interfaces } = device;
    const state = await stateAt(places, device);
    if (state === 'denied') found.push(seen('host-denied', { path, node, ...(await ownerOf(node)) }));
    else if (state === 'absent' || state === 'other' || state === 'refused')
      found.push(seen('host-node', { path, node, state }));
    else if (state === 'in-use') found.push(seen('host-in-use', { detail: `another program has opened ${node}` }));
    for (const { name, driver } of interfaces) {
      if (driver === USERSPACE_DRIVER)
        found.push(seen('host-in-use', { detail: `another program has claimed ${name}` }));
      else if (driver !== undefined) found.push(seen('host-other-driver', { path: name, driver }));
    }
  }
  return found;
}

function observeOthers(devices: readonly UsbDevice[]): Observation[] {
  const runtime = devices.filter(
    (device) => hasInterface(device, DFU_RUNTIME) && mayBeSentToBootloader(classesOf(device)),
  );
  const st = devices.filter(({ ids }) => ids.startsWith(`${ST_VENDOR}:`));
  return [
    seen('host-no-dfu', { devices: devices.length }),
    ...st.map(({ path, ids, product }) => seen('host-st-device', { path, ids, product })),
    ...(runtime.length > 0 ? [seen('host-runtime-only', { devices: runtime.length })] : []),
  ];
}

const classesOf = ({ interfaces }: UsbDevice): number[] =>
  interfaces.map(({ kind }) => Number.parseInt(kind.slice(0, 2), 16));

async function ownerOf(node: string): Promise<{ mode: string; owner: string }> {
  const found = await stat(node).catch(() => undefined);
  if (!found) return { mode: 'not there', owner: 'nobody' };
  return { mode: (found.mode & 0o777).toString(8), owner: `user ${found.uid}, group ${found.gid}` };
}

async function hasRule({ rules }: LinuxPlaces): Promise<boolean> {
  for (const folder of rules) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (/df11/i.test(await attributeText(join(folder, name)))) return true;
    }
  }
  return false;
}

function failedLines(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => FAILED.test(line))
    .slice(-MOST_LINES)
    .map((line) => line.trim());
}

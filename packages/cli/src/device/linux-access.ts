/** Linux: DFU devices that are plugged in but may not be opened. npm `usb` hides them, so the kernel is asked. */
import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DfuCandidate } from '@sureflash/programmer/transports';

export interface HiddenDevice {
  readonly path: string;
  readonly ids: string;
}

export const UDEV_RULE =
  'SUBSYSTEM=="usb", ATTR{idVendor}=="0483", ATTR{idProduct}=="df11", MODE="0660", TAG+="uaccess"';

const SYSTEM = { sysfs: '/sys/bus/usb/devices', nodes: '/dev/bus/usb' };
const DFU_MODE = 'fe0102';

/** Empty on other systems and where sysfs has no USB. */
export async function findHiddenDevices(
  visible: readonly DfuCandidate[],
  { sysfs: root, nodes } = SYSTEM,
): Promise<HiddenDevice[]> {
  const names = await readdir(root).catch(() => []);
  const seen = new Set(visible.map(({ path }) => path));
  const hidden: HiddenDevice[] = [];
  for (const name of names.filter((each) => /^\d+-[\d.]+$/.test(each) && !seen.has(each))) {
    if (!(await isDfu(root, name, names)) || (await mayOpen(await nodeOf(root, name), nodes))) continue;
    hidden.push({
      path: name,
      ids: `${await attribute(root, name, 'idVendor')}:${await attribute(root, name, 'idProduct')}`,
    });
  }
  return hidden;
}

async function isDfu(root: string, device: string, names: readonly string[]): Promise<boolean> {
  for (const name of names.filter((each) => each.startsWith(`${device}:`))) {
    const parts = ['bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol'];
    const found = await Promise.all(parts.map(async (part) => await attribute(root, name, part)));
    if (found.join('') === DFU_MODE) return true;
  }
  return false;
}

/** `001/004`: where the device's node is, below the folder of all nodes. */
async function nodeOf(root: string, name: string): Promise<string> {
  const number = async (what: string): Promise<string> => (await attribute(root, name, what)).padStart(3, '0');
  return join(await number('busnum'), await number('devnum'));
}

async function mayOpen(node: string, nodes: string): Promise<boolean> {
  return await access(join(nodes, node), constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function attribute(root: string, name: string, what: string): Promise<string> {
  return (await readFile(join(root, name, what), 'utf8').catch(() => '')).trim();
}

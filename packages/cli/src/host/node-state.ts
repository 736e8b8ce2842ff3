/** What stands between a USB device that the kernel has and a program that wants to open it: its node in /dev/bus/usb. */
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import type { NodeState, UsbDevice, UsbPlaces } from './sysfs.ts';

export async function nodeStateOf({ node, number }: Pick<UsbDevice, 'node' | 'number'>): Promise<NodeState> {
  const found = await stat(node).catch((error: unknown) => errnoOf(error));
  if (typeof found === 'string') return found === 'EACCES' ? 'denied' : 'absent';
  // Where sysfs tells no number there is nothing to compare with.
  if (number !== undefined && (!found.isCharacterDevice() || numberText(found.rdev) !== number)) return 'other';
  const denied = await access(node, constants.R_OK | constants.W_OK).then(() => undefined, errnoOf);
  if (denied !== undefined) return 'denied';
  const code = await open(node, constants.O_RDWR | (constants.O_NONBLOCK ?? 0)).then(async (handle) => {
    await handle.close();
    return undefined;
  }, errnoOf);
  if (code === undefined) return 'open';
  if (code === 'EBUSY') return 'in-use';
  if (code === 'ENODEV' || code === 'ENXIO' || code === 'ENOENT') return 'absent';
  return code === 'EACCES' ? 'denied' : 'refused';
}

/** `189:4`, as sysfs writes it; Linux packs both into one number (glibc `gnu_dev_makedev`). */
function numberText(rdev: number): string {
  const major = Math.floor(rdev / 256) & 0xfff;
  const minor = (rdev & 0xff) | (Math.floor(rdev / 4096) & 0xfff00);
  return `${major}:${minor}`;
}

const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';

/** Of a device at these places. */
export async function stateAt({ stateOf = nodeStateOf }: UsbPlaces, { node, number }: UsbDevice): Promise<NodeState> {
  return await stateOf({ node, ...(number !== undefined && { number }) });
}

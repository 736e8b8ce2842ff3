/** Linux: which programs have a USB device open, and where a disk of it is mounted. It knows no protocol. */
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';

export interface HolderPlaces {
  readonly proc: string;
  readonly blocks: string;
}

const HOLDER_PLACES: HolderPlaces = { proc: '/proc', blocks: '/sys/class/block' };

/**
 * @param node of the device, `/dev/bus/usb/001/004`
 * @returns `openocd (process 4711)` for each program, this one left out; those of other users are not to be seen
 */
export async function programsHolding(node: string, { proc } = HOLDER_PLACES): Promise<string[]> {
  const found: string[] = [];
  for (const id of (await namesIn(proc)).filter((name) => /^\d+$/.test(name))) {
    if (Number(id) === process.pid) continue;
    const folder = join(proc, id, 'fd');
    const open = await Promise.all((await namesIn(folder)).map(async (fd) => await linkTarget(join(folder, fd))));
    if (!open.includes(node)) continue;
    const name = (await readFile(join(proc, id, 'comm'), 'utf8').catch(() => '')).trim();
    found.push(`${name || 'a program'} (process ${id})`);
  }
  return found;
}

/**
 * @param path of the device on its bus, `1-4.2`
 * @returns the folders where disks of the device are mounted
 */
export async function mountsOf(path: string, { proc, blocks } = HOLDER_PLACES): Promise<string[]> {
  const disks = new Set<string>();
  for (const name of await namesIn(blocks)) {
    const place = await realpath(join(blocks, name)).catch(() => '');
    if (place.split('/').includes(path)) disks.add(`/dev/${name}`);
  }
  const mounts = await readFile(join(proc, 'mounts'), 'utf8').catch(() => '');
  return mounts.split('\n').flatMap((line) => {
    const [disk = '', folder = ''] = line.split(' ');
    // Blanks in names are written as \040 (fstab(5)).
    return disks.has(disk)
      ? [folder.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))]
      : [];
  });
}

const namesIn = async (folder: string): Promise<string[]> => await readdir(folder).catch(() => []);
const linkTarget = async (link: string): Promise<string> => await readlink(link).catch(() => '');

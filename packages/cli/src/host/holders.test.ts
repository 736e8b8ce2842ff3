import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mountsOf, programsHolding } from './holders.ts';

const NODE = '/dev/bus/usb/001/004';
let root = '';
let places = { proc: '', blocks: '' };

async function addProcess(id: number, name: string, open: readonly string[]): Promise<void> {
  const folder = join(places.proc, String(id));
  await mkdir(join(folder, 'fd'), { recursive: true });
  await writeFile(join(folder, 'comm'), `${name}\n`);
  for (const [fd, target] of open.entries()) await symlink(target, join(folder, 'fd', String(fd)));
}

/** A disk of the device at this place on its bus. */
async function addDisk(name: string, path: string): Promise<void> {
  const real = join(root, 'devices', 'usb1', path, `${path}:1.1`, 'host6', 'block', name);
  await mkdir(real, { recursive: true });
  await symlink(real, join(places.blocks, name));
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sureflash-'));
  places = { proc: join(root, 'proc'), blocks: join(root, 'block') };
  await mkdir(places.blocks, { recursive: true });
  await addProcess(4711, 'openocd', ['/dev/null', NODE]);
  await addProcess(4712, 'bash', ['/dev/null', '/dev/bus/usb/001/005']);
  await addProcess(process.pid, 'node', [NODE]);
  await mkdir(join(places.proc, 'self'));
  await addDisk('sda', '1-4');
  await addDisk('sdb', '1-41');
  const mounts = [
    '/dev/sda /media/me/NODE\\040F103RB vfat rw 0 0',
    '/dev/sdb /media/me/OTHER vfat rw 0 0',
    'proc /proc',
  ];
  await writeFile(join(places.proc, 'mounts'), mounts.join('\n'));
});

afterAll(async () => await rm(root, { recursive: true }));

describe('a USB device that is held', () => {
  it('is held by the programs that have opened its node, with their names, and not by this one', async () => {
    expect(await programsHolding(NODE, places)).toEqual(['openocd (process 4711)']);
    expect(await programsHolding('/dev/bus/usb/002/001', places)).toEqual([]);
  });

  it('has its disk where it is mounted, and no disk of a device whose place begins alike', async () => {
    expect(await mountsOf('1-4', places)).toEqual(['/media/me/NODE F103RB']);
    expect(await mountsOf('1-5', places)).toEqual([]);
  });

  it('is held by nobody where the system tells nothing', async () => {
    const none = { proc: join(root, 'none'), blocks: join(root, 'none') };
    expect([await programsHolding(NODE, none), await mountsOf('1-4', none)]).toEqual([[], []]);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeStateOf } from './node-state.ts';
import { showToWsl, surroundingOf, windowsHost } from './surroundings.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sureflash-'));
  await writeFile(join(root, 'file'), '');
});
afterAll(async () => await rm(root, { recursive: true }));

describe.skipIf(platform() !== 'linux')('the node of a device', () => {
  it('is absent where nothing stands', async () => {
    expect(await nodeStateOf({ node: join(root, 'nobody'), number: '189:4' })).toBe('absent');
  });

  it('is another where a file stands there, or a device with other numbers', async () => {
    expect(await nodeStateOf({ node: join(root, 'file'), number: '189:4' })).toBe('other');
    expect(await nodeStateOf({ node: '/dev/null', number: '189:4' })).toBe('other');
  });

  it('is open where its numbers are right, or not known', async () => {
    expect(await nodeStateOf({ node: '/dev/null', number: '1:3' })).toBe('open');
    expect(await nodeStateOf({ node: join(root, 'file') })).toBe('open');
  });

  it('is refused where its rights allow it and the kernel does not', async () => {
    expect(await nodeStateOf({ node: root })).toBe('refused');
  });
});

describe('the surrounding', () => {
  const nothing = {
    marks: [],
    mounts: '/nowhere',
    interop: '/nowhere',
    release: '/nowhere',
    routes: '/nowhere',
    env: {},
  };

  it('is a container by the mark of its engine, or by its environment', async () => {
    expect(await surroundingOf({ ...nothing, marks: [join(root, 'file')] })).toBe('container');
    expect(await surroundingOf({ ...nothing, env: { container: 'lxc' } })).toBe('container');
  });

  it.each([
    ['overlay rw,lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/1/fs', 'container'],
    ['overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB', 'container'],
    ['overlay rw,lowerdir=/run/live/rootfs,upperdir=/run/live/overlay/rw', 'machine'],
  ])('is told by the layers of its root: %s', async (root_, expected) => {
    const line = `1532 1420 0:320 / / rw,relatime - overlay ${root_}\n36 35 98:0 /docker /mnt rw - ext4 /dev/sda1 rw\n`;
    await writeFile(join(root, 'mounts'), line);
    expect(await surroundingOf({ ...nothing, mounts: join(root, 'mounts') })).toBe(expected);
  });

  it('is WSL where Windows programs are registered or a distribution is named, whoever has built the kernel', async () => {
    expect(await surroundingOf({ ...nothing, interop: join(root, 'file') })).toBe('wsl');
    expect(await surroundingOf({ ...nothing, env: { WSL_DISTRO_NAME: 'Debian' } })).toBe('wsl');
  });

  it('that is WSL 1 is not told to attach a device, which it cannot', async () => {
    await writeFile(join(root, 'release'), '4.4.0-19041-Microsoft\n');
    const first = { ...nothing, release: join(root, 'release') };
    expect(await surroundingOf(first)).toBe('wsl');
    const advice = (await showToWsl(first)).join();
    expect(advice).toContain('--set-version');
    expect(advice).not.toContain('usbipd attach');
    expect((await showToWsl(nothing)).join()).toContain('usbipd attach');
  });

  it('is WSL by the name of its kernel, and a machine otherwise', async () => {
    await writeFile(join(root, 'release'), '6.6.87.2-microsoft-standard-WSL2\n');
    expect(await surroundingOf({ ...nothing, release: join(root, 'release') })).toBe('wsl');
    expect(await surroundingOf(nothing)).toBe('machine');
  });

  it('reaches Windows by the default route, and by itself where there is none', async () => {
    const lines = ['Iface Destination Gateway Flags', 'eth0 0010A8C0 00000000 0001', 'eth0 00000000 01F01CAC 0003'];
    await writeFile(join(root, 'routes'), lines.join('\n'));
    expect(await windowsHost({ routes: join(root, 'routes') })).toBe('172.28.240.1');
    expect(await windowsHost({ routes: '/nowhere' })).toBe('127.0.0.1');
  });
});

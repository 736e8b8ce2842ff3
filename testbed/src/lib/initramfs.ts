/** The first 2 MB of the guest: busybox, the modules that it takes to reach the host's files, and a script. */

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { here } from './here.ts';
import { type Kernel, programPath } from './packages.ts';

/** Loaded in this order. What depends on what, modprobe says. */
const MODULES = [
  'virtio_pci',
  'virtio_console',
  'virtio_net',
  'virtio_rng',
  '9p',
  '9pnet_virtio',
  'overlay',
  'vhci-hcd',
];

const guestFile = (name: string): string => here(`testbed/guest/${name}`);

/** Writes `initramfs` into a folder that may be thrown away. @returns its path */
export function makeInitramfs(kernel: Kernel, folder: string): string {
  const root = join(folder, 'initramfs.d');
  for (const name of ['bin', 'modules', 'proc', 'sys', 'dev', 'lower', 'upper', 'guest']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync(programPath('busybox'), join(root, 'bin/busybox'));
  copyFileSync(guestFile('init.sh'), join(root, 'init'));
  copyFileSync(guestFile('agent.sh'), join(root, 'agent.sh'));
  chmodSync(join(root, 'init'), 0o755);
  const modules = modulesOf(kernel);
  for (const path of modules) copyFileSync(path, join(root, 'modules', basename(path)));
  writeFileSync(join(root, 'modules/order'), modules.map((path) => `${basename(path)}\n`).join(''));
  const files = execFileSync('find', ['.', '-print0'], { cwd: root });
  const archive = execFileSync(programPath('cpio'), ['--null', '--create', '--format=newc', '--quiet'], {
    cwd: root,
    input: files,
    maxBuffer: 1 << 26,
  });
  const path = join(folder, 'initramfs');
  writeFileSync(path, gzipSync(archive, { level: 1 }));
  return path;
}

function modulesOf({ root, version }: Kernel): string[] {
  const modprobe = programPath('modprobe');
  const lines = execFileSync(modprobe, ['--show-depends', '--all', '-d', root, '-S', version, ...MODULES], {
    encoding: 'utf8',
  });
  const paths = [...lines.matchAll(/^insmod (\S+)/gm)].map(([, path = '']) => path);
  return [...new Set(paths)];
}

/** The first 2 MB of the guest: busybox, the modules that it takes to reach the host's files, and a script. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { findProgram } from './packages.mjs';

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

const guestFile = (name) => fileURLToPath(new URL(`../guest/${name}`, import.meta.url));

/** Writes `initramfs` into a folder that may be thrown away. @returns its path */
export function makeInitramfs(kernel, folder) {
  const root = join(folder, 'initramfs.d');
  for (const name of ['bin', 'modules', 'proc', 'sys', 'dev', 'lower', 'upper', 'guest']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync(findProgram('busybox'), join(root, 'bin/busybox'));
  copyFileSync(guestFile('init.sh'), join(root, 'init'));
  copyFileSync(guestFile('agent.sh'), join(root, 'agent.sh'));
  chmodSync(join(root, 'init'), 0o755);
  const modules = modulesOf(kernel);
  for (const path of modules) copyFileSync(path, join(root, 'modules', basename(path)));
  writeFileSync(join(root, 'modules/order'), modules.map((path) => `${basename(path)}\n`).join(''));
  const files = execFileSync('find', ['.', '-print0'], { cwd: root });
  const archive = execFileSync(findProgram('cpio'), ['--null', '--create', '--format=newc', '--quiet'], {
    cwd: root,
    input: files,
    maxBuffer: 1 << 26,
  });
  const path = join(folder, 'initramfs');
  writeFileSync(path, gzipSync(archive, { level: 1 }));
  return path;
}

function modulesOf({ root, version }) {
  const modprobe = findProgram('modprobe');
  const lines = execFileSync(modprobe, ['--show-depends', '--all', '-d', root, '-S', version, ...MODULES], {
    encoding: 'utf8',
  });
  const paths = [...lines.matchAll(/^insmod (\S+)/gm)].map(([, path]) => path);
  return [...new Set(paths)];
}

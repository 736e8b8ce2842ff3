/**
 * The command line as one executable that needs neither Node nor npm: Node's "single executable application".
 * It does not know archives. Linux only: other systems want the result signed, which needs their own tools.
 *
 * Such a program is one CommonJS script; what it needs besides are assets within it. The native part of `usb` can be
 * loaded from a file only: it is written to a folder of its own, loaded, and removed at once.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'postject';
import { bundled } from './bundle.mjs';
import { EXAMPLE_FILES, exampleFile } from './example-files.mjs';
import { noticesOf } from './notices.mjs';
import { ROOT } from './packages.mjs';

/** Node's documentation of single executable applications gives this word; the binary looks for it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const USB = 'usb.node';

const FILES_WITHIN = {
  'node_modules/usb/dist/usb/bindings.js': `
    const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
    const { tmpdir } = require('node:os');
    const { join } = require('node:path');
    const { getRawAsset } = require('node:sea');
    const folder = mkdtempSync(join(tmpdir(), 'sureflash-'));
    try {
      const file = join(folder, '${USB}');
      writeFileSync(file, new Uint8Array(getRawAsset('${USB}')));
      process.dlopen(module, file);
    } catch (error) {
      throw new Error('The USB part cannot be loaded from ' + folder + '; TMPDIR can name another folder', { cause: error });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }`,
  'packages/cli/dist/files/example-files.js': `
    import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    import { getRawAsset } from 'node:sea';
    export function exampleFile(name) {
      const folder = mkdtempSync(join(tmpdir(), 'sureflash-'));
      process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, name);
      writeFileSync(file, new Uint8Array(getRawAsset(name)));
      return file;
    }`,
};

/**
 * Node as its makers built it, from npm: that of a distribution may need libraries that other machines lack. All of one
 * version, since a blob is for the version that made it.
 */
const NODE_VERSION = '20.20.2';
const MACHINES = {
  x64: {
    usb: 'linux-x64/node.napi.glibc.node',
    hash: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  },
  arm64: {
    usb: 'linux-arm64/node.napi.armv8.node',
    hash: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  },
};
export const EXECUTABLE_MACHINES = Object.keys(MACHINES);

/**
 * @param {string} path of the executable that comes out
 * @param {'x64' | 'arm64'} machine that it is for
 * @returns the licences of what it contains of others, as text
 */
export async function makeExecutable(path, machine) {
  const { usb, hash } = MACHINES[machine];
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-executable-'));
  try {
    const main = join(folder, 'main.cjs');
    const output = join(folder, 'blob');
    const contents = await bundled(FILES_WITHIN, { file: main });
    const examples = EXAMPLE_FILES.map((name) => [name, exampleFile(name)]);
    const assets = { [USB]: join(ROOT, 'node_modules/usb/prebuilds', usb), ...Object.fromEntries(examples) };
    const config = join(folder, 'config.json');
    // Compiled code fits the machine that compiled it.
    const useCodeCache = machine === process.arch;
    writeFileSync(config, JSON.stringify({ main, output, assets, useCodeCache, disableExperimentalSEAWarning: true }));
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    cpSync(nodeFor(machine, hash, folder), path);
    chmodSync(path, 0o755);
    const maker = useCodeCache ? path : nodeFor(process.arch, MACHINES[process.arch].hash, folder);
    execFileSync(maker, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
    await injectQuietly(path, readFileSync(output));
    const node = {
      name: `Node.js ${NODE_VERSION}`,
      license: 'MIT and those named below',
      text: join(folder, machine, 'package/LICENSE'),
    };
    return noticesOf(contents, [node]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the path of Node's binary for that machine, unpacked below the folder */
function nodeFor(machine, hash, folder) {
  const name = `node-linux-${machine}@${NODE_VERSION}`;
  const [row] = Object.values(
    JSON.parse(
      execFileSync('npm', ['pack', name, '--json', '--prefer-offline', '--pack-destination', folder], {
        encoding: 'utf8',
      }),
    ),
  );
  const tarball = join(folder, row.filename);
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found !== hash) throw new Error(`${name} is not the file that it was: ${found} instead of ${hash}`);
  const unpacked = join(folder, machine);
  mkdirSync(unpacked, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', unpacked, 'package/bin/node', 'package/LICENSE']);
  return join(unpacked, 'package/bin/node');
}

/** postject's library warns about each section without a name, of which Node's binary has some; failures are thrown. */
async function injectQuietly(path, blob) {
  const { warn, log } = console;
  Object.assign(console, { warn: () => undefined, log: () => undefined });
  try {
    await inject(path, 'NODE_SEA_BLOB', blob, { sentinelFuse: FUSE });
  } finally {
    Object.assign(console, { warn, log });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, machine = process.arch] = process.argv.slice(2);
  if (path === undefined || !(machine in MACHINES))
    throw new Error('usage: node release/executable.mjs PATH [x64 | arm64]');
  await makeExecutable(path, machine);
}

/**
 * A Debian package of the command line, from its bundle: the program, a udev rule, completion for three shells, a man page.
 * It does not build the bundle's sources. The package needs Debian's `nodejs`, from Debian 13 on, or Node's own package.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { makeBundle } from './bundle.mjs';
import { manualOf } from './manual.mjs';
import { ROOT, readJson } from './packages.mjs';

/** Debian's word for a machine, and the binary of `usb` for it. */
const MACHINES = {
  amd64: 'linux-x64/node.napi.glibc.node',
  arm64: 'linux-arm64/node.napi.armv8.node',
  armhf: 'linux-arm/node.napi.armv7.node',
};
export const DEBIAN_MACHINES = Object.keys(MACHINES);
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/sureflash',
  zsh: 'usr/share/zsh/vendor-completions/_sureflash',
  fish: 'usr/share/fish/vendor_completions.d/sureflash.fish',
};
/** Devices that are plugged in get their rights at once; in a chroot or a container no udev listens. */
const AFTER_INSTALL = `#!/bin/sh
set -e
if [ "$1" = configure ] && [ -e /run/udev/control ]; then
  udevadm control --reload || true
  udevadm trigger --subsystem-match=usb --action=change || true
fi
`;

/**
 * @param {string} folder for the package
 * @param {keyof typeof MACHINES} machine
 * @returns its path
 */
export async function makeDebianPackage(folder, machine) {
  const { version, author, description } = readJson('package.json');
  const tree = mkdtempSync(join(tmpdir(), 'sureflash-debian-'));
  try {
    const put = (path, content) => {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content);
    };
    const library = join(tree, 'usr/lib/sureflash');
    await makeBundle(library, (name) => name === MACHINES[machine]);
    mkdirSync(join(tree, 'usr/bin'), { recursive: true });
    symlinkSync('../lib/sureflash/sureflash.cjs', join(tree, 'usr/bin/sureflash'));
    put('usr/lib/udev/rules.d/70-sureflash.rules', await udevRules());
    for (const [shell, path] of Object.entries(COMPLETIONS)) put(path, ask('completion', shell));
    put('usr/share/man/man1/sureflash.1.gz', gzipSync(manualOf({ version, description, ask }), { level: 9 }));
    const docs = 'usr/share/doc/sureflash';
    put(`${docs}/copyright`, copyright(library, author));
    put(`${docs}/changelog.gz`, gzipSync(readFileSync(join(ROOT, 'CHANGELOG.md')), { level: 9 }));
    const bytes = settle(tree);
    put('DEBIAN/control', control({ version, author, description, machine, kilobytes: Math.ceil(bytes / 1024) }));
    put('DEBIAN/postinst', AFTER_INSTALL);
    chmodSync(join(tree, 'DEBIAN/postinst'), 0o755);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `sureflash_${version}_${machine}.deb`);
    execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, path], { stdio: ['ignore', 'ignore', 'inherit'] });
    return path;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** @returns {string} standard output of the command line */
const ask = (...words) =>
  execFileSync(process.execPath, [join(ROOT, 'packages/cli/bin/sureflash.js'), ...words], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '80', NO_COLOR: '1' },
  });

/** The rule that the program itself advises. */
async function udevRules() {
  const { UDEV_RULE } = await import(pathToFileURL(join(ROOT, 'packages/programmer/dist/diagnosis/index.js')).href);
  return `# STM32 in DFU mode, for whoever is logged in at this machine.\n${UDEV_RULE}\n`;
}

/** Debian wants one file for all licences, and the MIT licence need not be there twice. */
function copyright(library, author) {
  const parts = ['LICENSE', 'THIRD-PARTY-NOTICES.txt'].map((name) => {
    const text = readFileSync(join(library, name), 'utf8');
    rmSync(join(library, name));
    return text.trim();
  });
  return `sureflash, by ${author}\n\n${parts.join(`\n\n${'='.repeat(80)}\nParts that others wrote:\n\n`)}\n`;
}

/**
 * Gives each file the mode that Debian's policy asks for, whatever the umask is.
 * @returns {number} bytes of all files
 */
function settle(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += settle(path);
    else if (entry.isFile()) {
      chmodSync(path, entry.name === 'sureflash.cjs' ? 0o755 : 0o644);
      bytes += statSync(path).size;
    }
  }
  chmodSync(folder, 0o755);
  return bytes;
}

function control({ version, author, description, machine, kilobytes }) {
  const { maintainer, homepage } = readJson('release/addresses.json');
  return `Package: sureflash
Version: ${version}
Architecture: ${machine}
Maintainer: ${author}${maintainer === null ? '' : ` <${maintainer}>`}
Installed-Size: ${kilobytes}
Depends: nodejs (>= 20.19), libc6, libstdc++6, libudev1
Section: electronics
Priority: optional
${homepage === null ? '' : `Homepage: ${homepage}\n`}Description: programmer for STM32 microcontrollers over USB DFU
 ${description.replace(/(.{1,76})(?:\s|$)/g, '$1\n ').trim()}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, machine = 'amd64'] = process.argv.slice(2);
  if (folder === undefined || !(machine in MACHINES))
    throw new Error('usage: node release/debian.mjs FOLDER [amd64 | arm64 | armhf]');
  console.log(await makeDebianPackage(folder, machine));
}

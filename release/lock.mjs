/**
 * The lock file: every package of a registry has its hash, those of other platforms too, and no address of a download.
 * It does not know what the packages do. `--complete` has npm fill in hashes that are missing; a path checks another file.
 *
 * npm leaves out the hash of an optional package that it did not unpack, so that on another platform nothing is checked.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = 'package-lock.json';
/** SHA-512 in Base64, as npm writes it. */
const HASH = /^sha512-[A-Za-z0-9+/]{86}==$/;

/**
 * @param {{ packages: Record<string, { link?: boolean, integrity?: string, resolved?: string, version?: string }> }} lock
 * @returns what is wrong with it, one row each; empty: nothing
 */
function faultsOf({ packages }) {
  /** @type {{ path: string, fault: string }[]} */
  const faults = [];
  for (const [path, { link, integrity, resolved }] of Object.entries(packages)) {
    if (!link && /^[a-z]+:/.test(resolved ?? '')) faults.push({ path, fault: `names a download address, ${resolved}` });
    if (link || !/(^|\/)node_modules\//.test(path)) continue;
    if (integrity === undefined) faults.push({ path, fault: 'has no hash' });
    else if (!HASH.test(integrity)) faults.push({ path, fault: `has a hash that is not one SHA-512: ${integrity}` });
  }
  return faults;
}

/** Where nothing is installed npm asks the registry about each package, and writes down each hash. */
function complete() {
  const lock = JSON.parse(readFileSync(join(ROOT, LOCK), 'utf8'));
  for (const { path } of faultsOf(lock)) delete lock.packages[path];
  const folder = mkdtempSync(join(tmpdir(), 'sureflash-lock-'));
  try {
    for (const path of ['package.json', '.npmrc', ...workspaces(lock).map((name) => `${name}/package.json`)]) {
      cpSync(join(ROOT, path), join(folder, dirname(path), path.split('/').at(-1) ?? path), { recursive: true });
    }
    writeFileSync(join(folder, LOCK), JSON.stringify(lock));
    execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' });
    cpSync(join(folder, LOCK), join(ROOT, LOCK));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {{ packages: object }} lock */
function workspaces({ packages }) {
  return Object.keys(packages).filter((path) => path !== '' && !path.includes('node_modules'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--complete')) complete();
  const path = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? join(ROOT, LOCK);
  const faults = faultsOf(JSON.parse(readFileSync(path, 'utf8')));
  for (const { path, fault } of faults) console.error(`${LOCK}: ${path} ${fault}`);
  if (faults.length > 0) {
    console.error('Run "node release/lock.mjs --complete".');
    process.exitCode = 1;
  }
}

/**
 * Sets the version that is to be released: in every manifest, the lock file and the changelog. It commits nothing.
 * `node release/version.mjs 0.2.0`
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withVersion } from './changelog.mjs';
import { ROOT, readJson } from './packages.mjs';

const version = process.argv[2];
if (version === undefined || !/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/.test(version)) {
  throw new Error('usage: node release/version.mjs MAJOR.MINOR.PATCH[-NAME.NUMBER]');
}
const old = readJson('package.json').version;
const changelog = join(ROOT, 'CHANGELOG.md');
const changed = withVersion(readFileSync(changelog, 'utf8'), version, new Date().toISOString().slice(0, 10));

for (const path of ['package.json', 'conformance/package.json', 'testbed/package.json']) {
  const manifest = readJson(path);
  manifest.version = version;
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (name.startsWith('@sureflash/')) manifest.dependencies[name] = version;
  }
  writeFileSync(join(ROOT, path), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
writeFileSync(changelog, changed);
const run = (program, ...words) => execFileSync(program, words, { cwd: ROOT, stdio: 'inherit' });
run(process.execPath, 'release/manifests.mjs', '--write');
// Only our own packages change in it.
run('npm', 'install', '--package-lock-only', '--ignore-scripts', '--prefer-offline');
run(process.execPath, 'release/lock.mjs');
console.log(`${old} is now ${version}: look at the changes, commit them, then "npm run release".`);

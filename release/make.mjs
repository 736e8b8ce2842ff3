/**
 * Makes everything that a release has, into release/out/VERSION: tarballs, bundle, executables, Debian packages, list of
 * contents, checksums. It publishes nothing, and knows no registry.
 *
 * `npm run release` wants a clean working tree and a version that the changelog has; `-- --trial` does without both.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeBundle } from './bundle.mjs';
import { changesIn } from './changelog.mjs';
import { DEBIAN_MACHINES, makeDebianPackage } from './debian.mjs';
import { EXECUTABLE_MACHINES, makeExecutable } from './executable.mjs';
import { packAll } from './pack.mjs';
import { ROOT, readJson } from './packages.mjs';
import { sbomOf } from './sbom.mjs';

const trial = process.argv.includes('--trial');
const { version, license } = readJson('package.json');
const git = (...words) => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim();

if (!trial && git('status', '--porcelain') !== '') throw new Error('there are changes that are not committed');
const notes = changesIn(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), trial ? 'Unreleased' : version);
// Archives have the time of the commit, so that the same commit gives the same archive.
const time = git('log', '-1', '--format=%ct');
process.env.SOURCE_DATE_EPOCH ??= time;

const out = join(ROOT, 'release/out', version);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const tarballs = (await packAll(out)).map(({ tarball }) => tarball);
const own = readJson('packages/cli/package.json').dependencies;
const bundled = Object.fromEntries(Object.entries(own).filter(([name]) => !name.startsWith('@sureflash/')));
writeFileSync(join(out, 'sbom.cdx.json'), sbomOf(tarballs, { version, license, bundled }));

const bundle = `sureflash-${version}`;
await makeBundle(join(out, bundle));
archive(bundle, `${bundle}-node.tar.gz`);
rmSync(join(out, bundle), { recursive: true });

for (const machine of EXECUTABLE_MACHINES) {
  const name = `sureflash-${version}-linux-${machine}`;
  const notices = await makeExecutable(join(out, name, 'sureflash'), machine);
  writeFileSync(join(out, name, 'THIRD-PARTY-NOTICES.txt'), notices);
  cpSync(join(ROOT, 'LICENSE'), join(out, name, 'LICENSE'));
  archive(name, `${name}.tar.gz`);
  rmSync(join(out, name), { recursive: true });
}
for (const machine of DEBIAN_MACHINES) await makeDebianPackage(out, machine);

writeFileSync(join(out, 'NOTES.md'), notes);
const sums = readdirSync(out)
  .sort()
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')}  ${name}\n`,
  );
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
console.log(`${out}\n${sums.join('')}`);

/** @param {string} folder in the output folder @param {string} name */
function archive(folder, name) {
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=go-w', `--mtime=@${time}`];
  execFileSync('tar', [...same, '-C', out, '-I', 'gzip -n9', '-cf', join(out, name), basename(folder)], {
    stdio: 'inherit',
  });
}

/**
 * Makes the tarballs of all packages, for `npm publish`: the libraries as modules, the command line as its bundle.
 * It does not build: `tsc -b` comes first.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeProgram } from './bundle.mjs';
import { publishedPackages, ROOT } from './packages.mjs';

/** What the bundle of the command line leaves to npm: native parts for more systems than one. */
const EXTERNAL = ['usb'];

/**
 * @param {string} folder made when it does not exist
 * @returns {Promise<{ name: string, tarball: string, files: string[] }[]>} one row a package: its name, the path of its tarball, the paths in it
 */
export async function packAll(folder) {
  mkdirSync(folder, { recursive: true });
  const copies = mkdtempSync(join(tmpdir(), 'sureflash-pack-'));
  try {
    const packed = [];
    for (const { folder: from, manifest } of publishedPackages()) {
      if (!existsSync(join(ROOT, from, 'dist'))) throw new Error(`${from} is not built: run "npx tsc -b"`);
      // In a copy: what is added to a package must not appear where somebody works, or tests run.
      const copy = join(copies, from);
      cpSync(join(ROOT, from), copy, { recursive: true, filter: (path) => !/[\\/](src|node_modules)$/.test(path) });
      if (manifest.bin) await putBundle(copy, manifest);
      const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: copy,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const { filename, files } = onlyRow(JSON.parse(told));
      packed.push({ name: manifest.name, tarball: join(folder, filename), files: files.map(({ path }) => path) });
    }
    return packed;
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
}

/**
 * Puts the bundle in the place of the modules: it starts in less time, and one tarball is all that is installed.
 * @param {string} copy of the package
 * @param {Record<string, any>} manifest
 */
async function putBundle(copy, manifest) {
  for (const name of ['bin', 'dist']) rmSync(join(copy, name), { recursive: true });
  await writeProgram(copy, {}, EXTERNAL);
  const dependencies = Object.fromEntries(EXTERNAL.map((name) => [name, manifest.dependencies[name]]));
  const files = ['sureflash.cjs', 'parts', 'examples', 'THIRD-PARTY-NOTICES.txt', ...manifest.files];
  const packed = { ...manifest, bin: { sureflash: 'sureflash.cjs' }, files, dependencies };
  writeFileSync(join(copy, 'package.json'), `${JSON.stringify(packed, undefined, 2)}\n`);
}

/**
 * npm 11 prints an object by name where older ones print a list.
 * @returns {{ filename: string, files: { path: string }[] }}
 */
function onlyRow(told) {
  const [row] = Object.values(told);
  return row;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node release/pack.mjs FOLDER');
  for (const { name, tarball, files } of await packAll(folder))
    console.log(`${name}\t${files.length} files\t${tarball}`);
}

/** Makes the tarballs of all packages, as `npm publish` would. It does not build: `tsc -b` comes first. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages, ROOT } from './packages.mjs';

/**
 * @param {string} folder made when it does not exist
 * @returns {{ name: string, tarball: string, files: string[] }[]} one row a package: its name, the path of its tarball, the paths in it
 */
export function packAll(folder) {
  mkdirSync(folder, { recursive: true });
  return publishedPackages().map(({ folder: from, manifest }) => {
    if (!existsSync(join(ROOT, from, 'dist'))) throw new Error(`${from} is not built: run "npx tsc -b"`);
    const told = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: join(ROOT, from),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { filename, files } = onlyRow(JSON.parse(told));
    return { name: manifest.name, tarball: join(folder, filename), files: files.map(({ path }) => path) };
  });
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
  for (const { name, tarball, files } of packAll(folder)) console.log(`${name}\t${files.length} files\t${tarball}`);
}

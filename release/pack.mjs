/** Makes the tarballs of all packages, as `npm publish` would. It does not build: `tsc -b` comes first. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyExamples } from './example-files.mjs';
import { publishedPackages, ROOT } from './packages.mjs';

/**
 * @param {string} folder made when it does not exist
 * @returns {{ name: string, tarball: string, files: string[] }[]} one row a package: its name, the path of its tarball, the paths in it
 */
export function packAll(folder) {
  mkdirSync(folder, { recursive: true });
  const copies = mkdtempSync(join(tmpdir(), 'sureflash-pack-'));
  try {
    return publishedPackages().map(({ folder: from, manifest }) => {
      if (!existsSync(join(ROOT, from, 'dist'))) throw new Error(`${from} is not built: run "npx tsc -b"`);
      // In a copy: what is added to a package must not appear where somebody works, or tests run.
      const copy = join(copies, from);
      cpSync(join(ROOT, from), copy, { recursive: true, filter: (path) => !/[\\/](src|node_modules)$/.test(path) });
      if (manifest.files.includes('examples')) copyExamples(join(copy, 'examples'));
      const told = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: copy,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const { filename, files } = onlyRow(JSON.parse(told));
      return { name: manifest.name, tarball: join(folder, filename), files: files.map(({ path }) => path) };
    });
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
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

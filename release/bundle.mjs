/**
 * The command line as few files of JavaScript beside the native part of `usb`, for machines with Node and without npm.
 * It does not know archives and packages; release/debian.mjs and release/make.mjs put it into those.
 *
 * The modules find files by their own address, and a bundle has another one. Each such place is a row below; a place that
 * has changed, or is new, ends the build.
 */
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { copyExamples } from './example-files.mjs';
import { noticesOf } from './notices.mjs';
import { ROOT, readJson } from './packages.mjs';

const { version } = readJson('package.json');
const PREBUILDS = join(ROOT, 'node_modules/usb/prebuilds');

/** Of what is built: the file, what stands in it once, and what the bundle has instead. */
const IN_PLACE_OF = [
  {
    file: 'packages/cli/dist/main.js',
    find: `JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))`,
    put: JSON.stringify({ version }),
  },
  {
    file: 'packages/cli/dist/base/version.js',
    find: `JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))`,
    put: JSON.stringify({ version }),
  },
  {
    file: 'packages/cli/dist/files/example-files.js',
    find: `['../../examples/', '../../../../examples/firmware/out/']`,
    put: `['../examples/']`,
  },
  {
    file: 'packages/cli/dist/device/find-local.js',
    find: `createRequire(import.meta.url)('usb')`,
    put: `require('usb')`,
  },
];
/** May look beside itself, since its row above says where. */
const LOOKS_BESIDE_ITSELF = 'packages/cli/dist/files/example-files.js';

/**
 * @param {Record<string, string>} modules whole modules by path from the root, in the place of those that are built
 * @param {{ file: string, find: string, put: string }[]} rows
 */
export function adapted(modules, rows) {
  return {
    name: 'adapted',
    setup({ onLoad, onEnd }) {
      const missing = new Set([...Object.keys(modules), ...rows.map(({ file }) => file)]);
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        const file = relative(ROOT, path).replaceAll('\\', '/');
        missing.delete(file);
        const contents = modules[file] ?? changed(file, readFileSync(path, 'utf8'), rows);
        if (/^packages\//.test(file) && contents.includes('import.meta') && file !== LOOKS_BESIDE_ITSELF) {
          throw new Error(`${file} looks for files beside itself: say in release/bundle.mjs where a bundle has them`);
        }
        return { contents };
      });
      onEnd(() => {
        if (missing.size > 0) throw new Error(`${[...missing].join(', ')} did not come into the bundle`);
      });
    },
  };
}

/** @param {string} file @param {string} text @param {typeof IN_PLACE_OF} rows */
function changed(file, text, rows) {
  let result = text;
  for (const { find, put } of rows.filter((row) => row.file === file)) {
    const parts = result.split(find);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times, not once: ${find}`);
    result = parts.join(put);
  }
  return result;
}

/** What the bundle in one file and the single executable have in common. */
export const COMMON = {
  entryPoints: [join(ROOT, 'packages/cli/dist/main.js')],
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Names stay, so that a stack trace in a bug report can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
};
export { IN_PLACE_OF };

/** `require` for what is CommonJS in the bundle: Node's own modules, and the native part. */
const BANNER = `import { createRequire as createRequire_ } from 'node:module';
const require = createRequire_(import.meta.url);`;

/** Parts that are loaded when a command needs them stay apart: in one file each start would read all of them. */
const PARTS = 'parts';

/**
 * @param {string} folder is emptied first: sureflash.mjs, parts/, prebuilds/, examples/, LICENSE, THIRD-PARTY-NOTICES.txt
 * @param {(name: string) => boolean} [wanted] which of usb's prebuilt binaries come along, by `folder/file`; absent: those of Linux, macOS, Windows
 */
export async function makeBundle(folder, wanted = (name) => /^(linux|darwin|win32)-/.test(name)) {
  rmSync(folder, { recursive: true, force: true });
  const bindings = `module.exports = require('node-gyp-build')(require('node:path').join(__dirname, '..'));`;
  const { metafile } = await build({
    ...COMMON,
    write: true,
    format: 'esm',
    splitting: true,
    outdir: join(folder, PARTS),
    outExtension: { '.js': '.mjs' },
    banner: { js: BANNER },
    // The folder of the parts, for the one CommonJS module that asks where it is.
    define: { __dirname: 'import.meta.dirname' },
    plugins: [adapted({ 'node_modules/usb/dist/usb/bindings.js': bindings }, IN_PLACE_OF)],
  });
  writeFileSync(join(folder, 'sureflash.mjs'), `#!/usr/bin/env node\nimport './${PARTS}/main.mjs';\n`);
  chmodSync(join(folder, 'sureflash.mjs'), 0o755);
  for (const file of filesUnder(PREBUILDS).filter(wanted))
    cpSync(join(PREBUILDS, file), join(folder, 'prebuilds', file));
  copyExamples(join(folder, 'examples'));
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), noticesOf(metafile));
}

/** @param {string} folder @returns the files two levels down, as `folder/file` */
function filesUnder(folder) {
  return readdirSync(folder).flatMap((name) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node release/bundle.mjs FOLDER');
  await makeBundle(folder);
}

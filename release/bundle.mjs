/**
 * The command line as few files of JavaScript: beside the native part of `usb` for machines with Node and without npm, and
 * without it for the package on a registry. It does not know archives and packages; others put it into those.
 *
 * CommonJS, because Node 20 starts it in less time than ES modules.
 *
 * The modules find files by their own address, and a bundle has another one. Each such place is a row below; a place that
 * has changed, or is new, ends the build.
 */
import { deepStrictEqual } from 'node:assert';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
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
    file: 'packages/cli/dist/device/platform-usb.js',
    find: `createRequire(import.meta.url)('usb')`,
    put: `require('usb')`,
  },
  // CommonJS has no await at the top. It is the last statement there: nothing waits for it but the process.
  { file: 'packages/cli/dist/main.js', find: '    await run();', put: '    run();' },
  // For commands that are programs of their own: there are none, and loading it takes a twentieth of a start.
  {
    file: 'node_modules/commander/lib/command.js',
    find: `const childProcess = require('node:child_process');`,
    put: `const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };`,
  },
];
/** The chip table, which is put in as what it comes to: JSON is read in a fifth of the time that its modules take. */
const TABLE = 'packages/chips/dist/chips.js';
const TABLE_FILE = './chips.json';
/** May look beside itself, since its row above says where. */
const LOOKS_BESIDE_ITSELF = 'packages/cli/dist/files/example-files.js';

/**
 * @param {Record<string, string>} modules whole modules by path from the root, in the place of those that are built
 * @param {{ file: string, find: string, put: string }[]} rows
 */
function adapted(modules, rows) {
  const missing = new Set([...Object.keys(modules), ...rows.map(({ file }) => file)]);
  return {
    name: 'adapted',
    load(id) {
      if (!id.endsWith('.js')) return undefined;
      const file = fromRoot(id);
      missing.delete(file);
      const code = modules[file] ?? changed(file, readFileSync(id, 'utf8'), rows);
      if (/^packages\//.test(file) && code.includes('import.meta') && file !== LOOKS_BESIDE_ITSELF) {
        throw new Error(`${file} looks for files beside itself: say in release/bundle.mjs where a bundle has them`);
      }
      return code;
    },
    buildEnd() {
      if (missing.size > 0) throw new Error(`${[...missing].join(', ')} did not come into the bundle`);
    },
  };
}

/** @param {string[]} names of modules of the command line */
const modulesOf = (names) => (id) => names.some((name) => fromRoot(id) === `packages/cli/dist/${name}.js`);

/** @param {string} id absolute */
const fromRoot = (id) => relative(ROOT, id).replaceAll('\\', '/');

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

/**
 * What every command needs, with all that it imports: one file is read in less time than thirty. And what lists need of a part
 * that is many times as large.
 */
const AT_EVERY_START = [
  'run',
  'base/defined',
  'base/io',
  'base/signals',
  'base/output-state',
  'render/context',
  'render/words',
  'project-defaults',
];
/** How addresses are written. */
const GEOMETRY = 'packages/programmer/dist/target/geometry.js';
/** What `check` needs besides, and with it whatever reads a firmware file. */
const FOR_FILES = ['files/firmware-job', 'declare/options', 'device/chip-named', 'parts/announce', 'render/remedy'];
/** Parts that are loaded when a command needs them stay apart: in one file each start would read all of them. */
const PARTS = 'parts';

/** @returns {Promise<Record<string, unknown>>} what the chip table exports. @throws where that is more than JSON can hold */
async function chipTable() {
  const table = { ...(await import(pathToFileURL(join(ROOT, TABLE)).href)) };
  deepStrictEqual(JSON.parse(JSON.stringify(table)), table);
  return table;
}

/**
 * Bundles the command line that is built.
 * @param {Record<string, string>} modules whole modules by path from the root, in the place of those that are built
 * @param {{ file?: string, dir?: string, external?: string[] }} output one file, or the folder of the parts; `external`: packages that are installed beside it
 * @returns {Promise<string[]>} the modules in it, as paths from the root
 */
export async function bundled(modules, { external = [], ...output }) {
  const rows = IN_PLACE_OF.filter(({ file }) => !(file in modules));
  const table = await chipTable();
  // Beside the parts it need not be compiled.
  const read =
    output.dir === undefined
      ? `JSON.parse(${JSON.stringify(JSON.stringify(table))})`
      : `module.require('${TABLE_FILE}')`;
  const tableModule = `export const { ${Object.keys(table).join(', ')} } = ${read};`;
  const bundle = await rolldown({
    input: { main: join(ROOT, 'packages/cli/dist/main.js') },
    platform: 'node',
    external,
    // Parts fall as they are needed: a module that is needed at once by one verb may still be loaded late by another.
    checks: { ineffectiveDynamicImport: false },
    plugins: [adapted({ ...modules, [TABLE]: tableModule }, rows)],
  });
  try {
    if (output.dir !== undefined) {
      mkdirSync(output.dir, { recursive: true });
      writeFileSync(join(output.dir, TABLE_FILE), JSON.stringify(table));
    }
    const { output: chunks } = await bundle.write({
      ...output,
      format: 'cjs',
      // Node's own modules too: the first `import()` of a process takes more time than all that `--help` does.
      dynamicImportInCjs: false,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      // Names stay, so that a stack trace in a bug report can be read.
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      comments: false,
      codeSplitting: output.file === undefined && {
        groups: [
          { name: 'start', priority: 3, test: (id) => modulesOf(AT_EVERY_START)(id) || fromRoot(id) === GEOMETRY },
          {
            name: 'chips',
            priority: 2,
            test: (id) => /^packages\/chips\/dist\/(chips|find|places|vectors)\.js$/.test(fromRoot(id)),
          },
          { name: 'files', priority: 1, test: modulesOf(FOR_FILES) },
        ],
      },
    });
    return chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds.map(fromRoot) : []));
  } finally {
    await bundle.close();
  }
}

/**
 * @param {string} folder gets sureflash.cjs, parts/, examples/ and THIRD-PARTY-NOTICES.txt
 * @param {Record<string, string>} modules as for `bundled`
 * @param {string[]} [external] as for `bundled`
 */
export async function writeProgram(folder, modules, external) {
  const contents = await bundled(modules, { dir: join(folder, PARTS), external });
  writeFileSync(join(folder, 'sureflash.cjs'), `#!/usr/bin/env node\nrequire('./${PARTS}/main.cjs');\n`);
  chmodSync(join(folder, 'sureflash.cjs'), 0o755);
  copyExamples(join(folder, 'examples'));
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), noticesOf(contents));
}

/**
 * @param {string} folder is emptied first: what `writeProgram` makes, prebuilds/, LICENSE
 * @param {(name: string) => boolean} [wanted] which of usb's prebuilt binaries come along, by `folder/file`; absent: those of Linux, macOS, Windows
 */
export async function makeBundle(folder, wanted = (name) => /^(linux|darwin|win32)-/.test(name)) {
  rmSync(folder, { recursive: true, force: true });
  const bindings = `module.exports = require('node-gyp-build')(require('node:path').join(__dirname, '..'));`;
  await writeProgram(folder, { 'node_modules/usb/dist/usb/bindings.js': bindings });
  for (const file of filesUnder(PREBUILDS).filter(wanted))
    cpSync(join(PREBUILDS, file), join(folder, 'prebuilds', file));
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
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

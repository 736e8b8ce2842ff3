/**
 * One word, one thing: lists names that two files of a world declare at their top, exported or not, and public names that
 * nobody imports. Exits with 1 where there are some.
 * Names that config/names-declared-twice.json explains are left out; an exception that explains nothing any more is listed too.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/**
 * Names are unique within each of these. The device models are a world of their own: they import nothing of the client, and a model and its
 * client speak of the same things with the same words.
 */
const WORLDS = {
  client: /^packages\/(image|chips|programmer|cli)\/src\//,
  devices: /^packages\/(virtual|usbip)\/src\//,
  proofs: /^conformance\//,
  bench: /^bench\//,
  testbed: /^testbed\//,
};
/** Tables that are written in the words of a reference manual: each file has the register and family names of its own chapter. */
const CHAPTERS = /^packages\/(chips\/src\/(data|option-bytes|bootloader)|virtual\/src\/(registers|table))\//;
const EXCEPTIONS = JSON.parse(readFileSync(join(ROOT, 'config/names-declared-twice.json'), 'utf8'));

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((path) => !/\/fixtures\/|\.d\.ts$/.test(path));
const textOf = new Map(sources.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
const DECLARATION =
  /^(export )?(?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm;

/** Each name that `paths` declare, with the files that do. */
function declaredIn(paths) {
  const byName = new Map();
  for (const path of paths) {
    for (const [, isExported, name] of textOf.get(path).matchAll(DECLARATION)) {
      if (!isExported && CHAPTERS.test(path)) continue;
      // Overloads of one function are one declaration: a set of files.
      byName.set(name, (byName.get(name) ?? new Set()).add(path));
    }
  }
  return byName;
}

const complaints = [];
const explained = new Set();
for (const [world, pattern] of Object.entries(WORLDS)) {
  const paths = sources.filter((path) => pattern.test(path) && !/\.test\.ts$|\/testing\/|\/test\//.test(path));
  for (const [name, places] of declaredIn(paths)) {
    if (places.size === 1) continue;
    const exception = EXCEPTIONS.find((each) => each.names.includes(name));
    if (exception) explained.add(name);
    else complaints.push(`${name} is declared by ${places.size} files (${world}): ${[...places].join(', ')}`);
  }
}
for (const name of EXCEPTIONS.flatMap(({ names }) => names)) {
  if (!explained.has(name))
    complaints.push(`${name} has an exception in config/names-declared-twice.json and is declared once`);
}

const NAMED_EXPORT = /^export (type )?\{([^}]*)\}/gm;
/** The names that an index exports, each with whether it is a value. */
function exportsOf(path) {
  return [...textOf.get(path).matchAll(NAMED_EXPORT)].flatMap(([, typeOnly, list]) =>
    list
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean)
      .map((each) => ({
        name: each.replace(/^type /, '').replace(/^.* as /, ''),
        isValue: !typeOnly && !each.startsWith('type '),
      })),
  );
}
const PACKAGE = /^packages\/(image|chips|programmer|virtual|usbip)\/src\/(?:([^/]+)\/)?index\.ts$/;
const documents = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md', '*.mjs', '*.tsx', '*.html'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const everything = new Map([
  ...textOf,
  ...documents.filter((path) => !path.includes('/api/')).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
]);
for (const path of sources.filter((each) => PACKAGE.test(each))) {
  const [, name, folder] = PACKAGE.exec(path);
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));
  if (!exports[folder ? `./${folder}` : '.']) continue;
  if (/^export \*/m.test(textOf.get(path)))
    complaints.push(`${path} has an export *: a public surface is chosen by name`);
  const inside = `packages/${name}/src/`;
  const others = [...everything]
    .filter(([other]) => !other.startsWith(inside) || other.endsWith('.test.ts'))
    .map(([, text]) => text);
  const report = readFileSync(join(ROOT, 'packages', name, 'api', `${folder ?? 'index'}.api.md`), 'utf8');
  for (const { name: word, isValue } of exportsOf(path)) {
    const whole = new RegExp(`\\b${word}\\b`, 'g');
    // A type is used where another public declaration names it.
    const named = !isValue && (report.match(whole) ?? []).length > 1;
    if (!named && !others.some((text) => text.search(whole) >= 0))
      complaints.push(`${word} is exported by ${path} and imported by nobody`);
  }
}

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;

/**
 * Keeps what all package.json have in common equal: version, licence, addresses, versions of each other, the licence file.
 * It does not know what is special to one package. Without `--write` it only says what differs.
 *
 * Addresses are in release/addresses.json alone. Those that are null do not exist yet, and are left out.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, ROOT, readJson } from './packages.mjs';

/** In this order, which is the order that npm's documentation has. */
const ORDER = [
  'name',
  'version',
  'private',
  'description',
  'keywords',
  'homepage',
  'bugs',
  'license',
  'author',
  'repository',
  'type',
  'sideEffects',
  'engines',
  'bin',
  'files',
  'exports',
  'scripts',
  'publishConfig',
  'dependencies',
];

/**
 * @param {{ folder: string, manifest: Record<string, any> }} one
 * @param {{ root: Record<string, any>, addresses: Record<string, string | null> }} shared
 */
function expected({ folder, manifest }, { root, addresses }) {
  const { repository, homepage, bugs } = addresses;
  const whole = {
    ...manifest,
    version: root.version,
    license: root.license,
    author: root.author,
    engines: root.engines,
    repository: repository === null ? undefined : { type: 'git', url: repository, directory: folder },
    homepage: homepage ?? undefined,
    bugs: bugs ?? undefined,
    // A package with a scope is private unless this is said.
    publishConfig: { access: 'public' },
    dependencies: manifest.dependencies && ownVersions(manifest.dependencies, root.version),
  };
  const stranger = Object.keys(whole).find((key) => !ORDER.includes(key));
  if (stranger !== undefined)
    throw new Error(`${folder}/package.json has '${stranger}', which has no place in the order`);
  return Object.fromEntries(ORDER.filter((key) => whole[key] !== undefined).map((key) => [key, whole[key]]));
}

/** @param {Record<string, string>} dependencies @param {string} version */
function ownVersions(dependencies, version) {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [name, name.startsWith('@sureflash/') ? version : range]),
  );
}

const shared = { root: readJson('package.json'), addresses: readJson('release/addresses.json') };
const licence = readFileSync(join(ROOT, 'LICENSE'), 'utf8');
const files = publishedPackages().flatMap((one) => [
  { path: `${one.folder}/package.json`, text: `${JSON.stringify(expected(one, shared), undefined, 2)}\n` },
  { path: `${one.folder}/LICENSE`, text: licence },
]);
const differing = files.filter(({ path, text }) => {
  const place = join(ROOT, path);
  return !existsSync(place) || readFileSync(place, 'utf8') !== text;
});

if (process.argv.includes('--write')) {
  for (const { path, text } of differing) writeFileSync(join(ROOT, path), text);
} else if (differing.length > 0) {
  for (const { path } of differing) console.error(`${path} is not what release/manifests.mjs makes of it`);
  console.error('Run "node release/manifests.mjs --write".');
  process.exitCode = 1;
}

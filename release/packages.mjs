/** The packages of this repository, as their folders and manifests have them. It does not know what is right about a manifest. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} path from the root of the repository */
export const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

/** @returns {{ folder: string, manifest: Record<string, any> }[]} those that are published, by folder, `packages/…` */
export function publishedPackages() {
  return readdirSync(join(ROOT, 'packages'))
    .sort()
    .map((name) => ({ folder: `packages/${name}`, manifest: readJson(`packages/${name}/package.json`) }))
    .filter(({ manifest }) => !manifest.private);
}

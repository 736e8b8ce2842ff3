/**
 * A list of all that comes with the command line, CycloneDX, made by npm where the tarballs are installed as a user would
 * install them. It knows no package.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @param {string[]} tarballs of the packages
 * @param {{ version: string, license: string, bundled: Record<string, string> }} release `bundled`: packages that stand within the command line, with their versions
 * @returns {string} JSON
 */
export function sbomOf(tarballs, { version, license, bundled }) {
  const above = mkdtempSync(join(tmpdir(), 'sureflash-sbom-'));
  // npm calls the whole by the name of its folder.
  const folder = join(above, 'sureflash');
  try {
    mkdirSync(folder);
    const npm = (...words) => execFileSync('npm', words, { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 });
    const manifest = { name: 'sureflash-release', version, license, private: true };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const within = Object.entries(bundled).map(([name, at]) => `${name}@${at}`);
    npm('install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs, ...within);
    const list = JSON.parse(npm('sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'));
    for (const component of list.components) {
      // Where this machine had them from is nobody's business.
      component.externalReferences = component.externalReferences?.filter(({ type }) => type !== 'distribution');
    }
    return `${JSON.stringify(list, undefined, 2)}\n`;
  } finally {
    rmSync(above, { recursive: true, force: true });
  }
}

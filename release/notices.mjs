/** The licences of what a bundle contains of others, as their packages have them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT, readJson } from './packages.mjs';

/** The native part of `usb` has libusb linked into it. */
const WITHIN = { usb: [{ name: 'libusb', license: 'LGPL-2.1-or-later', text: 'node_modules/usb/libusb/COPYING' }] };

/**
 * @param {string[]} modules in the bundle, as paths from the root
 * @param {{ name: string, license: string, text: string }[]} [others] `text`: the path of a file
 */
export function noticesOf(modules, others = []) {
  const names = modules.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const parts = [...new Set(names)].sort().flatMap((name) => {
    const { version, license, repository } = readJson(`node_modules/${name}/package.json`);
    const source = typeof repository === 'string' ? repository : repository?.url;
    const own = { name: `${name} ${version}`, license, source, text: licenceFile(name) };
    return [own, ...(WITHIN[name] ?? [])];
  });
  return [...parts, ...others].map(textOf).join(`\n${'-'.repeat(80)}\n\n`);
}

/** @param {{ name: string, license: string, source?: string, text: string }} part */
function textOf({ name, license, source, text }) {
  return `${name}\nLicence: ${license}\n${source ? `Source: ${source}\n` : ''}\n${readFileSync(resolve(ROOT, text), 'utf8').trim()}\n`;
}

/** @param {string} name */
function licenceFile(name) {
  const folder = `node_modules/${name}`;
  const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined || !existsSync(join(ROOT, folder, file))) throw new Error(`${name} has no licence file`);
  return join(folder, file);
}

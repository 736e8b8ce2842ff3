/** Firmware that the command line brings along: `sureflash demo` and virtual boards that run an application load it. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './packages.mjs';

export const EXAMPLE_FILES = [
  'dashboard-v2.elf',
  'dashboard-v1.hex',
  'meter-v1.elf',
  'meter-v2.elf',
  'jump-v1.elf',
  'jump-v2.elf',
];

/** @param {string} name @returns {string} its path */
export const exampleFile = (name) => join(ROOT, 'examples/firmware/out', name);

/** @param {string} folder into which all of them are copied; made when it does not exist */
export function copyExamples(folder) {
  for (const name of EXAMPLE_FILES) cpSync(exampleFile(name), join(folder, name));
}

/** Puts the firmware of the demo into the package of the command line while it is packed. `--remove` takes it away again. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './packages.mjs';

/** Loaded by `sureflash demo`, and by virtual boards that run an application. */
export const EXAMPLE_FILES = ['dashboard-v2.elf', 'dashboard-v1.hex'];

const folder = join(ROOT, 'packages/cli/examples');
if (process.argv.includes('--remove')) rmSync(folder, { recursive: true, force: true });
else for (const name of EXAMPLE_FILES) cpSync(join(ROOT, 'examples/firmware/out', name), join(folder, name));

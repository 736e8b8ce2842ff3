/** sureflash as one bundle, as a release has it: in the emulated guest it starts in half the time of 300 modules. */
import { execFileSync } from 'node:child_process';
import { here } from './here.ts';

const FOLDER_OF_PROGRAM = here('testbed/dist/sureflash');

/** What is run in the guest, and in a race on this machine's own processor. */
export const BUNDLE = `${FOLDER_OF_PROGRAM}/sureflash.cjs`;

/** Makes it anew from what is built. */
export function makeProgram(): void {
  const script = `import { makeBundle } from './release/bundle.mjs'; await makeBundle(${JSON.stringify(FOLDER_OF_PROGRAM)});`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: here('.'), stdio: 'inherit' });
}

/** Builds the objects of the demo's last act into a folder, from the text that the demo itself compiles. Needs a build and the compiler. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileJump } from '../../packages/cli/dist/demo/compile.js';
import { jumpObjectName } from '../../packages/cli/dist/demo/jump-program.js';

const folder = process.argv[2] ?? '.';
for (const version of [1, 2]) {
  const compiled = await compileJump(version);
  if (!compiled) throw new Error('arm-none-eabi-gcc is not installed');
  writeFileSync(join(folder, jumpObjectName(version)), compiled.elf);
}

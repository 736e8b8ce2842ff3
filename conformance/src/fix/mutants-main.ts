/** `npm run fix-mutants`: leaves out or turns around each safety step of each generated file, and prints the run that finds it. */
import { CHECK_MUTANTS } from './check-mutants.ts';
import { JUMP_MUTANTS } from './jump-mutants.ts';
import { MEDIA_MUTANTS } from './media-mutants.ts';
import { mutantLine, tryMutants } from './mutants.ts';
import { noCompiler } from './toolchain.ts';

if (noCompiler !== undefined) process.exit(1);
let survivors = 0;
for (const set of [JUMP_MUTANTS, MEDIA_MUTANTS, CHECK_MUTANTS]) {
  let found = 0;
  for (const tried of tryMutants(set)) {
    process.stdout.write(`${set.file}  ${mutantLine(tried)}\n`);
    if (tried.foundBy !== undefined) found++;
  }
  survivors += set.mutants.length - found;
  process.stdout.write(`${set.file}: ${found} of ${set.mutants.length} found\n\n`);
}
process.exitCode = survivors > 0 ? 1 : 0;

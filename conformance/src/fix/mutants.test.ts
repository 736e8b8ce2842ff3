import { describe, expect, it } from 'vitest';
import { CHECK_MUTANTS } from './check-mutants.ts';
import { JUMP_MUTANTS } from './jump-mutants.ts';
import { MEDIA_MUTANTS } from './media-mutants.ts';
import { mutantLine, tryMutants } from './mutants.ts';
import { LONGEST_MS, noCompiler } from './toolchain.ts';

describe.skipIf(noCompiler !== undefined).each([JUMP_MUTANTS, MEDIA_MUTANTS, CHECK_MUTANTS])(
  'every safety step of $file',
  (set) => {
    it(
      'is missed by a run when it is left out or turned around',
      () => {
        const tried = [...tryMutants(set)];
        process.stdout.write(`${set.file}\n${tried.map(mutantLine).join('\n')}\n`);
        expect(tried).toHaveLength(set.mutants.length);
        expect(tried.filter(({ foundBy }) => foundBy === undefined).map(mutantLine)).toEqual([]);
      },
      LONGEST_MS,
    );
  },
);

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { exampleFile } from '../files/example-files.ts';
import { compileJump } from './compile.ts';
import { jumpObjectName } from './jump-program.ts';

/** Another compiler makes other bytes (Debian 12: 12.2.rel1). */
const MADE_WITH = '12.2.1';
const here = await compileJump(1);

describe.skipIf(here?.compiler !== MADE_WITH).each([1, 2])(
  'the object of version %i that comes with the demo',
  (version) => {
    it('is what its source builds, byte for byte', async () => {
      const compiled = await compileJump(version);
      const delivered = await readFile(exampleFile(jumpObjectName(version)));
      expect(Buffer.from(compiled?.elf ?? []).equals(delivered)).toBe(true);
    });
  },
);

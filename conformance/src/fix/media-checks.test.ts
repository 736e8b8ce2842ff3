import { describe, expect, it } from 'vitest';
import { wrongOf } from './media-checks.ts';
import { SUBJECTS } from './media-rig.ts';
import { LONGEST_MS, noCompiler, OPTIMISATIONS } from './toolchain.ts';

describe.skipIf(noCompiler !== undefined)('the callbacks of a media file', () => {
  it.each(SUBJECTS)(
    'keep to their flash, their units and their errors on $id',
    (subject) => {
      for (const optimisation of OPTIMISATIONS) expect(wrongOf({ subject, optimisation })).toBeUndefined();
    },
    LONGEST_MS,
  );

  it('refuse to work on a part that is smaller than they were made for', () => {
    const subject = SUBJECTS[0];
    if (!subject) throw new Error('no subject');
    const change = (source: string): string => source.replace('< 256u) return 0;', '< 512u) return 0;');
    expect(wrongOf({ subject, change })).toBe('writes what it is given, to a length that ends within a unit');
  });
});

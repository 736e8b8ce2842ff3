import { describe, expect, it } from 'vitest';
import { JUDGED_CASES, misjudged } from './judged-cases.ts';
import { LOADER_SUBJECTS } from './loader-rig.ts';
import { noCompiler } from './toolchain.ts';

describe.skipIf(noCompiler !== undefined).each(LOADER_SUBJECTS)('an application behind the check of $id', (subject) => {
  it.each(JUDGED_CASES)('$name', (each) => {
    expect(misjudged(subject, [each])).toBeUndefined();
  });
});

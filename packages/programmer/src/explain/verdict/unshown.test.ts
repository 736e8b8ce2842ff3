import { expect, test } from 'vitest';
import { FLASH_START, pagedFlash } from '../../../testing/flash-shapes.ts';
import { searchProblemOf } from '../exact/problem.ts';
import { condition } from '../grammar/condition.ts';
import { when } from '../grammar/primitive.ts';
import { stripes, swap } from '../primitives/data.ts';
import { blankGuard } from '../primitives/guard.ts';
import { modulo } from '../primitives/lines.ts';
import { ERASES, onePlace, READS, shift } from '../primitives/place.ts';
import { constant } from '../primitives/source.ts';
import { isUnshown } from './unshown.ts';

/** Reads of 512 bytes from these offsets on. */
const readsAt = (offsets: readonly number[]) =>
  searchProblemOf({
    shape: pagedFlash(0x8000),
    blockSize: 512,
    operations: offsets.map((offset) => ({
      kind: 'read',
      base: FLASH_START + offset,
      number: 0,
      address: FLASH_START + offset,
      bytes: new Uint8Array(512),
    })),
  });

test('beside reads of one place or of one value, nothing shows what another deviation does elsewhere', () => {
  const problem = readsAt([0, 0x800]);
  const moved = shift(ERASES, 0x800);
  expect(isUnshown(problem, [onePlace(READS, 0x800), moved])).toBe(true);
  expect(isUnshown(problem, [constant(0), moved])).toBe(true);
  expect(isUnshown(problem, [when(condition('every', 2, 1), constant(0)), moved])).toBe(false);
  expect(isUnshown(problem, [onePlace(READS, 0x800)])).toBe(false);
});

test('what looks at the block before or at flash tells nothing of blocks that are cut, until one is', () => {
  const folded = modulo(READS, 0x1000);
  const stale = stripes(READS, [128, 0, 64], 'before');
  const pieces = [readsAt([0, 0xe00, 0x1000]), readsAt([0, 0xf00, 0x1000])] as const;
  expect(pieces.map((problem) => isUnshown(problem, [folded, stale]))).toEqual([true, false]);
  expect(pieces.map((problem) => isUnshown(problem, [folded, blankGuard('read', 'address', 16)]))).toEqual([
    true,
    false,
  ]);
  expect(isUnshown(pieces[0], [folded, swap(READS, 2)])).toBe(false);
});

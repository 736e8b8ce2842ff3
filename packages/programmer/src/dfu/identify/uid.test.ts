import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uidText, wordsAt } from '../../target/uid.ts';
import { serialOfUid } from './uid.ts';

describe('serialOfUid', () => {
  it.each([
    // The serial number in community.st.com td-p/621282; the words are one way to come to it.
    [[0x066d_ff34, 0x3650_5338, 0x427e_4644], '48EC45783650'],
    [[0xffff_ffff, 0xffff_ffff, 0xffff_ffff], 'FFFFFFFEFFFF'],
    [[1, 0x0002_0000, 2], '000000030002'],
    [[0x8000_0000, 0x1234_5678, 0x8000_0000], ''],
  ])('makes of %j the number %s', (words, serial) => {
    expect(serialOfUid(words)).toBe(serial);
  });

  it('is twelve digits or nothing, whatever the words are', () => {
    const word = fc.nat({ max: 0xffff_ffff });
    fc.assert(
      fc.property(word, word, word, (...words) => {
        expect(serialOfUid(words)).toMatch(/^([0-9A-F]{12})?$/);
        expect(uidText(words)).toMatch(/^[0-9A-F]{24}$/);
      }),
    );
  });
});

describe('wordsAt', () => {
  it('takes words that do not stand side by side, as on L0 and L1', () => {
    const bytes = new Uint8Array(0x18);
    bytes.set([0x78, 0x56, 0x34, 0x12], 0);
    bytes.set([1, 0, 0, 0], 4);
    bytes.set([2, 0, 0, 0x80], 0x14);
    expect(wordsAt(bytes, [0, 4, 0x14])).toEqual([0x1234_5678, 1, 0x8000_0002]);
  });
});

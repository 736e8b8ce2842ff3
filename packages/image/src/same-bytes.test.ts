import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameBytes } from './same-bytes.ts';

describe('sameBytes', () => {
  it('agrees with a comparison byte by byte, wherever the bytes lie in their buffers', () => {
    const place = fc.record({ bytes: fc.uint8Array({ maxLength: 40 }), shift: fc.nat(7), flip: fc.option(fc.nat(39)) });
    fc.assert(
      fc.property(place, ({ bytes, shift, flip }) => {
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        if (flip !== null && flip < moved.length) moved[flip] = (moved[flip] ?? 0) ^ 1;
        const same = [...bytes].every((byte, i) => byte === moved[i]);
        expect(sameBytes(bytes, moved)).toBe(same);
      }),
    );
  });

  it('takes stretches of different length for different', () => {
    expect(sameBytes(new Uint8Array(3), new Uint8Array(4))).toBe(false);
  });
});

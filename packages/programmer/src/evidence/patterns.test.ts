import { MemoryImage } from '@sureflash/image';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../diagnosis/observation.ts';
import { type ComparedPiece, observePatterns } from './patterns.ts';

const START = 0x0800_0000;
const SECTOR = 2048;
const BLOCK = 1024;

const firmware = fc
  .uint8Array({ minLength: 4 * SECTOR, maxLength: 4 * SECTOR })
  .filter((bytes) => new Set(bytes).size > 100);

/** What is observed where the flash holds `found` instead of `expected`. */
function observed(expected: Uint8Array, found: Uint8Array): Observation[] {
  const pieces: ComparedPiece[] = [];
  const differing = [];
  for (let at = 0; at < expected.length; at += SECTOR) {
    const [want, got] = [expected.subarray(at, at + SECTOR), found.subarray(at, at + SECTOR)];
    if (want.every((byte, i) => byte === got[i])) continue;
    pieces.push({ address: START + at, expected: want, found: got });
    differing.push({ start: START + at, end: START + at + SECTOR });
  }
  return observePatterns(pieces, {
    expected: new MemoryImage([{ address: START, bytes: expected }]),
    erasedValue: 0xff,
    blockSize: BLOCK,
    differing,
    nothingRight: differing.length * SECTOR === expected.length,
  });
}

const kindsOf = (observations: readonly Observation[]): string[] => observations.map(({ kind }) => kind);

describe('the content found in place of the image', () => {
  it('is erased where nothing was written', () => {
    fc.assert(
      fc.property(firmware, (bytes) => {
        const found = observed(bytes, new Uint8Array(bytes.length).fill(0xff));
        expect(found).toMatchObject([{ kind: 'left-erased', facts: { all: true } }]);
      }),
    );
  });

  it('is a part of each block, wherever that part lies', () => {
    fc.assert(
      fc.property(firmware, fc.nat(900), fc.integer({ min: 40, max: 100 }), (bytes, from, length) => {
        const found = bytes.map((byte, i) => (i % BLOCK >= from && i % BLOCK < from + length ? 0xff : byte));
        const facts = observed(bytes, found)[0];
        expect(facts).toMatchObject({ kind: 'part-of-blocks', facts: { blockSize: BLOCK } });
      }),
    );
  });

  it('is the first block alone', () => {
    fc.assert(
      fc.property(firmware, (bytes) => {
        const found = bytes.map((byte, i) => (i < BLOCK ? byte : 0xff));
        expect(kindsOf(observed(bytes, found))).toEqual(['first-block-only']);
      }),
    );
  });

  it.each([2, 4] as const)('is in reverse order in words of %i bytes', (width) => {
    fc.assert(
      fc.property(firmware, (bytes) => {
        const found = bytes.map((_, i) => bytes[i - (i % width) + (width - 1 - (i % width))] ?? 0);
        expect(kindsOf(observed(bytes, found))).toEqual(['bytes-swapped']);
      }),
    );
  });

  it('stands at another place', () => {
    fc.assert(
      fc.property(firmware, fc.integer({ min: 1, max: 8 }), (bytes, step) => {
        const offset = step * 256;
        const found = bytes.map((_, i) => (i < offset ? 0xff : (bytes[i - offset] ?? 0)));
        expect(observed(bytes, found)).toMatchObject([{ kind: 'content-moved', facts: { offset: -offset } }]);
      }),
    );
  });

  it('is a later part where addresses wrap', () => {
    fc.assert(
      fc.property(firmware, (bytes) => {
        const half = bytes.length / 2;
        const found = bytes.map((byte, i) => (i < half ? (bytes[i + half] ?? 0) : byte));
        expect(observed(bytes, found)).toMatchObject([{ kind: 'content-wraps', facts: { period: half } }]);
      }),
    );
  });

  it('tells nothing where it is another firmware', () => {
    fc.assert(
      fc.property(firmware, firmware, (bytes, other) => {
        fc.pre(bytes.some((byte, i) => byte !== other[i]));
        expect(kindsOf(observed(bytes, other))).toEqual([]);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, type Bed, bedFor, block, noiseFor, START, telling } from '../../../testing/composed.ts';
import type { Kind } from '../deviation.ts';
import { geometryOf } from '../geometry.ts';
import { NUMBERS } from './numbers.ts';
import { PLACES } from './places.ts';

type Figure = Bed['figure'];
const FLASH_BYTES = geometryOf('F105').bytes;

/** Where the byte at `offset` goes; `first` is where its block begins. Each by the definition, byte for byte. */
const MAPS: Readonly<Record<string, (offset: number, first: number, figure: Figure) => number>> = {
  displaced: (offset, _, figure) => offset + figure('by'),
  folded: (offset, _, figure) => offset % figure('bytes'),
  'line-low': (offset, _, figure) => offset & ~(1 << figure('line')),
  'line-high': (offset, _, figure) => offset | (1 << figure('line')),
  'banks-exchanged': (offset) => (offset + FLASH_BYTES / 2) % FLASH_BYTES,
  'second-bank-forgotten': (offset, _, figure) => (offset >= figure('half') ? offset - figure('half') : offset),
  'aligned-down': (offset, first, figure) => offset - (first % figure('bytes')),
};
const nameOf = ({ kind }: Kind): string => kind.replace(/^(erase|write|read|all)-/, '');
const slotted = (...slots: readonly string[]): readonly [string, Kind][] =>
  PLACES.filter(({ kind }) => slots.includes(kind.split('-')[0] ?? '')).map((kind) => [kind.kind, kind]);
const mapOf = (kind: Kind) => MAPS[nameOf(kind)] ?? (() => Number.NaN);
/** Half-words, so that units of the cells stay whole. */
const offsets = fc.nat(0x1_8000 / 2).map((half) => half * 2);
const lengths = fc.integer({ min: 1, max: 1024 }).map((half) => half * 2);

describe('a place', () => {
  it('is described by this test, whatever its kind', () => {
    expect(new Set(PLACES.map(nameOf))).toEqual(new Set(Object.keys(MAPS)));
  });

  it.each(slotted('write', 'all'))('puts each written byte where its definition says: %s', (_, kind) => {
    const property = fc.property(fc.nat(), offsets, lengths, (seed, first, length) => {
      const bed = bedFor(kind, seed);
      const bytes = telling(length);
      bed.loader.apply({ kind: 'write', ...block(first, 0, bytes) });
      const expected = new Map<number, number>();
      bytes.forEach((byte, i) => {
        const to = mapOf(kind)(first + i, first, bed.figure);
        // Cells that are not erased refuse what comes second.
        if (to >= 0 && to < FLASH_BYTES && !expected.has(to)) expected.set(to, byte);
      });
      for (const [to, byte] of expected) expect(bed.loader.peek(START + to, 1)[0]).toBe(byte);
      const written = bed.loader.peek(START, FLASH_BYTES).reduce((sum, byte) => sum + (byte === 0xff ? 0 : 1), 0);
      expect(written).toBe(expected.size);
    });
    fc.assert(property, { numRuns: 15 });
  });

  it.each(slotted('read', 'all'))('takes each read byte from where its definition says: %s', (_, kind) => {
    const content = noiseFor('F105');
    const property = fc.property(fc.nat(), offsets, lengths, (seed, first, length) => {
      const bed = bedFor(kind, seed, { content });
      const found = bed.loader.read(ask(first, length));
      const expected = found.map((_byte, i) => content[mapOf(kind)(first + i, first, bed.figure)] ?? 0xff);
      expect(found).toEqual(expected);
    });
    fc.assert(property, { numRuns: 40 });
  });

  it.each(slotted('erase', 'all'))('erases the page where its definition says: %s', (_, kind) => {
    const content = new Uint8Array(FLASH_BYTES);
    const property = fc.property(fc.nat(), fc.nat(60), (seed, page) => {
      const bed = bedFor(kind, seed, { content });
      bed.loader.apply({ kind: 'erase', address: START + page * 2048, length: 2048 });
      const to = mapOf(kind)(page * 2048, page * 2048, bed.figure);
      const now = bed.loader.peek(START, FLASH_BYTES);
      expect(now.indexOf(0xff)).toBe(to >= 0 && to < FLASH_BYTES ? to - (to % 2048) : -1);
      expect(now.filter((byte) => byte === 0xff)).toHaveLength(to >= 0 && to < FLASH_BYTES ? 2048 : 0);
    });
    fc.assert(property, { numRuns: 40 });
  });
});

interface Given {
  readonly base: number;
  readonly index: number;
}

/** Where block `index` of a run from `base` goes, as an offset in the flash. */
const ARITHMETIC: Readonly<Record<string, (given: Given, figure: Figure) => number>> = {
  'number-ignored': ({ base }) => base,
  'pointer-ignored': ({ index }, figure) => figure('origin') + 2048 * index,
  'block-size': ({ base, index }, figure) => base + figure('bytes') * index,
  'first-number': ({ base, index }, figure) => base + (index + 2 - figure('first')) * 2048,
  'number-truncated': ({ base, index }, figure) => base + (index & ((1 << figure('bits')) - 1)) * 2048,
  'signed-offset': ({ base, index }, figure) =>
    base + (((index * 2048) << (32 - figure('bits'))) >> (32 - figure('bits'))),
  'pairs-exchanged': ({ base, index }) => base + (index ^ 1) * 2048,
  'base-twice': ({ base, index }) => base + base + index * 2048,
};
const givens = fc.record({ base: fc.nat(20).map((page) => page * 2048), index: fc.nat(40) });
const numbered = (slot: string): readonly [string, Kind][] =>
  Object.keys(ARITHMETIC).flatMap((name) =>
    NUMBERS.filter(({ kind }) => kind === `${slot}-${name}`).map((kind): [string, Kind] => [name, kind]),
  );

describe('block arithmetic', () => {
  it('is described by this test, whatever its kind', () => {
    const both = Object.keys(ARITHMETIC).flatMap((name) => [`write-${name}`, `read-${name}`]);
    expect(NUMBERS.map(({ kind }) => kind)).toEqual([...both, 'write-appends', 'write-first-pointer-kept']);
  });

  it.each(numbered('write'))('puts a written block where its definition says: %s', (name, kind) => {
    const property = fc.property(fc.nat(), givens, (seed, given) => {
      const bed = bedFor(kind, seed);
      bed.loader.apply({ kind: 'write', ...block(given.base, given.index, telling(64)) });
      const to = ARITHMETIC[name]?.(given, bed.figure) ?? Number.NaN;
      const now = bed.loader.peek(START, FLASH_BYTES);
      expect(now.findIndex((byte) => byte !== 0xff)).toBe(to < 0 || to >= FLASH_BYTES ? -1 : to);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it.each(numbered('read'))('takes a read block from where its definition says: %s', (name, kind) => {
    const content = noiseFor('F105');
    const property = fc.property(fc.nat(), givens, (seed, given) => {
      const bed = bedFor(kind, seed, { content });
      const to = ARITHMETIC[name]?.(given, bed.figure) ?? Number.NaN;
      const found = bed.loader.read(ask(given.base + given.index * 2048, 64, given.index));
      expect(found).toEqual(found.map((_, i) => content[to + i] ?? 0xff));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('can append every run to the one before', () => {
    const [kind] = NUMBERS.filter((each) => each.kind === 'write-appends');
    if (!kind) throw new Error('no such kind');
    const { loader } = bedFor(kind, 1);
    loader.apply({ kind: 'write', ...block(0x800, 0, telling(64)) });
    loader.apply({ kind: 'write', ...block(0x4000, 0, telling(32, 9)) });
    expect(loader.peek(START + 0x840, 32)).toEqual(telling(32, 9));
    expect(loader.peek(START + 0x4000, 1)[0]).toBe(0xff);
  });

  it('can keep the first pointer for every run', () => {
    const [kind] = NUMBERS.filter((each) => each.kind === 'write-first-pointer-kept');
    if (!kind) throw new Error('no such kind');
    const { loader } = bedFor(kind, 1);
    loader.apply({ kind: 'write', ...block(0x800, 0, telling(64)) });
    loader.apply({ kind: 'write', ...block(0x4000, 1, telling(32, 9)) });
    expect(loader.peek(START + 0x1000, 32)).toEqual(telling(32, 9));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, type Bed, bedFor, block, START } from '../../../testing/composed.ts';
import type { Kind } from '../deviation.ts';
import { geometryOf } from '../geometry.ts';
import { DATA } from './data.ts';

type Figure = Bed['figure'];
/** Byte `i` of what comes out. */
type ByteAt = (bytes: Uint8Array, i: number, figure: Figure) => number | undefined;

const reversedIn =
  (size: number): ByteAt =>
  (bytes, i) => {
    const group = i - (i % size);
    return bytes[group + size - 1 - (i % size)] ?? bytes[i];
  };
const inLane = (i: number, figure: Figure): boolean => i % figure('period') === figure('lane');

const CHANGES: Readonly<Record<string, ByteAt>> = {
  'half-words-big-endian': reversedIn(2),
  'words-big-endian': reversedIn(4),
  'double-words-big-endian': reversedIn(8),
  'half-words-exchanged': (bytes, i) => bytes[i % 4 < 2 ? i + 2 : i - 2] ?? bytes[i],
  'words-exchanged': (bytes, i) => bytes[i % 8 < 4 ? i + 4 : i - 4] ?? bytes[i],
  'bit-low': (bytes, i, figure) => (bytes[i] ?? 0) & (inLane(i, figure) ? 0xff - 2 ** figure('bit') : 0xff),
  'bit-high': (bytes, i, figure) => (bytes[i] ?? 0) | (inLane(i, figure) ? 2 ** figure('bit') : 0),
  inverted: (bytes, i, figure) => (bytes[i] ?? 0) ^ figure('mask'),
  slipped: (bytes, i, figure) => bytes[i + figure('by')] ?? 0xff,
  overwritten: (bytes, i, figure) =>
    i >= figure('at') && i - figure('at') < figure('bytes') ? figure('value') : bytes[i],
  'first-unit-repeated': (bytes, i, figure) => bytes[i % figure('unit')],
  'every-second-unit': (bytes, i, figure) => {
    const unit = figure('unit');
    return bytes[2 * (i - (i % unit)) + (i % unit)] ?? 0xff;
  },
  widened: (bytes, i, figure) => (i % figure('unit') === 0 ? bytes[i / figure('unit')] : 0),
  'stale-lines': (bytes, i, figure) =>
    Math.floor(i / figure('line')) % figure('period') === figure('phase') ? 0 : bytes[i],
};
const sided = (side: string): readonly [string, Kind][] =>
  DATA.filter(({ kind }) => kind.startsWith(side)).map((kind) => [kind.kind.slice(side.length + 1), kind]);
/** Multiples of eight, so that every partner is there. */
const blocks = fc
  .integer({ min: 1, max: 64 })
  .chain((eights) => fc.uint8Array({ minLength: eights * 8, maxLength: eights * 8 }));

describe('a change of the bytes', () => {
  it('is described by this test, whatever its kind', () => {
    const names = Object.keys(CHANGES).flatMap((name) => [`write-${name}`, `read-${name}`]);
    expect(DATA.map(({ kind }) => kind)).toEqual(names);
  });

  it.each(sided('write'))('changes what is written as its definition says: %s', (name, kind) => {
    const property = fc.property(fc.nat(), blocks, (seed, bytes) => {
      const { loader, figure } = bedFor(kind, seed);
      loader.apply({ kind: 'write', ...block(0, 0, bytes) });
      const expected = bytes.map((_, i) => CHANGES[name]?.(bytes, i, figure) ?? 0xff);
      expect(loader.peek(START, bytes.length)).toEqual(expected);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it.each(sided('read'))('changes what is read as its definition says: %s', (name, kind) => {
    const property = fc.property(fc.nat(), blocks, (seed, bytes) => {
      const content = new Uint8Array(geometryOf('F105').bytes).fill(0xff);
      content.set(bytes);
      const { loader, figure } = bedFor(kind, seed, { content });
      const expected = bytes.map((_, i) => CHANGES[name]?.(bytes, i, figure) ?? 0xff);
      expect(loader.read(ask(0, bytes.length))).toEqual(expected);
      expect(loader.peek(START, bytes.length)).toEqual(bytes);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('takes stale lines from the block before', () => {
    const [kind] = DATA.filter((each) => each.kind === 'write-stale-lines');
    if (!kind) throw new Error('no such kind');
    const { loader, figure } = bedFor(kind, 1);
    loader.apply({ kind: 'write', ...block(0, 0, new Uint8Array(2048).fill(1)) });
    loader.apply({ kind: 'write', ...block(0, 1, new Uint8Array(2048).fill(2)) });
    const [line, period, phase] = [figure('line'), figure('period'), figure('phase')];
    const expected = Uint8Array.from({ length: 2048 }, (_, i) => (Math.floor(i / line) % period === phase ? 1 : 2));
    expect(loader.peek(START + 2048, 2048)).toEqual(expected);
  });
});

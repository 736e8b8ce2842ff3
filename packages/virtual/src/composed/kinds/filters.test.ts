import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, type Bed, bedFor, block, START, telling } from '../../../testing/composed.ts';
import { geometryOf } from '../geometry.ts';
import { FILTERS } from './filters.ts';

interface Call {
  /** Counted from 0. */
  readonly call: number;
  readonly offset: number;
  readonly length: number;
  readonly lengthBefore: number;
}

/** By the name behind `erase-` or `write-`: whether a call takes effect. */
const PASSES: Readonly<Record<string, (call: Call, figure: Bed['figure']) => boolean>> = {
  empty: () => false,
  'first-few-only': ({ call }, figure) => call < figure('count'),
  'first-few-lost': ({ call }, figure) => call >= figure('count'),
  'every-nth-lost': ({ call }, figure) => call % figure('period') !== figure('phase'),
  'every-nth-only': ({ call }, figure) => call % figure('period') === figure('phase'),
  'refused-below': ({ offset }, figure) => offset >= figure('limit'),
  'refused-from': ({ offset }, figure) => offset < figure('limit'),
  'refused-up-to': ({ offset, length }, figure) => offset + length < figure('limit'),
  quota: ({ lengthBefore }, figure) => lengthBefore < figure('bytes'),
};
const kindNamed = (name: string) => FILTERS.filter(({ kind }) => kind === name);
const PAGE = 2048;
const places = fc.array(fc.nat(127), { minLength: 1, maxLength: 60 });

describe('a filter', () => {
  it('is described by this test, whatever its kind', () => {
    const names = Object.keys(PASSES).flatMap((name) => [`erase-${name}`, `write-${name}`]);
    expect(FILTERS.map(({ kind }) => kind)).toEqual(names);
  });

  it.each(Object.entries(PASSES))('lets writes through or not as its kind and figures say: %s', (name, passes) => {
    const [kind] = kindNamed(`write-${name}`);
    if (!kind) throw new Error(name);
    const property = fc.property(fc.nat(), places, (seed, pages) => {
      const bed = bedFor(kind, seed);
      const once = [...new Set(pages)];
      once.forEach((page, call) => {
        bed.loader.apply({ kind: 'write', ...block(page * PAGE, 0, telling(PAGE)) });
        const wrote = bed.loader.peek(START + page * PAGE, 1)[0] !== 0xff;
        expect(wrote).toBe(passes({ call, offset: page * PAGE, length: PAGE, lengthBefore: call * PAGE }, bed.figure));
      });
    });
    fc.assert(property, { numRuns: 30 });
  });

  it.each(Object.entries(PASSES))('lets erases through or not as its kind and figures say: %s', (name, passes) => {
    const [kind] = kindNamed(`erase-${name}`);
    if (!kind) throw new Error(name);
    const content = new Uint8Array(geometryOf('F105').bytes);
    const property = fc.property(fc.nat(), places, (seed, pages) => {
      const bed = bedFor(kind, seed, { content });
      const once = [...new Set(pages)];
      once.forEach((page, call) => {
        bed.loader.apply({ kind: 'erase', address: START + page * PAGE, length: PAGE });
        const erased = bed.loader.peek(START + page * PAGE, 1)[0] === 0xff;
        expect(erased).toBe(passes({ call, offset: page * PAGE, length: PAGE, lengthBefore: call * PAGE }, bed.figure));
      });
    });
    fc.assert(property, { numRuns: 30 });
  });

  it('counts the erase of everything as a call', () => {
    const [kind] = kindNamed('erase-first-few-only');
    if (!kind) throw new Error('no such kind');
    const bed = bedFor(kind, 3, { content: new Uint8Array(geometryOf('F105').bytes) });
    for (let i = 0; i < bed.figure('count'); i++) bed.loader.apply({ kind: 'eraseAll' });
    expect(bed.loader.read(ask(0, 1))[0]).toBe(0xff);
    bed.loader.apply({ kind: 'write', ...block(0, 0, Uint8Array.of(1, 2)) });
    bed.loader.apply({ kind: 'eraseAll' });
    expect([...bed.loader.read(ask(0, 2))]).toEqual([1, 2]);
  });
});

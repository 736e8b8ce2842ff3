import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, type Bed, bedFor, block, noiseFor, START, telling } from '../../../testing/composed.ts';
import { geometryOf } from '../geometry.ts';
import { ERASING } from './erasing.ts';

const PAGE = 2048;
const BYTES = geometryOf('F105').bytes;
const ZEROS = new Uint8Array(BYTES);

/** First and past last offset of all that is 0xFF, and that nothing else is. */
function erased({ loader }: Bed): [number, number] | undefined {
  const now = loader.peek(START, BYTES);
  const first = now.indexOf(0xff);
  if (first < 0) return undefined;
  const end = now.lastIndexOf(0xff) + 1;
  expect(now.subarray(first, end).every((byte) => byte === 0xff)).toBe(true);
  return [first, end];
}

const erase = ({ loader }: Bed, page: number): void =>
  loader.apply({ kind: 'erase', address: START + page * PAGE, length: PAGE });

const pages = (from: number, to: number): [number, number] => [from * PAGE, to * PAGE];

/** What an erase of one page does on a chip that is full of zeros. */
const EXPECTED: Readonly<Record<string, (bed: Bed, page: number) => [number, number] | undefined>> = {
  'erase-sector-off-by-one': ({ figure }, page) => pages(page + figure('by'), page + figure('by') + 1),
  'erase-sector-number-truncated': ({ figure }, page) => {
    const low = page & (2 ** figure('bits') - 1);
    return pages(low, low + 1);
  },
  'erase-page-size-wrong': ({ figure }, page) => {
    const number = Math.floor((page * PAGE) / figure('bytes'));
    return pages(number, number + 1);
  },
  'erase-first-part': ({ figure }, page) => [page * PAGE, page * PAGE + figure('bytes')],
  'erase-fraction': ({ figure }, page) => {
    const length = PAGE / figure('parts');
    const first = figure('last') === 1 ? (page + 1) * PAGE - length : page * PAGE;
    return [first, first + length];
  },
  'erase-leaves-end': ({ figure }, page) => [page * PAGE, (page + 1) * PAGE - figure('bytes')],
  'erase-group': ({ figure }, page) => {
    const first = page - (page % figure('count'));
    return pages(first, first + figure('count'));
  },
  'erase-neighbours-too': ({ figure }, page) => pages(page + figure('from'), page + figure('from') + figure('count')),
  'erase-everything': () => [0, BYTES],
  'erase-blank-check': (_, page) => pages(page, page + 1),
  'erase-late-by-one': () => undefined,
  'erase-until-first-write': (_, page) => pages(page, page + 1),
  'erase-at-next-write': () => undefined,
};
const bedNamed = (name: string, seed: number, content: Uint8Array = ZEROS): Bed => {
  const [kind] = ERASING.filter((each) => each.kind === name);
  if (!kind) throw new Error(name);
  return bedFor(kind, seed, { content });
};

describe('an erase', () => {
  it('is described by this test, whatever its kind', () => {
    const others = ERASING.map(({ kind }) => kind).filter((kind) => !(kind in EXPECTED));
    expect(others).toEqual(['erase-to-value']);
  });

  it.each(Object.entries(EXPECTED))('clears what its definition says: %s', (name, expected) => {
    const property = fc.property(fc.nat(), fc.integer({ min: 1, max: 60 }), (seed, page) => {
      const bed = bedNamed(name, seed);
      erase(bed, page);
      expect(erased(bed)).toEqual(expected(bed, page));
    });
    fc.assert(property, { numRuns: 25 });
  });

  it('can leave something else than ones, in its page only', () => {
    const content = noiseFor('F105');
    const bed = bedNamed('erase-to-value', 1, content);
    erase(bed, 3);
    const expected = content.slice();
    expected.fill(bed.figure('value'), 3 * PAGE, 4 * PAGE);
    expect(bed.loader.peek(START, BYTES)).toEqual(expected);
  });

  it('can pass over a page that looks blank at one end', () => {
    const bed = [0, 1].map((last) => {
      for (let seed = 0; ; seed++) {
        const each = bedNamed('erase-blank-check', seed);
        if (each.figure('last') === last) return each;
      }
    });
    for (const { figure, deviation, loader } of bed) {
      const content = ZEROS.slice();
      const bytes = figure('bytes');
      content.fill(0xff, figure('last') === 1 ? PAGE - bytes : 0, figure('last') === 1 ? PAGE : bytes);
      const fresh = loader.restart(content);
      fresh.apply({ kind: 'erase', address: START, length: PAGE });
      expect([deviation.words, fresh.peek(START, PAGE)]).toEqual([deviation.words, content.slice(0, PAGE)]);
    }
  });

  it('can be late by one', () => {
    const bed = bedNamed('erase-late-by-one', 1);
    erase(bed, 4);
    erase(bed, 9);
    expect(erased(bed)).toEqual(pages(4, 5));
  });

  it('can do nothing from the first write on', () => {
    const bed = bedNamed('erase-until-first-write', 1);
    erase(bed, 4);
    bed.loader.apply({ kind: 'write', ...block(4 * PAGE, 0, telling(PAGE)) });
    erase(bed, 4);
    expect(bed.loader.peek(START + 4 * PAGE, PAGE)).toEqual(telling(PAGE));
  });

  it('can wait for the next write, and only the last is done', () => {
    const bed = bedNamed('erase-at-next-write', 1);
    erase(bed, 4);
    erase(bed, 9);
    bed.loader.apply({ kind: 'write', ...block(9 * PAGE, 0, telling(16)) });
    expect([...bed.loader.read(ask(4 * PAGE, 2))]).toEqual([0, 0]);
    expect(bed.loader.peek(START + 9 * PAGE, 16)).toEqual(telling(16));
    expect(bed.loader.peek(START + 10 * PAGE - 1, 1)[0]).toBe(0xff);
  });
});

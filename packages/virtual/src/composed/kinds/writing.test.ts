import { describe, expect, it } from 'vitest';
import { type Bed, bedFor, block, changed, noiseFor, START, telling } from '../../../testing/composed.ts';
import { geometryOf } from '../geometry.ts';
import { WRITING } from './writing.ts';

const FULL = 2048;
const bedNamed = (name: string, seed = 1, content?: Uint8Array): Bed => {
  const [kind] = WRITING.filter((each) => each.kind === name);
  if (!kind) throw new Error(name);
  return bedFor(kind, seed, content ? { content } : {});
};
const write = ({ loader }: Bed, base: number, index: number, bytes: Uint8Array): void =>
  loader.apply({ kind: 'write', ...block(base, index, bytes) });
const erase = ({ loader }: Bed, address: number): void =>
  loader.apply({ kind: 'erase', address: START + address, length: FULL });
const wrote = ({ loader }: Bed, address: number): boolean => loader.peek(START + address, 1)[0] !== 0xff;
const at = ({ loader }: Bed, address: number, length: number): Uint8Array => loader.peek(START + address, length);
/** Which of blocks 0 to `count − 1` arrived. */
const arrived = (bed: Bed, count: number): boolean[] => Array.from({ length: count }, (_, i) => wrote(bed, i * FULL));

function writeRow(bed: Bed, count: number): boolean[] {
  for (let i = 0; i < count; i++) write(bed, 0, i, telling(FULL, i + 1));
  return arrived(bed, count);
}

/** By kind: an experiment for any seed. */
const EXPERIMENTS: Readonly<Record<string, (name: string, seed: number) => void>> = {
  'write-short-lost': (name, seed) => {
    const bed = bedNamed(name, seed);
    write(bed, 0, 0, telling(FULL));
    write(bed, FULL, 0, telling(FULL - 8));
    expect(arrived(bed, 2)).toEqual([true, false]);
  },
  'write-odd-length-lost': (name, seed) => {
    const bed = bedNamed(name, seed);
    write(bed, 0, 0, telling(bed.figure('multiple')));
    write(bed, FULL, 0, telling(bed.figure('multiple') - 2));
    expect(arrived(bed, 2)).toEqual([true, false]);
  },
  'write-late-by-one': (name, seed) => expect(writeRow(bedNamed(name, seed), 4)).toEqual([true, true, true, false]),
  'write-data-of-block-before': (name, seed) => {
    const bed = bedNamed(name, seed);
    writeRow(bed, 3);
    expect([at(bed, 0, FULL), at(bed, 2 * FULL, FULL)]).toEqual([telling(FULL, 1), telling(FULL, 2)]);
  },
  'write-first-block-again': (name, seed) => {
    const bed = bedNamed(name, seed);
    writeRow(bed, 3);
    write(bed, 0x8000, 0, telling(FULL, 50));
    expect([at(bed, 2 * FULL, FULL), at(bed, 0x8000, FULL)]).toEqual([telling(FULL, 1), telling(FULL, 50)]);
  },
  'write-first-of-run-lost': (name, seed) => {
    const bed = bedNamed(name, seed);
    expect(writeRow(bed, 3)).toEqual([false, true, true]);
    write(bed, 0x8000, 0, telling(FULL));
    expect(wrote(bed, 0x8000)).toBe(false);
  },
  'write-numbers-refused': (name, seed) => {
    const bed = bedNamed(name, seed);
    const { length } = writeRow(bed, 30).filter(Boolean);
    expect(length).toBe(bed.figure('from') - 2);
    expect(arrived(bed, length)).not.toContain(false);
  },
  'write-lost-after-erase': (name, seed) => {
    const bed = bedNamed(name, seed);
    erase(bed, 0);
    const count = bed.figure('count');
    expect(writeRow(bed, 5)).toEqual([0, 1, 2, 3, 4].map((index) => index >= count));
  },
  'write-few-per-erase': (name, seed) => {
    const bed = bedNamed(name, seed);
    const count = bed.figure('count');
    erase(bed, 0);
    expect(writeRow(bed, 8)).toEqual(Array.from({ length: 8 }, (_, index) => index < count));
    erase(bed, 0x8000);
    write(bed, 0x8000, 0, telling(FULL));
    expect(wrote(bed, 0x8000)).toBe(true);
  },
  'write-skips-blank-looking': (name, seed) => {
    const bed = bedNamed(name, seed, noiseFor('F105'));
    erase(bed, 0);
    erase(bed, FULL);
    const bytes = telling(FULL).fill(bed.figure('value'), 0, bed.figure('bytes'));
    write(bed, 0, 0, bytes);
    write(bed, 0, 1, telling(FULL));
    expect([wrote(bed, 100), wrote(bed, FULL + 100)]).toEqual([false, true]);
  },
  'write-skips-used-sector': (name, seed) => {
    const bed = bedNamed(name, seed);
    write(bed, 0, 0, telling(1024));
    write(bed, 1024, 0, telling(1024));
    write(bed, FULL, 0, telling(1024));
    expect([wrote(bed, 0), wrote(bed, 1024), wrote(bed, FULL)]).toEqual([true, false, true]);
  },
  'write-erases-sector': (name, seed) => {
    const bed = bedNamed(name, seed, new Uint8Array(geometryOf('F105').bytes));
    write(bed, 0, 0, telling(1024));
    write(bed, 1024, 0, telling(1024));
    expect([wrote(bed, 0), wrote(bed, 1024)]).toEqual([false, true]);
    expect(changed(bed)).toEqual([0, FULL]);
  },
  'write-elsewhere-too': (name, seed) => {
    const bed = bedNamed(name, seed);
    write(bed, 0, 0, telling(64));
    expect([at(bed, 0, 64), at(bed, bed.figure('by'), 64)]).toEqual([telling(64), telling(64)]);
  },
};

describe('a write', () => {
  it('is described by this test, whatever its kind', () => {
    expect(WRITING.map(({ kind }) => kind)).toEqual(Object.keys(EXPERIMENTS));
  });

  it.each(Object.entries(EXPERIMENTS))('does what its definition says: %s', (name, experiment) => {
    expect.hasAssertions();
    for (let seed = 0; seed < 12; seed++) experiment(name, seed);
  });
});

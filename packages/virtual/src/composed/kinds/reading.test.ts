import { describe, expect, it } from 'vitest';
import { ask, type Bed, bedFor, block, noiseFor, START, telling } from '../../../testing/composed.ts';
import { READING } from './reading.ts';

const FULL = 2048;
const CONTENT = noiseFor('F105');
const bedNamed = (name: string, seed: number): Bed => {
  const [kind] = READING.filter((each) => each.kind === name);
  if (!kind) throw new Error(name);
  return bedFor(kind, seed, { content: CONTENT });
};
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const read = ({ loader }: Bed, address: number, length = FULL): Uint8Array => loader.read(ask(address, length));
const right = (address: number, length = FULL): Uint8Array => CONTENT.slice(address, address + length);
const erase = ({ loader }: Bed, address: number): void =>
  loader.apply({ kind: 'erase', address: START + address, length: FULL });
const write = ({ loader }: Bed, address: number, bytes: Uint8Array): void =>
  loader.apply({ kind: 'write', ...block(address, 0, bytes) });

const EXPERIMENTS: Readonly<Record<string, (bed: Bed) => void>> = {
  'read-constant': (bed) => expect(read(bed, 0x1000)).toEqual(filled(FULL, bed.figure('value'))),
  'read-last-block': (bed) => {
    expect(read(bed, 0, 4)).toEqual(filled(4, bed.figure('first')));
    write(bed, 0x800, telling(64));
    expect(read(bed, 0x4000, 128)).toEqual(Uint8Array.of(...telling(64), ...telling(64)));
  },
  'read-copy-of-writes': (bed) => {
    erase(bed, 0x800);
    write(bed, 0x820, telling(64));
    expect(read(bed, 0x820, 64)).toEqual(telling(64));
    const changes = bed.figure('changes') === 1;
    expect(bed.loader.peek(START + 0x820, 64)).toEqual(changes ? telling(64) : right(0x820, 64));
    expect(read(bed, 0x800, 32)).toEqual(changes ? filled(32, 0xff) : right(0x800, 32));
  },
  'read-stale-cache': (bed) => {
    expect(read(bed, 0x800, 64)).toEqual(right(0x800, 64));
    erase(bed, 0x800);
    expect(read(bed, 0x808, 56)).toEqual(right(0x808, 56));
    const { bytes, lines } = { bytes: bed.figure('bytes'), lines: bed.figure('lines') };
    for (let i = 1; i <= lines; i++) read(bed, 0x1000 + i * bytes, 1);
    expect(read(bed, 0x808, 56)).toEqual(filled(56, 0xff));
  },
  'read-late-by-one': (bed) => {
    expect(read(bed, 0)).toEqual(filled(FULL, bed.figure('first')));
    expect(read(bed, 0x800)).toEqual(right(0));
    expect(read(bed, 0x1000)).toEqual(right(0x800));
  },
  'read-one-place': (bed) => expect(read(bed, 0x1_0000, 64)).toEqual(right(bed.figure('at'), 64)),
  'read-every-nth-stale': (bed) => {
    const period = bed.figure('period');
    for (let i = 0; i < 2 * period; i++) {
      const isStale = (i + 1) % period === 0;
      expect(read(bed, i * FULL)).toEqual(right((isStale ? i - 1 : i) * FULL));
    }
  },
  'read-every-nth-constant': (bed) => {
    const period = bed.figure('period');
    for (let i = 0; i < 2 * period; i++)
      expect(read(bed, i * FULL)).toEqual((i + 1) % period === 0 ? filled(FULL, bed.figure('value')) : right(i * FULL));
  },
  'read-first-bytes-only': (bed) => {
    const expected = filled(FULL, bed.figure('value'));
    expected.set(right(0x800, bed.figure('bytes')));
    expect(read(bed, 0x800)).toEqual(expected);
  },
  'read-refused-from': (bed) => {
    const limit = bed.figure('limit');
    expect(read(bed, limit - 32, 64)).toEqual(
      Uint8Array.of(...right(limit - 32, 32), ...filled(32, bed.figure('value'))),
    );
  },
  'read-copy-of-start': (bed) => {
    const size = bed.figure('bytes');
    erase(bed, size - FULL);
    erase(bed, size);
    expect(read(bed, size - 32, 64)).toEqual(Uint8Array.of(...right(size - 32, 32), ...filled(32, 0xff)));
  },
};

describe('a read', () => {
  it('is described by this test, whatever its kind', () => {
    expect(READING.map(({ kind }) => kind)).toEqual(Object.keys(EXPERIMENTS));
  });

  it.each(Object.entries(EXPERIMENTS))('gives what its definition says: %s', (name, experiment) => {
    expect.hasAssertions();
    for (let seed = 0; seed < 12; seed++) experiment(bedNamed(name, seed));
  });
});

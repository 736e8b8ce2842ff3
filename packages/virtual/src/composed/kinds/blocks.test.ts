import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bed, bedFor, block, noiseFor, START, telling } from '../../../testing/composed.ts';
import { BLOCKS } from './blocks.ts';

const FULL = 2048;
const bedNamed = (name: string, seed = 1, options: Parameters<typeof bedFor>[2] = {}): Bed => {
  const [kind] = BLOCKS.filter((each) => each.kind === name);
  if (!kind) throw new Error(name);
  return bedFor(kind, seed, options);
};

/** Whether byte `i` of a block of `length` bytes, the first of its run, is written. */
const KEEPS: Readonly<Record<string, (i: number, length: number, figure: Bed['figure']) => boolean>> = {
  'write-first-bytes-only': (i, _, figure) => i < figure('bytes'),
  'write-fraction': (i, length, figure) => i < Math.floor(length / figure('parts')),
  'write-end-lost': (i, length, figure) => length - i > figure('bytes'),
  'write-beginning-lost': (i, _, figure) => i >= figure('bytes'),
  'write-header-kept-back': (i, _, figure) => i >= figure('bytes'),
  'write-every-second-unit-lost': (i, _, figure) => Math.floor(i / figure('unit')) % 2 !== figure('phase'),
  'write-whole-packets-only': (i, length, figure) => i < length - (length % figure('bytes')),
  'write-packet-lost': (i, _, figure) => Math.floor(i / 64) !== figure('packet'),
};
const OTHERS = [
  'write-half-units-twice',
  'write-packets-close-up',
  'write-stale-rest',
  'write-zero-padded',
  'write-blank-check-too-long',
  'write-combined-with-old',
  'write-overwrites',
];

describe('a block', () => {
  it('is described by this test, whatever its kind', () => {
    expect(BLOCKS.map(({ kind }) => kind).sort()).toEqual([...Object.keys(KEEPS), ...OTHERS].sort());
  });

  it.each(Object.entries(KEEPS))('loses the bytes that its definition says, and no others: %s', (name, keeps) => {
    const lengths = fc.integer({ min: 1, max: FULL / 4 }).map((words) => words * 4);
    const property = fc.property(fc.nat(), lengths, (seed, length) => {
      const { loader, figure } = bedNamed(name, seed);
      const bytes = telling(length);
      loader.apply({ kind: 'write', ...block(0, 0, bytes) });
      expect(loader.peek(START, length)).toEqual(bytes.map((byte, i) => (keeps(i, length, figure) ? byte : 0xff)));
    });
    fc.assert(property, { numRuns: 40 });
  });

  it('whose run is under way keeps its beginning where only a header is kept back', () => {
    const { loader } = bedNamed('write-header-kept-back');
    loader.apply({ kind: 'write', ...block(0, 1, telling(64)) });
    expect(loader.peek(START + FULL, 64)).toEqual(telling(64));
  });

  it('that is programmed in halves of ECC units keeps the first of each', () => {
    const { loader, figure } = bedNamed('write-half-units-twice', 1, { chip: 'L476' });
    loader.apply({ kind: 'write', ...block(0, 0, telling(64)) });
    const bytes = figure('bytes');
    expect(loader.peek(START, 64)).toEqual(telling(64).map((byte, i) => (i % 8 < bytes ? byte : 0xff)));
  });

  it('can close up behind a packet that was lost', () => {
    const { loader, figure } = bedNamed('write-packets-close-up');
    loader.apply({ kind: 'write', ...block(0, 0, telling(FULL)) });
    const from = figure('packet') * 64;
    expect(loader.peek(START, FULL - 64)).toEqual(
      Uint8Array.of(...telling(FULL).subarray(0, from), ...telling(FULL).subarray(from + 64)),
    );
  });

  it('that is short can be filled up from the one before', () => {
    const { loader } = bedNamed('write-stale-rest');
    loader.apply({ kind: 'write', ...block(0, 0, telling(FULL)) });
    loader.apply({ kind: 'write', ...block(FULL, 0, new Uint8Array(8)) });
    expect(loader.peek(START + FULL, FULL)).toEqual(telling(FULL).fill(0, 0, 8));
  });

  it('can be padded', () => {
    const { loader, figure } = bedNamed('write-zero-padded');
    loader.apply({ kind: 'write', ...block(0, 0, telling(6)) });
    const expected = new Uint8Array(figure('multiple')).fill(figure('value'));
    expected.set(telling(6));
    expect(loader.peek(START, figure('multiple'))).toEqual(expected);
    expect(loader.peek(START + figure('multiple'), 1)[0]).toBe(0xff);
  });

  it('can be refused for what stands behind it', () => {
    const { loader, figure, geometry } = bedNamed('write-blank-check-too-long');
    const content = new Uint8Array(geometry.bytes).fill(0xff);
    content[figure('bytes')] = 0;
    const fresh = loader.restart(content);
    fresh.apply({ kind: 'write', ...block(FULL, 0, telling(8)) });
    fresh.apply({ kind: 'write', ...block(0, 0, telling(8)) });
    expect([fresh.peek(START + FULL, 1)[0], fresh.peek(START, 1)[0]]).toEqual([0xff, 1 + 1]);
  });

  it('can be combined with what stood there', () => {
    const content = noiseFor('F105');
    const operators = new Set<unknown>();
    for (let seed = 0; seed < 20; seed++) {
      const { loader, deviation } = bedNamed('write-combined-with-old', seed, { content });
      const { operator } = deviation.parameters;
      operators.add(operator);
      loader.apply({ kind: 'write', ...block(0, 0, telling(64)) });
      const expected = telling(64).map((byte, i) => {
        const old = content[i] ?? 0;
        return operator === 'and' ? byte & old : operator === 'or' ? byte | old : byte ^ old;
      });
      expect(loader.peek(START, 64)).toEqual(expected);
    }
    expect(operators.size).toBe(3);
  });

  it('can replace what stood there, with 256 bytes around it', () => {
    const content = noiseFor('F105');
    const { loader } = bedNamed('write-overwrites', 1, { content });
    loader.apply({ kind: 'write', ...block(0x210, 0, telling(16)) });
    const expected = content.slice(0, 0x400);
    expected.fill(0xff, 0x200, 0x300);
    expected.set(telling(16), 0x210);
    expect(loader.peek(START, 0x400)).toEqual(expected);
  });
});

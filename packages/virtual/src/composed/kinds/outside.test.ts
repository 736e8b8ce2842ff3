import { describe, expect, it } from 'vitest';
import { ask, type Bed, bedFor, block, START, telling } from '../../../testing/composed.ts';
import { geometryOf } from '../geometry.ts';
import { OUTSIDE } from './outside.ts';

const FULL = 2048;
const BYTES = geometryOf('F105').bytes;
const bedNamed = (name: string, seed: number, content?: Uint8Array): Bed => {
  const [kind] = OUTSIDE.filter((each) => each.kind === name);
  if (!kind) throw new Error(name);
  return bedFor(kind, seed, content ? { content } : {});
};
const reversedBits = (byte: number): number =>
  Number.parseInt(Array.from(byte.toString(2).padStart(8, '0')).reverse().join(''), 2);

/** Byte `i` of the first block of a run at 0x2000, by the name behind `write-` and `read-`. */
const BYTES_OF: Readonly<Record<string, (bytes: Uint8Array, i: number, figure: Bed['figure']) => number>> = {
  'bits-rotated': (bytes, i, figure) => {
    const bits = (bytes[i] ?? 0).toString(2).padStart(8, '0');
    return Number.parseInt(bits.slice(figure('by')) + bits.slice(0, figure('by')), 2);
  },
  'bits-reversed': (bytes, i) => reversedBits(bytes[i] ?? 0),
  'block-reversed': (bytes, i) => bytes[bytes.length - 1 - i] ?? 0,
  chained: (bytes, i) => (bytes[i] ?? 0) ^ (i > 0 ? (bytes[i - 1] ?? 0) : 0),
  'counter-added': (bytes, i) => bytes[i] ?? 0,
};
const WRITES_ONLY: typeof BYTES_OF = {
  'address-mixed-in': (bytes, i, figure) => (bytes[i] ?? 0) ^ (Math.floor((0x2000 + i) / 2 ** figure('shift')) % 256),
  'third-byte-lost': (bytes, i, figure) => ((i + 1) % figure('period') === 0 ? 0xff : (bytes[i] ?? 0)),
};

describe('an odd loader', () => {
  it('is one of at least fifteen', () => {
    expect(OUTSIDE.filter(({ outside }) => outside).length).toBe(OUTSIDE.length);
    expect(OUTSIDE.length).toBeGreaterThanOrEqual(15);
  });

  it.each(Object.entries({ ...BYTES_OF, ...WRITES_ONLY }))(
    'writes bytes as its definition says: %s',
    (name, byteAt) => {
      for (let seed = 0; seed < 9; seed++) {
        const { loader, figure } = bedNamed(`write-${name}`, seed);
        loader.apply({ kind: 'write', ...block(0x2000, 0, telling(FULL)) });
        const expected = telling(FULL).map((_, i, bytes) => byteAt(bytes, i, figure));
        expect(loader.peek(START + 0x2000, FULL)).toEqual(expected);
      }
    },
  );

  it.each(Object.entries(BYTES_OF))('reads bytes as its definition says: %s', (name, byteAt) => {
    const content = telling(BYTES);
    const bytes = content.slice(0x2000, 0x2000 + FULL);
    for (let seed = 0; seed < 9; seed++) {
      const { loader, figure } = bedNamed(`read-${name}`, seed, content);
      expect(loader.read(ask(0x2000, FULL))).toEqual(bytes.map((_, i) => byteAt(bytes, i, figure)));
    }
  });

  it('adds more to each block', () => {
    const { loader, figure } = bedNamed('write-counter-added', 1);
    for (let i = 0; i < 3; i++) loader.apply({ kind: 'write', ...block(0, i, new Uint8Array(16)) });
    expect(loader.peek(START + 2 * FULL, 1)[0]).toBe(2 * figure('step'));
  });

  it.each([
    ['write-lines-exchanged', (i: number, f: Bed['figure']) => exchangedLines(i * FULL, f('low'), f('high'))],
    ['write-drifts', (i: number, f: Bed['figure']) => i * (FULL + f('step'))],
    ['write-gray-numbers', (i: number) => (i ^ Math.floor(i / 2)) * FULL],
  ])('places blocks as its definition says: %s', (name, place) => {
    for (let seed = 0; seed < 9; seed++) {
      for (let i = 0; i < 20; i++) {
        const { loader, figure } = bedNamed(name, seed);
        loader.apply({ kind: 'write', ...block(0, i, telling(16)) });
        expect(loader.peek(START, BYTES).findIndex((byte) => byte !== 0xff)).toBe(place(i, figure));
      }
    }
  });

  it.each(['write-lost-at-random', 'write-lost-by-checksum'])('loses some blocks and not others: %s', (name) => {
    const { loader } = bedNamed(name, 2);
    for (let i = 0; i < 60; i++) loader.apply({ kind: 'write', ...block(0, i, telling(FULL, i * 3)) });
    const lost = Array.from({ length: 60 }, (_, i) => loader.peek(START + i * FULL, 1)[0] === 0xff);
    expect(new Set(lost).size).toBe(2);
  });

  it('wears a few bytes, and they only lose bits', () => {
    const { loader } = bedNamed('write-bytes-worn', 1);
    const asked = telling(FULL);
    for (let i = 0; i < 60; i++) loader.apply({ kind: 'write', ...block(0, i, asked) });
    const now = loader.peek(START, 60 * FULL);
    const worn = now.filter((byte, i) => byte !== asked[i % FULL]);
    expect(worn.length).toBeGreaterThan(0);
    expect(worn.length).toBeLessThan(600);
    expect(now.every((byte, i) => (byte & ~(asked[i % FULL] ?? 0)) === 0)).toBe(true);
  });

  it('scrambles bytes the same way every time', () => {
    const written = [1, 2].map(() => {
      const { loader } = bedNamed('write-scrambled', 1);
      loader.apply({ kind: 'write', ...block(0, 0, telling(64)) });
      return loader.peek(START, 64);
    });
    expect(written[0]).toEqual(written[1]);
    expect(written[0]).not.toEqual(telling(64));
  });

  it('erases pages in another order', () => {
    const { loader, figure } = bedNamed('erase-sectors-permuted', 1, new Uint8Array(BYTES));
    loader.apply({ kind: 'erase', address: START + 5 * FULL, length: FULL });
    expect(loader.peek(START, BYTES).indexOf(0xff)).toBe(5 * figure('factor') * FULL);
  });

  it('erases two pieces of three', () => {
    const { loader, figure } = bedNamed('erase-checkered', 1, new Uint8Array(BYTES));
    loader.apply({ kind: 'erase', address: START + FULL, length: FULL });
    const expected = Uint8Array.from({ length: FULL }, (_, i) => (Math.floor(i / figure('bytes')) % 3 < 2 ? 0xff : 0));
    expect(loader.peek(START + FULL, FULL)).toEqual(expected);
  });

  it('reads addresses into lines', () => {
    const { loader, figure } = bedNamed('read-address-in-lines', 1);
    const second = loader.read(ask(0x2000, FULL)).slice(figure('line'), figure('line') + 5);
    expect([...second]).toEqual([figure('line'), 0x20, 0x00, 0x08, 0xff]);
  });

  it('reads further on each time', () => {
    const content = telling(BYTES);
    const { loader, figure } = bedNamed('read-drifts', 1, content);
    loader.read(ask(0, 4));
    expect(loader.read(ask(0, 4))).toEqual(content.slice(figure('step'), figure('step') + 4));
  });
});

function exchangedLines(offset: number, low: number, high: number): number {
  const bits = Array.from(offset.toString(2).padStart(24, '0')).reverse();
  const [a = '0', b = '0'] = [bits[low], bits[high]];
  bits[low] = b;
  bits[high] = a;
  return Number.parseInt(bits.reverse().join(''), 2);
}

import { crc32, MemoryImage } from '@sureflash/image';
import { describe, expect, it } from 'vitest';
import type { Region } from '../../target/geometry.ts';
import type { Chunk, Target } from '../../target/target.ts';
import { proveByReadBack } from './proof-by-read-back.ts';

const START = 0x0800_0000;
const SIZE = 16_384;
const BYTES = Uint8Array.from({ length: SIZE }, (_, at) => (at * 7) & 0xff);
const IMAGE = new MemoryImage([{ address: START, bytes: BYTES }]);
const REGIONS: readonly Region[] = [
  {
    name: 'Internal flash',
    kind: 'flash',
    start: START,
    end: START + SIZE,
    sectors: [{ index: 0, start: START, end: START + SIZE, readable: true, erasable: true, writable: true }],
    writeSize: 4,
    erasedValue: 0xff,
    cells: 'plain',
  },
];

/** Holds `flash`, and has read back `chunks` while it wrote; what is read of it stands in `reads`. */
function target(flash: Uint8Array, chunks: readonly Chunk[]): { subject: Target; reads: number[] } {
  const reads: number[] = [];
  const part = ({ start, end }: { start: number; end: number }): Uint8Array => flash.slice(start - START, end - START);
  const subject: Target = {
    about: { kind: 'debug-port' } as never,
    geometry: REGIONS,
    write: async () => undefined,
    erase: async () => undefined,
    async *read(range) {
      reads.push(range.start, range.end);
      yield { address: range.start, bytes: part(range) };
    },
    digest: async (ranges) => ranges.map((range) => crc32(part(range))),
    takeReadBack: async () => chunks,
    eraseAll: async () => undefined,
    unprotect: async () => undefined,
    leave: async () => undefined,
    settle: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { subject, reads };
}

const chunk = (from: number, to: number): Chunk => ({ address: START + from, bytes: BYTES.slice(from, to) });

describe('a proof by what was read back while something was written', () => {
  it('reads nothing again where every part was read back and the CRC says that nothing has changed since', async () => {
    const { subject, reads } = target(BYTES, [chunk(2048, SIZE), chunk(0, 2048)]);
    expect(await proveByReadBack(subject, IMAGE, REGIONS)).toMatchObject({ compared: SIZE, differing: 0 });
    expect(reads).toEqual([]);
  });

  it('reads the places that were not read back', async () => {
    const { subject, reads } = target(BYTES, [chunk(2048, 12_288)]);
    expect(await proveByReadBack(subject, IMAGE, REGIONS)).toMatchObject({ compared: SIZE, differing: 0 });
    const spans = Array.from({ length: reads.length / 2 }, (_, at) => reads.slice(2 * at, 2 * at + 2));
    const read = spans.flatMap(([start = 0, end = 0]) => Array.from({ length: end - start }, (_, at) => start + at));
    expect(read.some((address) => address >= START + 2048 && address < START + 12_288)).toBe(false);
    expect(new Set(read).size).toBe(SIZE - 10_240);
  });

  it('is none where a part that was read back is another one', async () => {
    const wrong = chunk(0, SIZE);
    wrong.bytes[77] = (wrong.bytes[77] ?? 0) ^ 1;
    expect(await proveByReadBack(target(BYTES, [wrong]).subject, IMAGE, REGIONS)).toBeUndefined();
  });

  it('is none where flash has changed since, which the CRC tells', async () => {
    const changed = BYTES.slice();
    changed[9] = (changed[9] ?? 0) ^ 0x80;
    expect(await proveByReadBack(target(changed, [chunk(0, SIZE)]).subject, IMAGE, REGIONS)).toBeUndefined();
  });

  it('is none where nothing was read back', async () => {
    expect(await proveByReadBack(target(BYTES, []).subject, IMAGE, REGIONS)).toBeUndefined();
  });
});

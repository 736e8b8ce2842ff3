/** No file, however it is made, costs more than a small multiple of its size in memory. */
import { describe, expect, it } from 'vitest';
import { ascii, imageError, resultOrImageError } from '../testing/support.ts';
import { formatFirmware } from './format.ts';
import { MemoryImage } from './memory-image.ts';
import { parseFirmware } from './parse.ts';

/** Bytes in buffers that are there after `action` and were not before. Buffers of no more use may still count. */
function bufferGrowth(action: () => unknown): number {
  const before = process.memoryUsage().arrayBuffers;
  const kept = action();
  const growth = process.memoryUsage().arrayBuffers - before;
  return kept === null ? 0 : growth;
}

function record(address: number, value: number): string {
  const sum = 1 + (address >> 8) + (address & 0xff) + value;
  const digits = (number: number, width: number) => number.toString(16).toUpperCase().padStart(width, '0');
  return `:01${digits(address, 4)}00${digits(value, 2)}${digits(-sum & 0xff, 2)}`;
}

describe('memory', () => {
  it('two bytes at the ends of the address space cost two bytes, not the space between', () => {
    const file = formatFirmware(
      new MemoryImage([
        { address: 0, bytes: Uint8Array.of(1) },
        { address: 0xffff_ffff, bytes: Uint8Array.of(2) },
      ]),
      'intel-hex',
    );
    expect(bufferGrowth(() => parseFirmware(file))).toBeLessThan(64 * 1024);
  });

  it('records of one byte, in the worst order, cost less than the text', () => {
    const lines = Array.from({ length: 0x8000 }, (_, i) => record(((i * 0x4321) & 0x7fff) * 2, i & 0xff));
    const file = ascii([...lines, ':00000001FF', ''].join('\n'));
    expect(bufferGrowth(() => expect(parseFirmware(file).image.segments).toHaveLength(0x8000))).toBeLessThan(
      file.length,
    );
  });

  it('a file that gives one address again and again is refused before its records are sorted', () => {
    const file = ascii(`${`${record(0, 1)}\n`.repeat(0x8_0001)}:00000001FF\n`);
    expect(imageError(() => parseFirmware(file)).code).toBe('image/too-large');
  });

  it('a file that scatters single bytes is refused, since each piece costs more than it holds', () => {
    const lines: string[] = [];
    for (let half = 0; half < 3; half++) {
      lines.push(`:0200000400${half.toString().padStart(2, '0')}${(0xfa - half).toString(16).toUpperCase()}`);
      for (let address = 0; address < 0x10000; address += 2) lines.push(record(address, 1));
    }
    const file = ascii([...lines, ':00000001FF', ''].join('\n'));
    expect(imageError(() => parseFirmware(file)).code).toBe('image/too-large');
  });

  it.each([
    ['elf', 52 + 16],
    ['elf', 52 + 20],
    ['elf', 32],
    ['uf2', 16],
    ['uf2', 24],
    ['dfuse', 6],
    ['dfuse', 11 + 266],
    ['dfuse', 11 + 270],
    ['dfuse', 11 + 274 + 4],
  ] as const)('%s: a number of 4 G at offset %i costs nothing', (format, offset) => {
    const file = formatFirmware(new MemoryImage([{ address: 0x0800_0000, bytes: new Uint8Array(64) }]), format).slice();
    new DataView(file.buffer).setUint32(offset, 0xffff_ffff, true);
    expect(bufferGrowth(() => resultOrImageError(() => parseFirmware(file)))).toBeLessThan(64 * 1024);
  });
});

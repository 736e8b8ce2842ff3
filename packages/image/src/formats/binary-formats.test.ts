/** ELF, DfuSe, UF2 and raw binary: what is wrong is told with the offset; what headers claim never costs memory. */
import { describe, expect, it } from 'vitest';
import { imageError } from '../../testing/support.ts';
import { formatFirmware } from '../format.ts';
import { MemoryImage } from '../memory-image.ts';
import { parseFirmware } from '../parse.ts';
import { parseDfuse } from './dfuse.ts';
import { parseElf } from './elf.ts';
import { elfSections, elfSymbols } from './elf-symbols.ts';
import { parseUf2 } from './uf2.ts';
import { UF2_FAMILIES } from './uf2-families.ts';

const image = new MemoryImage([
  { address: 0x0800_0000, bytes: Uint8Array.from({ length: 300 }, (_, i) => i) },
  { address: 0x0800_1000, bytes: Uint8Array.of(1, 2, 3) },
]);

/** A good file with numbers put at offsets: two bytes for those below 0x10000, else four. */
function patched(
  good: Uint8Array,
  ...patches: (readonly [offset: number, value: number, bytes: 1 | 2 | 4])[]
): Uint8Array {
  const file = good.slice();
  const view = new DataView(file.buffer);
  for (const [offset, value, bytes] of patches) {
    if (bytes === 1) view.setUint8(offset, value);
    else if (bytes === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
  }
  return file;
}

describe('ELF', () => {
  const good = formatFirmware(image, 'elf', { entry: 0x0800_0101 });
  const FIRST = 52;

  it.each([
    ['64 bits', [4, 2, 1], 'image/unsupported', 4, 'ELF64'],
    ['big-endian', [5, 2, 1], 'image/unsupported', 5, 'big-endian'],
    ['an object file', [16, 1, 2], 'image/unsupported', 16, 'not linked'],
    ['another machine', [18, 243, 2], 'image/unsupported', 18, 'RISC-V (243)'],
    ['program headers past the end', [44, 0xfffe, 2], 'image/truncated', FIRST, `a file of ${good.length} bytes`],
    [
      'a segment past the end',
      [FIRST + 16, 0xffff_ffff, 4],
      'image/truncated',
      FIRST,
      `a file of ${good.length} bytes`,
    ],
    ['more content than memory', [FIRST + 20, 4, 4], 'image/syntax', FIRST, '300'],
    ['an address past the end', [FIRST + 12, 0xffff_fff0, 4], 'image/address', FIRST, '0xFFFFFFF0'],
    ['overlapping segments', [FIRST + 32 + 12, 0x0800_012a, 4], 'image/overlap', FIRST + 32, 'offset 0x34'],
  ] as const)('refuses %s', (_what, patch, code, offset, found) => {
    const error = imageError(() => parseElf(patched(good, patch)));
    expect(error).toMatchObject({ code, facts: { offset } });
    expect(error.facts.found).toContain(found);
  });

  it('refuses a file whose segments share content many times over', () => {
    const headers = 2000;
    const content = 4 * 1024;
    const file = new Uint8Array(52 + 32 * headers + content);
    file.set(good.subarray(0, 52));
    const view = new DataView(file.buffer);
    view.setUint16(44, headers, true);
    view.setUint32(32, 0, true);
    for (let i = 0; i < headers; i++) {
      const fields = [1, 52 + 32 * headers, 0, 0x0800_0000 + i * content, content, content, 5, 1];
      fields.forEach((field, word) => {
        view.setUint32(52 + 32 * i + 4 * word, field, true);
      });
    }
    expect(imageError(() => parseElf(file)).code).toBe('image/too-large');
  });

  it('says where a program goes that is linked for RAM', () => {
    const ram = formatFirmware(new MemoryImage([{ address: 0x2000_0000, bytes: Uint8Array.of(1) }]), 'elf');
    const error = imageError(() => parseElf(ram));
    expect(error.code).toBe('image/empty');
    expect(error.message).toContain('0x20000000');
  });

  it('takes virtual addresses where no segment has a physical one', () => {
    const file = patched(good, [FIRST + 12, 0, 4], [FIRST + 32 + 12, 0, 4]);
    expect(parseElf(file).image.equals(image)).toBe(true);
  });

  it('names the bytes of a segment that no section owns as padding', () => {
    const view = new DataView(good.buffer);
    const sections = view.getUint32(32, true);
    expect(parseElf(good).padding).toEqual([]);
    const shorter = patched(good, [sections + 40 + 20, 296, 4]);
    expect(parseElf(shorter)).toMatchObject({ padding: [{ start: 0x0800_012b - 3, end: 0x0800_012c }] });
    expect(parseElf(shorter).image.equals(image)).toBe(true);
    const stripped = patched(shorter, [48, 0, 2]);
    expect(parseElf(stripped).padding).toEqual([]);
  });

  it('copies nothing for segments that stand alone', () => {
    expect(parseElf(good).image.segments.every(({ bytes }) => bytes.buffer === good.buffer)).toBe(true);
  });

  it('reads sections and symbols of a damaged table as far as they make sense', () => {
    const noTable = patched(good, [32, 0xffff_fff0, 4]);
    expect([...elfSections(noTable), ...elfSymbols(noTable)]).toEqual([]);
    const noNames = patched(good, [50, 99, 2]);
    expect([...elfSections(noNames)].map((s) => s.name)).toEqual(['', '', '']);
  });
});

describe('DfuSe', () => {
  const targets = [
    { alternate: 0, name: 'Internal Flash', range: { start: 0, end: 0x0800_1001 } },
    { alternate: 2, range: { start: 0x0800_1001, end: 0x1_0000_0000 } },
  ];
  const good = formatFirmware(image, 'dfuse', { dfuse: { vendor: 1, product: 2, device: 3, targets } });

  it('writes and reads several targets', () => {
    const { image: read, details } = parseDfuse(good);
    expect(read.equals(image)).toBe(true);
    expect(details).toMatchObject({ vendor: 1, product: 2, device: 3, specification: 0x011a });
    if (details.format !== 'dfuse') throw new Error(details.format);
    expect(details.targets.map(({ alternate, name }) => [alternate, name])).toEqual([
      [0, 'Internal Flash'],
      [2, undefined],
    ]);
    expect(details.targets.map(({ elements }) => elements.map(({ address, size }) => [address, size]))).toEqual([
      [
        [0x0800_0000, 300],
        [0x0800_1000, 1],
      ],
      [[0x0800_1001, 2]],
    ]);
  });

  it('refuses to write targets that leave something out', () => {
    const half = [{ alternate: 0, range: { start: 0, end: 0x0800_1000 } }];
    expect(imageError(() => formatFirmware(image, 'dfuse', { dfuse: { targets: half } })).code).toBe('image/address');
  });

  it.each([
    ['a wrong CRC', [300, 0xee, 1], 'image/checksum', good.length - 4],
    ['another version', [5, 2, 1], 'image/unsupported', 5],
    ['a larger size than the file has', [6, 0xffff_ffff, 4], 'image/truncated', 6],
    ['a missing suffix', [good.length - 8, 0, 1], 'image/truncated', good.length - 16],
  ] as const)('refuses %s', (_what, patch, code, offset) => {
    expect(imageError(() => parseDfuse(patched(good, patch)))).toMatchObject({ code, facts: { offset } });
  });

  it.each([
    ['a target of 4 GB', [11 + 266, 0xffff_ffff, 4], 'image/truncated'],
    ['an element of 4 GB', [11 + 274 + 4, 0xffff_ffff, 4], 'image/truncated'],
    ['4 G elements', [11 + 270, 0xffff_ffff, 4], 'image/truncated'],
    ['more targets than there are', [10, 9, 1], 'image/truncated'],
    ['fewer targets than there are', [10, 1, 1], 'image/syntax'],
    ['something else in place of a target', [11, 0, 1], 'image/syntax'],
  ] as const)('refuses %s under a right CRC', (_what, patch, code) => {
    expect(imageError(() => parseDfuse(withCrc(patched(good, patch)))).code).toBe(code);
  });
});

/** The CRC of the DFU specification, bit by bit. */
function withCrc(file: Uint8Array): Uint8Array {
  let crc = 0xffff_ffff;
  for (const byte of file.subarray(0, file.length - 4)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return patched(file, [file.length - 4, crc >>> 0, 4]);
}

describe('UF2', () => {
  const good = formatFirmware(image, 'uf2', { family: UF2_FAMILIES.STM32F4 });

  it('keeps payloads within 256-byte pages and names the family', () => {
    expect(good.length).toBe(3 * 512);
    expect(parseUf2(good).details).toEqual({
      format: 'uf2',
      blocks: 3,
      families: [{ id: UF2_FAMILIES.STM32F4, name: 'STM32F4' }],
    });
  });

  it('completes pages when a fill is given', () => {
    const whole = parseUf2(formatFirmware(image, 'uf2', { fill: 0 })).image;
    expect(whole.range).toEqual({ start: 0x0800_0000, end: 0x0800_1100 });
    expect(whole.byteLength).toBe(3 * 256);
  });

  it('takes blocks in any order', () => {
    const [a, b, c] = [good.subarray(0, 512), good.subarray(512, 1024), good.subarray(1024)];
    expect(parseUf2(Uint8Array.of(...c, ...a, ...b)).image.equals(image)).toBe(true);
  });

  it.each([
    ['a missing block', good.subarray(0, 1024), 'image/truncated'],
    ['half a block', good.subarray(0, 1030), 'image/truncated'],
    ['4 G blocks', patched(good, [24, 0xffff_ffff, 4]), 'image/truncated'],
    ['a block number that is too large', patched(good, [20, 3, 4]), 'image/syntax'],
    ['a block number given twice', patched(good, [20, 1, 4]), 'image/overlap'],
    ['a payload that is too large', patched(good, [16, 477, 4]), 'image/syntax'],
    ['an address past the end', patched(good, [12, 0xffff_ffff, 4]), 'image/address'],
    ['a wrong last magic number', patched(good, [508, 0, 4]), 'image/syntax'],
    ['a file container', patched(good, [8, 0x1000, 4]), 'image/unsupported'],
    ['blocks for the same address', patched(good, [512 + 12, 0x0800_0080, 4]), 'image/overlap'],
  ])('refuses %s', (_what, file, code) => {
    expect(imageError(() => parseUf2(file)).code).toBe(code);
  });

  it('skips blocks that are not for flash', () => {
    const read = parseUf2(patched(good, [8, 0x2001, 4])).image;
    expect(read.range?.start).toBe(0x0800_0100);
  });

  it('takes one family from a file for several, and asks which when they collide', () => {
    const other = formatFirmware(new MemoryImage([{ address: 0x0800_0000, bytes: Uint8Array.of(9) }]), 'uf2', {
      family: 7,
    });
    const both = Uint8Array.of(...good, ...other);
    const error = imageError(() => parseFirmware(both));
    expect(error.message).toContain('STM32F4, 0x00000007');
    expect(parseFirmware(both, { family: UF2_FAMILIES.STM32F4 }).image.equals(image)).toBe(true);
    expect(parseFirmware(both, { family: 7 }).image.byteLength).toBe(1);
    expect(imageError(() => parseFirmware(both, { family: 8 })).code).toBe('image/empty');
  });
});

describe('raw binary', () => {
  it('needs an address and fits into 32 bits of it', () => {
    const file = Uint8Array.of(1, 2, 3);
    expect(imageError(() => parseFirmware(file)).code).toBe('image/no-address');
    expect(imageError(() => parseFirmware(file, { address: 0xffff_fffe })).code).toBe('image/address');
    expect(imageError(() => parseFirmware(file, { address: 0.5 })).code).toBe('image/address');
    expect(parseFirmware(file, { address: 8 }).image.segments).toEqual([{ address: 8, bytes: file }]);
  });

  it('is not written when nearly all of it would be gap', () => {
    const far = new MemoryImage([
      { address: 0x0800_0000, bytes: Uint8Array.of(1) },
      { address: 0x1fff_f800, bytes: Uint8Array.of(2) },
    ]);
    expect(imageError(() => formatFirmware(far, 'binary')).code).toBe('image/too-large');
  });
});

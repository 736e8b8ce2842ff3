/** Files that binutils, srecord and dfu-util made are read as what those tools say they hold. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { imageError } from '../testing/support.ts';
import { elfSections, elfSymbols } from './formats/elf-symbols.ts';
import { MemoryImage } from './memory-image.ts';
import { parseFirmware } from './parse.ts';

/** A file that another tool made: see fixtures/make.sh. */
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));

const parse = (name: string) => parseFirmware(fixture(name), { name });
const binaryAt = (address: number, name = 'app.bin') => new MemoryImage([{ address, bytes: fixture(name) }]);
const ENTRY = 0x0800_0041;

describe('one program in the files of objcopy, srec_cat and dfu-suffix', () => {
  it.each([
    ['app.elf', 0x0800_0000, ENTRY],
    ['app-stripped.elf', 0x0800_0000, ENTRY],
    ['app.hex', 0x0800_0000, ENTRY],
    ['app-crlf.hex', 0x0800_0000, ENTRY],
    ['app-cr.hex', 0x0800_0000, ENTRY],
    ['app.srec', 0x0800_0000, ENTRY],
    ['app-lf.srec', 0x0800_0000, ENTRY],
    ['app-s3.srec', 0x0800_0000, ENTRY],
    ['app.dfu', 0x0800_0000, undefined],
    ['srec-cat.hex', 0x0800_0000, undefined],
    ['srec-cat.s37', 0x0800_0000, undefined],
    ['srec-cat.s28', 0x0008_0000, undefined],
    ['srec-cat.s19', 0x0000_8000, undefined],
    ['srec-cat-16-bit.hex', 0x0000_4000, undefined],
    ['srec-cat-segmented.hex', 0x0000_fff8, undefined],
  ])('%s holds the bytes of app.bin', (name, address, entry) => {
    const firmware = parse(name);
    expect(firmware.image.segments).toEqual(binaryAt(address).segments);
    expect(firmware.entry).toBe(entry);
  });

  it('sparse files have their three pieces and their start address', () => {
    const repeat = (pattern: number[], length: number) =>
      Uint8Array.from({ length }, (_, i) => pattern[i % pattern.length] ?? 0);
    const expected = new MemoryImage([
      { address: 0x0800_0001, bytes: repeat([0xaa], 3) },
      { address: 0x0800_fff0, bytes: repeat([0x11, 0x22, 0x33], 33) },
      { address: 0x1fff_f800, bytes: repeat([0x5a, 0xa5], 16) },
    ]);
    for (const name of ['sparse.hex', 'sparse.srec']) {
      const { image, entry } = parse(name);
      expect(image.segments).toEqual(expected.segments);
      expect(entry).toBe(0x0800_0131);
    }
  });
});

describe('ELF files of gcc and ld', () => {
  it('a segment that goes to RAM is told apart and not programmed', () => {
    const { image, details } = parse('ram-code.elf');
    expect(image.equals(binaryAt(0x0800_0000, 'ram-code.bin'))).toBe(true);
    if (details.format !== 'elf') throw new Error(details.format);
    expect(details.segments).toHaveLength(3);
    expect(details.ramSegments).toMatchObject([
      { physicalAddress: 0x2000_024c, fileSize: 16, executable: true, writable: false },
    ]);
  });

  it('initialised data is programmed where it is stored, and .bss is not', () => {
    const { details } = parse('app.elf');
    if (details.format !== 'elf') throw new Error(details.format);
    expect(details.segments[1]).toMatchObject({
      physicalAddress: 0x0800_0078,
      virtualAddress: 0x2000_0000,
      fileSize: 0x4c,
      memorySize: 0x24c,
    });
  });

  it('ELF headers that ld mapped in front of the program are not programmed, as objcopy leaves them out', () => {
    const { image, details } = parse('mapped-headers.elf');
    expect(image.segments).toEqual(binaryAt(0x0800_0800, 'mapped-headers.bin').segments);
    if (details.format !== 'elf') throw new Error(details.format);
    expect(details.segments[0]).toMatchObject({ physicalAddress: 0x0800_0000, headerSize: 0x800 });
  });

  it('symbols are those that nm lists', () => {
    const listed = new TextDecoder().decode(fixture('ram-code.nm.txt')).trim().split('\n');
    const expected = listed.map((line) => {
      const [address = '', , name = ''] = line.split(' ');
      return `${name} ${Number.parseInt(address, 16)}`;
    });
    const symbols = [...elfSymbols(fixture('ram-code.elf'))].filter(
      (s) => s.type !== 'file' && !s.name.startsWith('$'),
    );
    const isThumb = (type: string, address: number) => (type === 'function' ? address - (address % 2) : address);
    expect(symbols.map((s) => `${s.name} ${isThumb(s.type, s.address)}`).sort()).toEqual(expected.sort());
    expect(symbols.find((s) => s.name === 'buffer')).toMatchObject({ size: 512, type: 'object', binding: 'global' });
    expect([...elfSymbols(fixture('app-stripped.elf'))]).toEqual([]);
  });

  it('sections have names, addresses and flags', () => {
    const sections = [...elfSections(fixture('app.elf'))];
    expect(sections.find((s) => s.name === '.data')).toMatchObject({
      address: 0x2000_0000,
      size: 0x4c,
      allocated: true,
      writable: true,
      executable: false,
    });
    expect(sections.map((s) => s.name)).toContain('.shstrtab');
  });
});

describe('DFU files with the suffix of dfu-suffix', () => {
  it('DfuSe targets and identification are read', () => {
    expect(parse('app.dfu').details).toEqual({
      format: 'dfuse',
      vendor: 0x0483,
      product: 0xdf11,
      device: 0x2200,
      specification: 0x011a,
      targets: [
        {
          alternate: 0,
          name: 'Internal Flash',
          elements: [{ address: 0x0800_0000, size: fixture('app.bin').length, fileOffset: 293 }],
        },
      ],
    });
  });

  it('a plain DFU file needs an address, and its suffix is not programmed', () => {
    const name = 'app-plain.dfu';
    expect(imageError(() => parse(name)).code).toBe('image/no-address');
    const { format, image, details } = parseFirmware(fixture(name), { name, address: 0x0800_4000 });
    expect(format).toBe('binary');
    expect(image.equals(binaryAt(0x0800_4000))).toBe(true);
    expect(details).toMatchObject({ dfuSuffix: { vendor: 0x0483, product: 0xdf11, specification: 0x0100 } });
  });
});

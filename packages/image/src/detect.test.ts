import { describe, expect, it } from 'vitest';
import { ascii, imageError } from '../testing/support.ts';
import { detectFormat, formatOfName } from './detect.ts';
import { FORMAT_NAMES } from './firmware.ts';
import { formatFirmware } from './format.ts';
import { writeSuffix } from './formats/dfu-suffix.ts';
import { MemoryImage } from './memory-image.ts';

const image = new MemoryImage([{ address: 0x0800_0000, bytes: Uint8Array.of(0, 0x50, 0, 0x20, 1, 2, 3, 4) }]);
const HEX = ':0400000001020304F2\n:00000001FF\n';

describe('detectFormat', () => {
  it.each(FORMAT_NAMES)('finds %s by content, whatever the name says', (format) => {
    const file = formatFirmware(image, format);
    const names = format === 'binary' ? [undefined, 'a.bin'] : [undefined, 'a.bin', 'a.HEX', 'a.s19', 'a'];
    for (const name of names) expect(detectFormat(file, name)).toBe(format);
  });

  it('finds text after a byte order mark and blank lines', () => {
    const mark = [0xef, 0xbb, 0xbf];
    expect(detectFormat(Uint8Array.of(...mark, ...ascii(`\r\n \n${HEX}`)))).toBe('intel-hex');
    expect(detectFormat(Uint8Array.of(...mark, ...ascii('\nS0030000FC\n')))).toBe('srec');
  });

  it('leaves a damaged first record to its parser, unless the name says binary', () => {
    expect(detectFormat(ascii(':10X\n'))).toBe('intel-hex');
    expect(imageError(() => detectFormat(ascii(':10X\n'), 'a.bin')).code).toBe('image/not-firmware');
    expect(detectFormat(ascii(HEX), 'a.bin')).toBe('intel-hex');
  });

  it.each([
    ['a.hex', 'Intel HEX'],
    ['a.elf', 'ELF'],
    ['dir.x/A.DFU', 'DfuSe'],
    ['a.uf2', 'UF2'],
    ['a.s19', 'S-record'],
  ])('refuses to take %s for raw binary when the content is not what the name promises', (name, title) => {
    const error = imageError(() => detectFormat(ascii('<!DOCTYPE html><html>'), name));
    expect(error.code).toBe('image/unknown-format');
    expect(error.message).toContain(title);
    expect(error.message).toContain('an HTML page');
  });

  it.each(['fw', 'fw.img', 'fw.apj', 'dir.bin/fw'])('takes %s for raw binary only when that is said', (name) => {
    const file = formatFirmware(image, 'binary');
    const error = imageError(() => detectFormat(file, name));
    expect(error.code).toBe('image/unknown-format');
    expect(error.message).toContain('the bytes 00 50 00 20');
  });

  it('takes a file that ends in a DFU suffix for raw binary, and refuses one whose suffix is damaged', () => {
    const file = new Uint8Array(64);
    file.set(image.segments[0]?.bytes ?? []);
    writeSuffix(file, { vendor: 0x0483, product: 0xdf11, device: 0xffff, specification: 0x0100 });
    const damaged = file.slice();
    damaged[20] = 1;
    for (const name of ['a.dfu', 'a.bin', 'a']) {
      expect(detectFormat(file, name)).toBe('binary');
      expect(imageError(() => detectFormat(damaged, name)).code).toBe('image/checksum');
    }
  });

  it('says what to do with UTF-16 text and with nothing', () => {
    expect(imageError(() => detectFormat(Uint8Array.of(0xff, 0xfe, 0x3a, 0, 0x31, 0), 'a.hex')).message).toMatch(
      /UTF-16/,
    );
    expect(imageError(() => detectFormat(new Uint8Array(0), 'a.hex')).code).toBe('image/empty');
  });
});

describe('formatOfName', () => {
  it('looks at the ending only, in either case', () => {
    expect(formatOfName('C:\\out\\fw.S37')).toBe('srec');
    expect(formatOfName('fw.hex.bak')).toBeUndefined();
    expect(formatOfName('hex')).toBeUndefined();
    expect(formatOfName('dir.hex/fw')).toBeUndefined();
  });
});

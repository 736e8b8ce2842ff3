/**
 * Every format at once: what is written is read again, and no bytes whatever end in anything but a result or an
 * ImageError.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascii, imageError, resultOrImageError, sparseImage } from '../testing/support.ts';
import { type Firmware, FORMAT_NAMES, type FormatName } from './firmware.ts';
import { formatFirmware } from './format.ts';
import { MemoryImage } from './memory-image.ts';
import { parseFirmware } from './parse.ts';

const ADDRESSED: readonly FormatName[] = ['elf', 'intel-hex', 'srec', 'dfuse', 'uf2'];
const SMALL = new MemoryImage([
  { address: 0x0800_0000, bytes: Uint8Array.from({ length: 40 }, (_, i) => 255 - i) },
  { address: 0x0800_fff0, bytes: Uint8Array.from({ length: 33 }, (_, i) => i * 7) },
]);

describe('formatFirmware and parseFirmware', () => {
  it.each(ADDRESSED)('%s gives back exactly what was written', (format) => {
    fc.assert(
      fc.property(sparseImage(), (image) => {
        const firmware = parseFirmware(formatFirmware(image, format));
        expect(firmware.format).toBe(format);
        expect(firmware.details.format).toBe(format);
        expect(firmware.image.segments).toEqual(image.segments);
      }),
      { numRuns: 200 },
    );
  });

  it('binary gives back what was written, with gaps filled', () => {
    fc.assert(
      fc.property(sparseImage(), fc.option(fc.nat(255)), (image, fill) => {
        const range = image.range ?? { start: 0, end: 0 };
        const file = formatFirmware(image, 'binary', fill === null ? {} : { fill });
        const firmware = parseFirmware(file, { format: 'binary', address: range.start });
        expect(firmware.image.segments).toEqual([{ address: range.start, bytes: image.read(range, fill ?? 0xff) }]);
      }),
    );
  });

  it.each(['elf', 'intel-hex', 'srec'] as const)('%s keeps the entry address', (format) => {
    for (const entry of [0x41, 0x0800_0131, 0xffff_ffff])
      expect(parseFirmware(formatFirmware(SMALL, format, { entry })).entry).toBe(entry);
    expect(parseFirmware(formatFirmware(SMALL, format)).entry).toBeUndefined();
  });

  it.each(FORMAT_NAMES)('%s refuses to write an empty image', (format) => {
    expect(imageError(() => formatFirmware(new MemoryImage([]), format)).code).toBe('image/empty');
  });

  it('numbers that do not fit are refused before anything is written', () => {
    for (const options of [{ entry: -1 }, { entry: 2 ** 32 }, { fill: 256 }, { family: 0.5 }])
      expect(imageError(() => formatFirmware(SMALL, 'uf2', options)).code).toBe('image/address');
  });

  it.each(ADDRESSED)('%s takes no other address than its own', (format) => {
    const file = formatFirmware(SMALL, format);
    expect(parseFirmware(file, { address: 0x0800_0000 }).format).toBe(format);
    expect(imageError(() => parseFirmware(file, { address: 0x0800_4000 }))).toMatchObject({
      code: 'image/address',
      facts: { address: 0x0800_4000, expected: '0x08000000' },
    });
  });
});

const formatOrNone = (parse: () => Firmware) => resultOrImageError(parse)?.format;
const isFormatOrNone = (format: unknown) => format === undefined || FORMAT_NAMES.some((name) => name === format);

describe('arbitrary bytes end in firmware or an ImageError', () => {
  const prefixes = [
    [],
    [...ascii(':')],
    [...ascii('S1')],
    [...ascii('S0030000FC\nS3')],
    [...ascii('DfuSe\u0001')],
    [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 40, 0],
    [0x55, 0x46, 0x32, 0x0a, 0x57, 0x51, 0x5d, 0x9e],
  ];

  it('with the start of each format and any rest', () => {
    const rest = fc.oneof(fc.uint8Array({ maxLength: 1200 }), fc.stringMatching(/^[0-9A-FS:\r\n]*$/).map(ascii));
    const cases = fc.tuple(fc.constantFrom(...prefixes), rest, fc.constantFrom(...FORMAT_NAMES, undefined));
    fc.assert(
      fc.property(cases, ([prefix, bytes, format]) => {
        const file = Uint8Array.of(...prefix, ...bytes);
        const options = { address: 0, ...(format ? { format } : {}) };
        expect(formatOrNone(() => parseFirmware(file, options))).toSatisfy(isFormatOrNone);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(FORMAT_NAMES)('with bytes of a good %s file changed, removed or doubled', (format) => {
    const good = formatFirmware(SMALL, format === 'binary' ? 'intel-hex' : format, { entry: 0x0800_0001 });
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    const cases = fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(good.length), fc.nat(40));
    fc.assert(
      fc.property(cases, ([changes, cut, length]) => {
        const file = Uint8Array.of(...good.subarray(0, cut), ...good.subarray(Math.min(cut + length, good.length)));
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        expect(formatOrNone(() => parseFirmware(file))).toSatisfy(isFormatOrNone);
        expect(formatOrNone(() => parseFirmware(file, { format }))).toSatisfy(isFormatOrNone);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a damaged file is never taken for another image', () => {
  it.each(['intel-hex', 'srec', 'dfuse'] as const)('%s: any single changed byte is noticed', (format) => {
    const good = formatFirmware(SMALL, format, { entry: 0x0800_0001, header: 'x' });
    const unnoticed: number[] = [];
    for (let at = 0; at < good.length; at++) {
      // The checksum of an S-record does not cover its type: S3 and S2 with the same digits are both right.
      if (format === 'srec' && good[at - 1] === 0x53) continue;
      for (const flip of [0x01, 0x04, 0x10, 0x80]) {
        const file = good.slice();
        file[at] = (file[at] ?? 0) ^ flip;
        const firmware = resultOrImageError(() => parseFirmware(file, { format }));
        // A line end may turn into another blank; nothing else may change unnoticed.
        if (firmware && (format === 'dfuse' || !firmware.image.equals(SMALL))) unnoticed.push(at);
      }
    }
    expect(unnoticed).toEqual([]);
  });

  it.each(ADDRESSED)('%s: a file that is cut anywhere is refused, or still says the same', (format) => {
    const good = formatFirmware(SMALL, format);
    const unnoticed: number[] = [];
    for (let length = 0; length < good.length; length++) {
      const firmware = resultOrImageError(() => parseFirmware(good.subarray(0, length), { format }));
      if (firmware && !firmware.image.equals(SMALL)) unnoticed.push(length);
    }
    expect(unnoticed).toEqual([]);
  });
});

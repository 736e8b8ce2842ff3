/** Intel HEX and S-records: what is wrong is told with the line, what was expected and what was found. */
import { describe, expect, it } from 'vitest';
import { ascii, imageError } from '../../testing/support.ts';
import { formatFirmware } from '../format.ts';
import { MemoryImage } from '../memory-image.ts';
import { formatIntelHex, parseIntelHex } from './intel-hex.ts';
import { formatSrec, parseSrec } from './srec.ts';

const DATA = ':0400000001020304F2';
const END = ':00000001FF';
const hexFile = (...lines: string[]) => ascii(`${lines.join('\n')}\n`);

describe('Intel HEX', () => {
  it.each([
    ['a wrong checksum', [DATA, ':0400100001020304E3', END], 'image/checksum', 2, '0xE2', '0xE3'],
    ['an odd number of digits', [':040000000102030F2', END], 'image/syntax', 1, '18 digits', '17'],
    ['a wrong length', [':0500000001020304F2', END], 'image/syntax', 1, '20 digits', '18'],
    ['an illegal character', ['', ':04000000O1020304F2', END], 'image/syntax', 2, 'hexadecimal', "'O' in column 10"],
    ['a comment', [`${DATA} ;x`, END], 'image/syntax', 1, 'hexadecimal', 'column 20'],
    ['a line that is no record', [DATA, '04001000', END], 'image/syntax', 2, "':'", "'0'"],
    ['a missing end', [DATA], 'image/truncated', 2, ':00000001FF', 'end of the file'],
    ['data after the end', [END, DATA], 'image/syntax', 2, 'end of the file', 'another line'],
    ['an unknown record type', [DATA, ':00000006FA', END], 'image/unsupported', 2, '00 to 05', '0x06'],
    ['a short address record', [':0100000408F3', END], 'image/syntax', 1, '2 bytes', '1'],
    ['an address given twice', [DATA, ':0100030055A7', END], 'image/overlap', 2, 'once', 'line 1'],
    ['an address past the end', [':02000004FFFFFC', ':04FFFE0000000000FF', END], 'image/address', 2, '0xFFFFFFFF', ''],
  ])('refuses %s', (_what, lines, code, line, expected, found) => {
    const error = imageError(() => parseIntelHex(hexFile(...lines)));
    expect(error).toMatchObject({ code, facts: { line } });
    expect(error.facts.expected).toContain(expected);
    expect(error.facts.found ?? '').toContain(found);
    expect(error.message).toMatch(new RegExp(`^Line ${line}: .*\\.$`));
  });

  it('tells a file that ends inside a record from a wrong record', () => {
    expect(imageError(() => parseIntelHex(ascii(`${DATA}\n:0400100001`))).code).toBe('image/truncated');
    expect(imageError(() => parseIntelHex(ascii(':'))).code).toBe('image/truncated');
  });

  it('refuses a file without data', () => {
    expect(imageError(() => parseIntelHex(hexFile(END))).code).toBe('image/empty');
  });

  it('wraps within 64 KB under a segment base and not under a linear one', () => {
    const data = ':04FFFE0001020304F5';
    const segmented = parseIntelHex(hexFile(':020000021000EC', data, END));
    expect(segmented.image.segments).toEqual([
      { address: 0x10000, bytes: Uint8Array.of(3, 4) },
      { address: 0x1fffe, bytes: Uint8Array.of(1, 2) },
    ]);
    const linear = parseIntelHex(hexFile(':020000040001F9', data, END));
    expect(linear.image.segments).toEqual([{ address: 0x1fffe, bytes: Uint8Array.of(1, 2, 3, 4) }]);
  });

  it('reads a segmented start address, lower-case digits and records in any order', () => {
    const { entry, details, image } = parseIntelHex(hexFile(':04000003f000001ced', ':0100040005f6', DATA, END));
    expect(entry).toBe(0xf001c);
    expect(details).toEqual({ format: 'intel-hex', dataRecords: 2, startSegment: { cs: 0xf000, ip: 0x1c } });
    expect(image.segments).toEqual([{ address: 0, bytes: Uint8Array.of(1, 2, 3, 4, 5) }]);
  });

  it('writes the records that the specification shows', () => {
    const image = new MemoryImage([{ address: 0x0800_fff8, bytes: Uint8Array.from({ length: 12 }, (_, i) => i) }]);
    expect(new TextDecoder().decode(formatIntelHex(image, { entry: 0x0800_0131 }))).toBe(
      [
        ':020000040800F2',
        ':08FFF8000001020304050607E5',
        ':020000040801F1',
        ':0400000008090A0BD6',
        ':0400000508000131BD',
        END,
        '',
      ].join('\n'),
    );
  });
});

describe('S-records', () => {
  const S1 = 'S107000001020304EE';
  const S9 = 'S9030000FC';

  it.each([
    ['a wrong checksum', ['S0030000FC', 'S107000001020304EF', S9], 'image/checksum', 2, '0xEE', '0xEF'],
    ['a wrong length', ['S108000001020304EE', S9], 'image/syntax', 1, '18 digits', '16'],
    ['a length below its type', ['S1020000FD', S9], 'image/syntax', 1, 'at least 8 digits', '8'],
    ['an odd number of digits', ['S10700000102034EE', S9], 'image/syntax', 1, '16 digits', '15'],
    ['an illegal character', ['S1070000010203G4EE', S9], 'image/syntax', 1, 'hexadecimal', "'G' in column 15"],
    ['a reserved type', ['S4030000FC', S9], 'image/unsupported', 1, 'S0 to S3', 'S4'],
    ['a missing termination', [S1], 'image/truncated', 2, 'termination', 'end of the file'],
    ['a wrong count', [S1, 'S5030002FA', S9], 'image/truncated', 2, '2', '1'],
    ['more after the termination', [S9, S1], 'image/syntax', 2, 'end of the file', 'another line'],
    ['an address given twice', [S1, S1, S9], 'image/overlap', 2, 'once', 'line 1'],
    ['an address past the end', ['S307FFFFFFFF0000FC', S9], 'image/address', 1, '0xFFFFFFFF', ''],
    ['a line that is no record', [S1, 'T9'], 'image/syntax', 2, "'S' and a digit", "'T'"],
  ])('refuses %s', (_what, lines, code, line, expected, found) => {
    const error = imageError(() => parseSrec(hexFile(...lines)));
    expect(error).toMatchObject({ code, facts: { line } });
    expect(error.facts.expected).toContain(expected);
    expect(error.facts.found ?? '').toContain(found);
  });

  it('takes a right count at the end for a complete file', () => {
    expect(parseSrec(hexFile(S1, 'S5030001FB')).image.byteLength).toBe(4);
    expect(imageError(() => parseSrec(hexFile(S1, 'S5030001FB', 'S1040010AA41'))).code).toBe('image/truncated');
  });

  it.each([
    [0xffff, 0, '1', '9'],
    [0x1_0000, 0, '2', '8'],
    [0xff_ffff, 0, '2', '8'],
    [0x100_0000, 0, '3', '7'],
    [0x10, 0x0800_0131, '3', '7'],
  ])('writes the shortest address form for a byte at %i with entry %i', (address, entry, data, termination) => {
    const image = new MemoryImage([{ address, bytes: Uint8Array.of(1) }]);
    const lines = new TextDecoder()
      .decode(formatSrec(image, { entry, header: 'hi' }))
      .trim()
      .split('\n');
    expect(lines.map((line) => line[1])).toEqual(['0', data, '5', termination]);
  });

  it('keeps the header text', () => {
    const image = new MemoryImage([{ address: 0, bytes: Uint8Array.of(1) }]);
    expect(parseSrec(formatFirmware(image, 'srec', { header: 'Größe €' })).details).toMatchObject({
      header: 'Größe ?',
    });
  });
});

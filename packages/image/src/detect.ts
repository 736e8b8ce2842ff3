/** Which format a file has: its content decides, its name only what the content leaves open. It parses nothing. */

import { FORMAT_NAMES, type FormatName } from './firmware.ts';
import { foreignContent } from './foreign-content.ts';
import { ImageError } from './format-error.ts';
import { hasSuffix } from './formats/dfu-suffix.ts';
import { isDfuse } from './formats/dfuse.ts';
import { isElf } from './formats/elf-header.ts';
import { COLON } from './formats/intel-hex.ts';
import { hexByte, startOfText } from './formats/records.ts';
import { LETTER_S } from './formats/srec.ts';
import { isUf2 } from './formats/uf2.ts';

/** What each format is called in messages. */
export const FORMAT_TITLES: Readonly<Record<FormatName, string>> = {
  elf: 'ELF',
  'intel-hex': 'Intel HEX',
  srec: 'S-record',
  binary: 'raw binary',
  dfuse: 'DfuSe',
  uf2: 'UF2',
};

/** File name endings, without the dot, of each format. The first is the usual one. */
export const FORMAT_EXTENSIONS: Readonly<Record<FormatName, readonly string[]>> = {
  elf: ['elf', 'axf', 'out'],
  'intel-hex': ['hex', 'ihex', 'ihx', 'mcs'],
  srec: ['srec', 's19', 's28', 's37', 'mot', 's'],
  binary: ['bin', 'raw'],
  dfuse: ['dfu'],
  uf2: ['uf2'],
};

/** The format that the ending of a file name stands for. */
export function formatOfName(name: string): FormatName | undefined {
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase();
  return FORMAT_NAMES.find((format) => extension !== undefined && FORMAT_EXTENSIONS[format].includes(extension));
}

/**
 * Finds the format. Content that has a format's signature is that format, whatever the name says. Content without one is
 * raw binary where the name says so or ends in a DFU suffix, and where no name is given. It is refused where it is
 * certainly no firmware, whatever its name.
 * @throws ImageError `image/unknown-format`, `image/not-firmware`, `image/checksum` (a DFU suffix that is damaged),
 * `image/empty`, `image/unsupported` (UTF-16 text)
 */
export function detectFormat(file: Uint8Array, name?: string): FormatName {
  if (file.length === 0) throw new ImageError('image/empty', 'The file is empty.');
  const named = name === undefined ? undefined : formatOfName(name);
  const found = formatOfContent(file, named === 'binary');
  if (found) return found;
  refuseUtf16(file);
  const foreign = foreignContent(file);
  if (foreign !== undefined && (named === undefined || named === 'binary')) throw notFirmware(foreign);
  if (hasSuffix(file)) return 'binary';
  if (named === 'binary' || name === undefined) return 'binary';
  const looks = foreign ?? firstBytes(file);
  if (named === undefined) throw unknownEnding(name, looks);
  throw new ImageError(
    'image/unknown-format',
    `The name ${name} promises ${FORMAT_TITLES[named]}, but the content is not: expected ${SIGNATURES[named]}, found ${looks}.`,
    { offset: 0, expected: SIGNATURES[named], found: looks },
  );
}

const SIGNATURES: Readonly<Record<FormatName, string>> = {
  elf: 'the bytes 7F 45 4C 46 at the start',
  'intel-hex': "a first line of ':' and hexadecimal digits",
  srec: "a first line of 'S', a digit and hexadecimal digits",
  binary: 'anything',
  dfuse: "'DfuSe' at the start",
  uf2: 'the bytes 55 46 32 0A 57 51 5D 9E at the start',
};

function formatOfContent(file: Uint8Array, namedBinary: boolean): FormatName | undefined {
  if (isElf(file)) return 'elf';
  if (isDfuse(file)) return 'dfuse';
  if (isUf2(file)) return 'uf2';
  const at = firstCharacter(file);
  const second = file[at + 1] ?? 0;
  if (file[at] === COLON && startsRecord(file, at + 1, namedBinary)) return 'intel-hex';
  if (file[at] === LETTER_S && isDigit(second) && startsRecord(file, at + 2, namedBinary)) return 'srec';
  return undefined;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function firstCharacter(file: Uint8Array): number {
  let at = startOfText(file);
  while (at < file.length && isSpace(file[at])) at++;
  return at;
}

function isSpace(code: number | undefined): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/**
 * A damaged record is still a record, and its parser says what is wrong; a file that is named binary needs a whole
 * one.
 */
function startsRecord(file: Uint8Array, at: number, whole: boolean): boolean {
  if (!whole) return hexByte(file, at) <= 0xff;
  let next = at;
  while (hexByte(file, next) <= 0xff) next += 2;
  return next - at >= 6 && (next >= file.length || isSpace(file[next]));
}

/** A text format that an editor or a shell has saved in UTF-16, with its byte order mark or without. */
function refuseUtf16(file: Uint8Array): void {
  const littleEndian = file[0] === 0xff && file[1] === 0xfe;
  const bigEndian = file[0] === 0xfe && file[1] === 0xff;
  const at = littleEndian || bigEndian ? 2 : 0;
  const [low = 0, high = 0, next] = file.subarray(at);
  const first = low === 0 ? high : low;
  const isWide = low === 0 || (high === 0 && next !== undefined && next !== 0);
  if (!isWide || (first !== COLON && first !== LETTER_S) || foreignContent(file) === undefined) return;
  throw new ImageError('image/unsupported', 'The file is UTF-16 text: save it as ASCII or UTF-8 text.', {
    offset: 0,
    expected: 'ASCII text',
    found: 'UTF-16 text',
  });
}

function notFirmware(found: string): ImageError {
  return new ImageError('image/not-firmware', `This is ${found}, not firmware.`, {
    offset: 0,
    expected: 'firmware',
    found,
  });
}

/** Nothing says that this is firmware: neither its content nor its name. */
function unknownEnding(name: string, found: string): ImageError {
  return new ImageError(
    'image/unknown-format',
    `Neither the content nor the ending of ${name} tells a format: the file begins with ${found}.`,
    { offset: 0, expected: 'a known format, or an ending that says raw binary (.bin)', found },
  );
}

function firstBytes(file: Uint8Array): string {
  const bytes = Array.from(file.subarray(0, 8), (byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
  return `the bytes ${bytes.join(' ')}`;
}

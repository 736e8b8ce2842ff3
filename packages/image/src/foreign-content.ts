/** Names content that is no firmware: web pages, archives, pictures, text. It looks at signatures only and unpacks nothing. */
import { ascii, SIGNATURES_OF_OTHERS, STARTS_OF_TEXTS } from './foreign-signatures.ts';
import { hasBytes, textAt, viewOf } from './formats/bytes.ts';
import { startOfText } from './formats/records.ts';

const START_LENGTH = 64;

/** What this content is, with its article, where that is certainly no firmware: `a ZIP archive`, `text`. */
export function foreignContent(file: Uint8Array): string | undefined {
  const binary = SIGNATURES_OF_OTHERS.find(({ offset = 0, bytes }) => hasBytes(file, offset, bytes));
  if (binary) return binary.title;
  const formed = FORMED.find(([, is]) => is(file));
  if (formed) return formed[0];
  const isWide = isUtf16(file);
  if (!isWide && !isText(file)) return undefined;
  const start = (isWide ? narrowStart(file) : textAt(file, startOfText(file), START_LENGTH)).trimStart().toLowerCase();
  const title = STARTS_OF_TEXTS.find(([expected]) => start.startsWith(expected))?.[1];
  return title ?? (isWide ? 'UTF-16 text' : 'text');
}

/** What two or three bytes alone do not tell: a header whose fields agree with each other. */
const FORMED: readonly (readonly [title: string, is: (file: Uint8Array) => boolean])[] = [
  ['a Windows program', isWindowsProgram],
  ['a DOS program', isDosProgram],
  ['a tar archive', isOldTar],
  ['an LZMA archive', isLzma],
  ['data that zlib has packed', isZlib],
  ['a BMP picture', isBitmap],
];

const PE_POINTER = 0x3c;

/** A DOS header that points to a PE header (PE format, §2 and §3). */
function isWindowsProgram(file: Uint8Array): boolean {
  if (file.length < PE_POINTER + 4 || !hasBytes(file, 0, ascii('MZ'))) return false;
  return hasBytes(file, viewOf(file).getUint32(PE_POINTER, true), [...ascii('PE'), 0, 0]);
}

/** The header without a PE header: the size of the last page, the number of pages, and of paragraphs of the header. */
function isDosProgram(file: Uint8Array): boolean {
  if (file.length < PE_POINTER + 4 || !hasBytes(file, 0, ascii('MZ')) || mayBeStackPointer(file)) return false;
  const half = (at: number): number => viewOf(file).getUint16(at, true);
  return half(2) < 512 && half(4) > 0 && half(8) >= 2 && half(8) <= 64;
}

const TAR_HEADER = 512;
const TAR_SUM = { start: 148, end: 156 } as const;

/** A header without `ustar`, whose sum is right (POSIX.1-1988 §10.1.1): the field of the sum itself counts as blanks. */
function isOldTar(file: Uint8Array): boolean {
  if (file.length < TAR_HEADER || file[0] === 0) return false;
  const stated = Number.parseInt(textAt(file, TAR_SUM.start, 8).trim(), 8);
  const sum = file
    .subarray(0, TAR_HEADER)
    .reduce((all, byte, at) => all + (at >= TAR_SUM.start && at < TAR_SUM.end ? 0x20 : byte), 0);
  return stated === sum;
}

/** Properties with the usual lc, lp and pb, a dictionary, and a size that is unknown or below 4 GB (LZMA specification). */
function isLzma(file: Uint8Array): boolean {
  if (file.length < 14 || !hasBytes(file, 0, [0x5d, 0, 0]) || mayBeStackPointer(file)) return false;
  const view = viewOf(file);
  const high = view.getUint32(9, true);
  return file[13] === 0 && (high === 0 || (high === 0xffff_ffff && view.getUint32(5, true) === high));
}

/** RFC 1950 §2.2 with a window of 32 KB and no dictionary, and the type of the first block (RFC 1951 §3.2.3). */
function isZlib(file: Uint8Array): boolean {
  const [method = 0, flags = 0, first = 0] = file;
  if (file.length < 16 || method !== 0x78 || mayBeStackPointer(file)) return false;
  const usual = flags === 0x01 || flags === 0x5e || flags === 0x9c || flags === 0xda;
  return usual && (first & 6) !== 6;
}

/** The size that the header states is that of the file (BITMAPFILEHEADER). */
function isBitmap(file: Uint8Array): boolean {
  return hasBytes(file, 0, ascii('BM')) && file.length > 26 && viewOf(file).getUint32(2, true) === file.length;
}

/** Whether the first word points into what may be the RAM of an STM32, as that of a vector table does. */
function mayBeStackPointer(file: Uint8Array): boolean {
  const word = viewOf(file).getUint32(0, true);
  return word >= 0x1000_0000 && word < 0x4000_0000;
}

/** Enough to tell text from code: code has a byte that no text has within its first few words. */
const TEXT_LOOKED_AT = 0x1_0000;

/** Whether all of it, as far as it is looked at, can be seen as characters: no control characters but those of text. */
function isText(file: Uint8Array): boolean {
  const whole = file.length <= TEXT_LOOKED_AT;
  const head = whole ? file : file.subarray(0, TEXT_LOOKED_AT);
  if (!head.every(isCharacter)) return false;
  return head.every((byte) => byte < 0x7f) || isUtf8(head, whole) || isWestern(head);
}

const isCharacter = (code: number): boolean =>
  (code >= 0x20 && code !== 0x7f) || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;

/** The last character may be cut off where the file goes on. */
function isUtf8(bytes: Uint8Array, whole: boolean): boolean {
  for (let cut = 0; cut < (whole ? 1 : 4); cut++) {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytes.length - cut));
      return true;
    } catch {
      // Not at this place.
    }
  }
  return false;
}

/** Fewer bytes may be anything. */
const LEAST_WESTERN = 16;

/** Latin-1 or Windows-1252: text of which nine characters of ten are ASCII. */
function isWestern(bytes: Uint8Array): boolean {
  const others = bytes.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  return bytes.length >= LEAST_WESTERN && others * 10 <= bytes.length;
}

/** Without a byte order mark: so many characters, so that a small table of numbers is not taken for text. */
const LEAST_WIDE = 16;
const BYTE_ORDER_MARK = 0xfeff;

/** UTF-16 of either order: with its mark a quarter of ASCII or more, without it nothing else. */
function isUtf16(file: Uint8Array): boolean {
  const head = file.subarray(0, Math.min(file.length & ~1, TEXT_LOOKED_AT));
  return head.length >= 4 && (isUtf16Of(head, true) || isUtf16Of(head, false));
}

function isUtf16Of(head: Uint8Array, littleEndian: boolean): boolean {
  const view = viewOf(head);
  const marked = view.getUint16(0, littleEndian) === BYTE_ORDER_MARK;
  const first = marked ? 2 : 0;
  const count = (head.length - first) / 2;
  if (!marked && count < LEAST_WIDE) return false;
  let plain = 0;
  for (let at = first; at < head.length; at += 2) {
    const code = view.getUint16(at, littleEndian);
    if (!isCharacter(code)) return false;
    if (code < 0x7f) plain++;
    else if (!marked) return false;
  }
  return plain * 4 >= count;
}

/** The first characters of UTF-16, as far as they are ASCII. */
function narrowStart(file: Uint8Array): string {
  const codes = file.subarray(0, 2 * START_LENGTH).filter((byte) => byte > 0 && byte < 0x80);
  return String.fromCharCode(...codes);
}

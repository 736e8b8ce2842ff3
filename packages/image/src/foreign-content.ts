/** Names content that is no firmware: web pages, archives, pictures, text. It looks at signatures only and parses nothing. */
import { hasBytes, textAt } from './formats/bytes.ts';
import { startOfText } from './formats/records.ts';

interface ContentSignature {
  readonly title: string;
  readonly offset?: number;
  readonly bytes: readonly number[];
}

const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

/** Each begins with bytes that no vector table begins with, or has more than eight bits of signature where it may. */
const BINARY: readonly ContentSignature[] = [
  { title: 'a ZIP archive', bytes: [...ascii('PK'), 3, 4] },
  { title: 'an empty ZIP archive', bytes: [...ascii('PK'), 5, 6] },
  { title: 'a gzip archive', bytes: [0x1f, 0x8b, 8] },
  { title: 'a bzip2 archive', bytes: ascii('BZh') },
  { title: 'an xz archive', bytes: [0xfd, ...ascii('7zXZ'), 0] },
  { title: 'a Zstandard archive', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { title: 'an LZ4 archive', bytes: [0x04, 0x22, 0x4d, 0x18] },
  { title: 'a 7-Zip archive', bytes: [...ascii('7z'), 0xbc, 0xaf, 0x27, 0x1c] },
  { title: 'a RAR archive', bytes: ascii('Rar!') },
  { title: 'a tar archive', offset: 257, bytes: ascii('ustar') },
  { title: 'a static library or a Debian package', bytes: ascii('!<arch>') },
  { title: 'a cabinet archive', bytes: ascii('MSCF') },
  { title: 'a PDF document', bytes: ascii('%PDF-') },
  { title: 'a PNG picture', bytes: [0x89, ...ascii('PNG')] },
  { title: 'a JPEG picture', bytes: [0xff, 0xd8, 0xff] },
  { title: 'a GIF picture', bytes: ascii('GIF8') },
  { title: 'a macOS program', bytes: [0xcf, 0xfa, 0xed, 0xfe] },
  { title: 'a macOS program', bytes: [0xca, 0xfe, 0xba, 0xbe] },
  { title: 'a WebAssembly module', bytes: [0, ...ascii('asm')] },
  { title: 'a SQLite database', bytes: ascii('SQLite format 3') },
  { title: 'UTF-16 text', bytes: [0xff, 0xfe, 0x3c, 0x00] },
  { title: 'UTF-16 text', bytes: [0xff, 0xfe, 0x7b, 0x00] },
];

/** By their first characters, in lower case. */
const TEXTUAL: readonly (readonly [start: string, title: string])[] = [
  ['<!doctype html', 'an HTML page'],
  ['<html', 'an HTML page'],
  ['<head', 'an HTML page'],
  ['<?xml', 'an XML document'],
  ['<svg', 'an SVG picture'],
  ['<', 'a web page or an XML document'],
  ['{', 'a JSON document'],
  ['[', 'a JSON document'],
  ['version https://git-lfs', 'a Git LFS pointer, not the file that it stands for'],
  ['/annex/objects', 'a git-annex pointer, not the file that it stands for'],
  ['-----begin', 'a key or a certificate'],
  ['#!', 'a script'],
];

/** Enough to tell text from code: code has a byte that no text has within its first few words. */
const TEXT_LOOKED_AT = 0x1_0000;
const START_LENGTH = 64;
const PE_POINTER = 0x3c;

/** What this content is, with its article, where that is certainly no firmware: `a ZIP archive`, `text`. */
export function foreignContent(file: Uint8Array): string | undefined {
  const binary = BINARY.find(({ offset = 0, bytes }) => hasBytes(file, offset, bytes));
  if (binary) return binary.title;
  if (isWindowsProgram(file)) return 'a Windows program';
  if (!isText(file)) return undefined;
  const start = textAt(file, startOfText(file), START_LENGTH).trimStart().toLowerCase();
  return TEXTUAL.find(([expected]) => start.startsWith(expected))?.[1] ?? 'text';
}

/** A DOS header that points to a PE header (PE format, §2 and §3). */
function isWindowsProgram(file: Uint8Array): boolean {
  if (file.length < PE_POINTER + 4 || !hasBytes(file, 0, ascii('MZ'))) return false;
  const at = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(PE_POINTER, true);
  return hasBytes(file, at, [...ascii('PE'), 0, 0]);
}

/** Whether all of it, as far as it is looked at, can be seen as characters: UTF-8 without control characters. */
function isText(file: Uint8Array): boolean {
  const whole = file.length <= TEXT_LOOKED_AT;
  const head = whole ? file : file.subarray(0, TEXT_LOOKED_AT);
  if (head.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c))
    return false;
  if (head.every((byte) => byte < 0x7f)) return true;
  return isUtf8(head, whole);
}

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

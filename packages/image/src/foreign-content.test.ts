import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ascii, imageError } from '../testing/support.ts';
import { detectFormat } from './detect.ts';
import { foreignContent } from './foreign-content.ts';

const windowsProgram = new Uint8Array(128);
windowsProgram.set(ascii('MZ'));
windowsProgram.set([64], 0x3c);
windowsProgram.set([...ascii('PE'), 0, 0], 64);
const tar = new Uint8Array(512);
tar.set(ascii('fw.bin'));
tar.set(ascii('ustar'), 257);

/** A header of the tar that was before `ustar`: its sum is right, and nothing else tells it. */
const oldTar = new Uint8Array(1024);
oldTar.set(ascii('firmware.bin'));
oldTar.set(ascii('0000644'), 100);
oldTar.set(ascii('00000001000'), 124);
oldTar.fill(0x20, 148, 156);
oldTar.set(
  ascii(
    oldTar
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0'),
  ),
  148,
);
oldTar[154] = 0;

const packed = Uint8Array.from({ length: 400 }, (_, i) => Math.imul(i + 7, 0x9e37_79b1) >>> 24);
const behind = (...head: readonly Iterable<number>[]): Uint8Array =>
  Uint8Array.from([...head.flatMap((part) => [...part]), ...packed]);
const word = (value: number): number[] => [...new Uint8Array(Uint32Array.of(value).buffer)];
const utf16 = (text: string, mark = true): Uint8Array =>
  new Uint8Array(Uint16Array.from(`${mark ? '\ufeff' : ''}${text}`, (letter) => letter.charCodeAt(0)).buffer);
const swapped = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (_, i) => bytes[i ^ 1] ?? 0);
const dosProgram = behind(ascii('MZ'), [0x90, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0xff, 0xff]);
const dosOf = new Uint8Array(512);
dosOf.set(dosProgram.subarray(0, 14));

const FOREIGN: readonly (readonly [title: string, content: Uint8Array])[] = [
  ['an HTML page', ascii('\n <!DOCTYPE html>\n<html><body>404</body></html>')],
  ['an HTML page', Uint8Array.of(0xef, 0xbb, 0xbf, ...ascii('<html lang="de">Nicht gefunden: \u00fc</html>'))],
  ['an XML document', ascii('<?xml version="1.0"?><error/>')],
  ['a JSON document', ascii('{ "message": "Not Found" }')],
  [
    'a Git LFS pointer, not the file that it stands for',
    ascii('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
  ],
  ['text', ascii('404: Not Found')],
  ['a ZIP archive', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0)],
  ['a gzip archive', gzipSync(Buffer.from('firmware'))],
  ['a tar archive', tar],
  ['a Windows program', windowsProgram],
  ['a tar archive', oldTar],
  ['a DOS program', dosOf],
  ['an LZMA archive', behind([0x5d, 0, 0, 0x80, 0, ...word(0xffff_ffff), ...word(0xffff_ffff), 0])],
  ['data that zlib has packed', new Uint8Array(deflateSync(packed))],
  ['data that zlib has packed', new Uint8Array(deflateSync(packed, { level: 9 }))],
  ['a bzip2 archive', behind(ascii('BZh91AY&SY'))],
  ['a cpio archive', behind(ascii('070701'))],
  ['an RPM package', behind([0xed, 0xab, 0xee, 0xdb])],
  ['a macOS program', behind([0xce, 0xfa, 0xed, 0xfe])],
  ['a macOS program or a Java class', behind([0xca, 0xfe, 0xba, 0xbe])],
  ['an Office document', behind([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])],
  ['a BMP picture', behind(ascii('BM'), word(6 + packed.length))],
  ['a WebP picture', behind(ascii('RIFF'), word(404), ascii('WEBP'))],
  ['a WAV sound', behind(ascii('RIFF'), word(404), ascii('WAVEfmt '))],
  ['a film or a picture', behind([0, 0, 0, 0x18], ascii('ftypisom'))],
  ['an RTF document', ascii('{\\rtf1 \\ansi')],
  ['text', Uint8Array.of(...ascii('Die Datei wurde nicht gefunden: Gr'), 0xf6, 0xdf, ...ascii('e 0'))],
  ['UTF-16 text', utf16('404: Not Found')],
  ['UTF-16 text', swapped(utf16('404: Not Found'))],
  ['UTF-16 text', utf16('404: Not Found here', false)],
  ['an HTML page', swapped(utf16('<html><body>404</body></html>'))],
  ['a JSON document', utf16('{ "message": "Not Found" }')],
  ['a PDF document', Uint8Array.of(...ascii('%PDF-1.7'), 0x0a, 0xe2, 0xe3)],
];

describe('foreignContent', () => {
  it.each(FOREIGN)('knows %s', (title, content) => {
    expect(foreignContent(content)).toBe(title);
  });

  it.each(FOREIGN)('makes every name refuse %s', (_title, content) => {
    for (const name of ['fw.bin', 'fw', 'fw.img']) {
      expect(imageError(() => detectFormat(content, name)).code).toBe('image/not-firmware');
    }
    expect(imageError(() => detectFormat(content, 'fw.hex')).code).toBe('image/unknown-format');
    expect(imageError(() => detectFormat(content)).code).toBe('image/not-firmware');
  });

  it.each([
    ['a vector table', Uint8Array.of(0, 0x50, 0, 0x20, 0xc1, 1, 0, 8)],
    ['a vector table whose first byte is a letter', Uint8Array.of(0x50, 0x4b, 0, 0x20, 0xc1, 1, 0, 8)],
    ['erased flash', new Uint8Array(64).fill(0xff)],
    ['zeros', new Uint8Array(64)],
    ['a stack pointer that begins as zlib does', behind([0x78, 0x9c, 0, 0x20, 0xc1, 1, 0, 8])],
    ['a stack pointer that begins as a DOS program does', behind([0x4d, 0x5a, 0, 0x20, 0xc1, 1, 0, 8])],
    ['a stack pointer that is the mark of UTF-16', behind([0xff, 0xfe, 0, 0x20, 0xc1, 1, 0, 8, 0, 0])],
    ['a table of small numbers', Uint8Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 0x20 + i : 0))],
    ['random bytes', packed],
    ['a Latin-1 letter in text', Uint8Array.of(...ascii('gr'), 0xfc, ...ascii('n'))],
  ])('leaves %s alone', (_title, content) => {
    expect(foreignContent(content)).toBeUndefined();
  });

  it('refuses Intel HEX in UTF-16 of either order, with its mark or without', () => {
    const hexText = ':020000040800F2\n:0400000000000020DC\n:00000001FF\n';
    for (const content of [
      utf16(hexText),
      utf16(hexText, false),
      swapped(utf16(hexText)),
      swapped(utf16(hexText, false)),
    ]) {
      for (const name of ['a.hex', 'a.bin', undefined]) {
        expect(imageError(() => detectFormat(content, name)).code).toBe('image/unsupported');
      }
    }
  });

  it('takes a long text whose last character is cut off where the look ends for text', () => {
    expect(foreignContent(ascii(`x${'\u00fc'.repeat(0x1_0000)}`))).toBe('text');
  });
});

import { gzipSync } from 'node:zlib';
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
    ['a Latin-1 letter in text', Uint8Array.of(...ascii('gr'), 0xfc, ...ascii('n'))],
  ])('leaves %s alone', (_title, content) => {
    expect(foreignContent(content)).toBeUndefined();
  });

  it('takes a long text whose last character is cut off where the look ends for text', () => {
    expect(foreignContent(ascii(`x${'\u00fc'.repeat(0x1_0000)}`))).toBe('text');
  });
});

/** How files that are no firmware begin: archives, programs of computers, pictures, sound, documents. A table. */

export interface ContentSignature {
  /** With its article. */
  readonly title: string;
  readonly offset?: number;
  readonly bytes: readonly number[];
}

export const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

/**
 * Each begins with bytes that no vector table begins with: its first word would be no stack pointer in the RAM of an STM32.
 * Images of file systems and device trees are not here: Linux without an MMU runs from them in flash.
 */
export const SIGNATURES_OF_OTHERS: readonly ContentSignature[] = [
  { title: 'a ZIP archive', bytes: [...ascii('PK'), 3, 4] },
  { title: 'a ZIP archive', bytes: [...ascii('PK'), 7, 8] },
  { title: 'an empty ZIP archive', bytes: [...ascii('PK'), 5, 6] },
  { title: 'a gzip archive', bytes: [0x1f, 0x8b, 8] },
  { title: 'a bzip2 archive', bytes: ascii('BZh') },
  { title: 'an xz archive', bytes: [0xfd, ...ascii('7zXZ'), 0] },
  { title: 'a Zstandard archive', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { title: 'an LZ4 archive', bytes: [0x04, 0x22, 0x4d, 0x18] },
  { title: 'an lzip archive', bytes: [...ascii('LZIP'), 1] },
  { title: 'an lzop archive', bytes: [0x89, ...ascii('LZO'), 0] },
  { title: 'a 7-Zip archive', bytes: [...ascii('7z'), 0xbc, 0xaf, 0x27, 0x1c] },
  { title: 'a RAR archive', bytes: ascii('Rar!') },
  { title: 'a tar archive', offset: 257, bytes: ascii('ustar') },
  { title: 'a cpio archive', bytes: ascii('070701') },
  { title: 'a cpio archive', bytes: ascii('070707') },
  { title: 'a cabinet archive', bytes: ascii('MSCF') },
  { title: 'a macOS package', bytes: ascii('xar!') },
  { title: 'an RPM package', bytes: [0xed, 0xab, 0xee, 0xdb] },
  { title: 'a static library or a Debian package', bytes: ascii('!<arch>') },
  { title: 'an ISO image', offset: 0x8001, bytes: ascii('CD001') },
  { title: 'a macOS program', bytes: [0xcf, 0xfa, 0xed, 0xfe] },
  { title: 'a macOS program', bytes: [0xce, 0xfa, 0xed, 0xfe] },
  { title: 'a macOS program', bytes: [0xfe, 0xed, 0xfa, 0xce] },
  { title: 'a macOS program', bytes: [0xfe, 0xed, 0xfa, 0xcf] },
  { title: 'a macOS program or a Java class', bytes: [0xca, 0xfe, 0xba, 0xbe] },
  { title: 'a WebAssembly module', bytes: [0, ...ascii('asm')] },
  { title: 'LLVM bitcode', bytes: [...ascii('BC'), 0xc0, 0xde] },
  { title: 'compiled Python', offset: 1, bytes: [0x0d, 0x0d, 0x0a] },
  { title: 'a file of debugging information', bytes: ascii('Microsoft C/C++ ') },
  { title: 'a PDF document', bytes: ascii('%PDF-') },
  { title: 'an Office document', bytes: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1] },
  { title: 'a SQLite database', bytes: ascii('SQLite format 3') },
  { title: 'a property list', bytes: ascii('bplist0') },
  { title: 'a PNG picture', bytes: [0x89, ...ascii('PNG')] },
  { title: 'a JPEG picture', bytes: [0xff, 0xd8, 0xff] },
  { title: 'a GIF picture', bytes: ascii('GIF8') },
  { title: 'a TIFF picture', bytes: [...ascii('II'), 42, 0] },
  { title: 'a Photoshop picture', bytes: ascii('8BPS') },
  { title: 'a WebP picture', offset: 8, bytes: ascii('WEBP') },
  { title: 'a WAV sound', offset: 8, bytes: ascii('WAVEfmt') },
  { title: 'an AVI film', offset: 8, bytes: ascii('AVI LIST') },
  { title: 'a film or a picture', offset: 4, bytes: ascii('ftyp') },
  { title: 'an MP3 sound', bytes: ascii('ID3') },
  { title: 'an Ogg sound', bytes: ascii('OggS') },
  { title: 'a FLAC sound', bytes: ascii('fLaC') },
  { title: 'a Matroska film', bytes: [0x1a, 0x45, 0xdf, 0xa3] },
  { title: 'a font', bytes: ascii('OTTO') },
  { title: 'a font', bytes: ascii('wOFF') },
  { title: 'a font', bytes: ascii('wOF2') },
  { title: 'a record of network packets', bytes: [0xd4, 0xc3, 0xb2, 0xa1] },
  { title: 'a record of network packets', bytes: [0x0a, 0x0d, 0x0d, 0x0a] },
];

/** By their first characters, in lower case. */
export const STARTS_OF_TEXTS: readonly (readonly [start: string, title: string])[] = [
  ['<!doctype html', 'an HTML page'],
  ['<html', 'an HTML page'],
  ['<head', 'an HTML page'],
  ['<?xml', 'an XML document'],
  ['<svg', 'an SVG picture'],
  ['<', 'a web page or an XML document'],
  ['{\\rtf', 'an RTF document'],
  ['{', 'a JSON document'],
  ['[', 'a JSON document'],
  ['version https://git-lfs', 'a Git LFS pointer, not the file that it stands for'],
  ['/annex/objects', 'a git-annex pointer, not the file that it stands for'],
  ['-----begin', 'a key or a certificate'],
  ['%!ps', 'a PostScript document'],
  ['#!', 'a script'],
];

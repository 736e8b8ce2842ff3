/**
 * Writes a memory image as an ELF32 executable for ARM: one loadable segment and one section for each piece (TIS ELF
 * 1.2, book I).
 */
import type { FormatOptions } from '../firmware.ts';
import { ImageError } from '../format-error.ts';
import type { MemoryImage } from '../memory-image.ts';
import { latin1, viewOf } from './bytes.ts';
import {
  ELF_HEADER_SIZE,
  ELF_MAGIC,
  EM_ARM,
  ET_EXEC,
  PROGRAM_HEADER_SIZE,
  PT_LOAD,
  SECTION_HEADER_SIZE,
} from './elf-header.ts';

const SHT_PROGBITS = 1;
const SHT_STRTAB = 3;
const SHF_ALLOC_EXECUTE = 2 | 4;
/** EABI version 5, as e_flags say it (ELF for the Arm Architecture). */
const EF_ARM_EABI_VER5 = 0x0500_0000;
const NAMES = latin1('\0.image\0.shstrtab\0');
const NAME = { image: 1, names: 8 } as const;
/** The tables' 16-bit counts reserve numbers from 0xFF00. */
const SEGMENT_LIMIT = 0xff00 - 2;

/**
 * Writes ELF. Physical and virtual addresses are equal, content is neither aligned nor padded. The sections let
 * objcopy and gdb
 * read the file too. Without `entry` the file says 0, which means none.
 * @throws ImageError `image/too-large` for more than 65278 segments
 */
export function formatElf(image: MemoryImage, { entry = 0 }: FormatOptions = {}): Uint8Array {
  const { segments } = image;
  const count = segments.length;
  if (count > SEGMENT_LIMIT)
    throw new ImageError(
      'image/too-large',
      `ELF holds at most ${SEGMENT_LIMIT} segments, but the image has ${count}.`,
      {
        expected: `at most ${SEGMENT_LIMIT}`,
        found: `${count}`,
      },
    );
  const contentAt = ELF_HEADER_SIZE + count * PROGRAM_HEADER_SIZE;
  const namesAt = contentAt + image.byteLength;
  const sectionsAt = Math.ceil((namesAt + NAMES.length) / 4) * 4;
  const file = new Uint8Array(sectionsAt + (count + 2) * SECTION_HEADER_SIZE);
  const view = viewOf(file);
  writeHeader(view, entry, count, sectionsAt);
  let at = contentAt;
  segments.forEach(({ address, bytes }, i) => {
    writeProgramHeader(view, ELF_HEADER_SIZE + i * PROGRAM_HEADER_SIZE, [at, address, bytes.length]);
    const section = [NAME.image, SHT_PROGBITS, SHF_ALLOC_EXECUTE, address, at, bytes.length, 0, 0, 1];
    writeWords(view, sectionsAt + (i + 1) * SECTION_HEADER_SIZE, section);
    file.set(bytes, at);
    at += bytes.length;
  });
  file.set(NAMES, namesAt);
  const names = [NAME.names, SHT_STRTAB, 0, 0, namesAt, NAMES.length, 0, 0, 1];
  writeWords(view, sectionsAt + (count + 1) * SECTION_HEADER_SIZE, names);
  return file;
}

function writeHeader(view: DataView, entry: number, count: number, sectionsAt: number): void {
  ELF_MAGIC.forEach((byte, i) => {
    view.setUint8(i, byte);
  });
  // 32 bits, little-endian, version 1
  view.setUint8(4, 1);
  view.setUint8(5, 1);
  view.setUint8(6, 1);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_ARM, true);
  writeWords(view, 20, [1, entry, ELF_HEADER_SIZE, sectionsAt, EF_ARM_EABI_VER5]);
  const halves = [ELF_HEADER_SIZE, PROGRAM_HEADER_SIZE, count, SECTION_HEADER_SIZE, count + 2, count + 1];
  halves.forEach((half, i) => {
    view.setUint16(40 + 2 * i, half, true);
  });
}

function writeProgramHeader(
  view: DataView,
  at: number,
  [offset, address, size]: readonly [number, number, number],
): void {
  const readAndExecute = 5;
  writeWords(view, at, [PT_LOAD, offset, address, address, size, size, readAndExecute, 1]);
}

function writeWords(view: DataView, at: number, words: readonly number[]): void {
  words.forEach((word, i) => {
    view.setUint32(at + 4 * i, word, true);
  });
}

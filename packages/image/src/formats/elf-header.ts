/**
 * The ELF32 file header and tables (TIS ELF 1.2, book I): where things are, checked against the file's size. It
 * interprets no content.
 */
import { errorAtOffset, hex, ImageError } from '../format-error.ts';
import { hasBytes, viewOf } from './bytes.ts';

export const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;
export const EM_ARM = 40;
export const ELF_HEADER_SIZE = 52;
export const PROGRAM_HEADER_SIZE = 32;
export const SECTION_HEADER_SIZE = 40;

/** Offsets in a program header (Elf32_Phdr). */
export const PROGRAM_HEADER = {
  type: 0,
  fileOffset: 4,
  virtualAddress: 8,
  physicalAddress: 12,
  fileSize: 16,
  memorySize: 20,
  flags: 24,
} as const;

const CLASSES: Readonly<Record<number, string>> = { 0: 'no class', 1: 'ELF32', 2: 'ELF64' };
const BYTE_ORDERS: Readonly<Record<number, string>> = { 0: 'none', 1: 'little-endian', 2: 'big-endian' };
const TYPES: Readonly<Record<number, string>> = {
  1: 'an object file that is not linked',
  2: 'executable',
  4: 'core dump',
};
const MACHINES: Readonly<Record<number, string>> = {
  3: 'Intel 386',
  62: 'x86-64',
  83: 'AVR',
  94: 'Xtensa',
  243: 'RISC-V',
};
/** The file types, segment types, section types and section flags of TIS ELF 1.2 that are looked at. */
export const ET_EXEC = 2;
export const PT_LOAD = 1;
export const SHT_NOBITS = 8;
export const SHF_ALLOC = 2;
const ET_DYN = 3;
/** With more headers than 16 bits count, the number stands elsewhere. */
const PN_XNUM = 0xffff;

interface ElfTable {
  readonly offset: number;
  /** Bytes of one entry. */
  readonly size: number;
  readonly count: number;
}

export interface ElfHeader {
  readonly file: Uint8Array;
  readonly view: DataView;
  readonly machine: number;
  readonly entry: number;
  readonly programHeaders: ElfTable;
  readonly sectionHeaders: ElfTable;
  /** Index of the section with the sections' names. */
  readonly sectionNames: number;
  /** Past the file header and the program headers that follow it. */
  readonly headersEnd: number;
}

/** A section header (Elf32_Shdr) as it stands. */
export interface RawSection {
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly entrySize: number;
}

export function isElf(file: Uint8Array): boolean {
  return hasBytes(file, 0, ELF_MAGIC);
}

/** @throws ImageError `image/syntax`, `image/truncated`, `image/unsupported` */
export function readElfHeader(file: Uint8Array): ElfHeader {
  if (!isElf(file))
    throw errorAtOffset('image/syntax', 0, 'not an ELF file', { expected: 'the bytes 7F 45 4C 46', found: 'others' });
  if (file.length < ELF_HEADER_SIZE)
    throw errorAtOffset('image/truncated', file.length, 'the file ends in the ELF header', {
      expected: `${ELF_HEADER_SIZE} bytes`,
      found: `${file.length}`,
    });
  requireKind(file);
  const view = viewOf(file);
  const half = (at: number) => view.getUint16(at, true);
  const programHeaders = { offset: view.getUint32(28, true), size: half(42), count: half(44) };
  const sectionHeaders = { offset: view.getUint32(32, true), size: half(46), count: half(48) };
  if (programHeaders.count === PN_XNUM)
    throw errorAtOffset('image/unsupported', 44, 'too many program headers', {
      expected: 'less than 65535',
      found: 'more',
    });
  if (programHeaders.count > 0) requireTable(file, programHeaders, 'program', PROGRAM_HEADER_SIZE);
  const tableEnd = programHeaders.offset + programHeaders.count * programHeaders.size;
  return {
    file,
    view,
    machine: half(18),
    entry: view.getUint32(24, true),
    programHeaders,
    sectionHeaders,
    sectionNames: half(50),
    headersEnd: programHeaders.offset === ELF_HEADER_SIZE ? tableEnd : ELF_HEADER_SIZE,
  };
}

function requireKind(file: Uint8Array): void {
  const view = viewOf(file);
  const unsupported = (offset: number, what: string, expected: string, found: string) =>
    errorAtOffset('image/unsupported', offset, what, { expected, found });
  const wordSize = file[4] ?? 0;
  if (wordSize !== 1) throw unsupported(4, 'wrong ELF class', 'ELF32', CLASSES[wordSize] ?? `class ${wordSize}`);
  const order = file[5] ?? 0;
  if (order !== 1) throw unsupported(5, 'wrong byte order', 'little-endian', BYTE_ORDERS[order] ?? `order ${order}`);
  const type = view.getUint16(16, true);
  if (type !== ET_EXEC && type !== ET_DYN)
    throw unsupported(16, 'not a linked program', 'an executable', TYPES[type] ?? `ELF type ${type}`);
  const machine = view.getUint16(18, true);
  if (machine !== EM_ARM)
    throw unsupported(18, 'wrong machine', `ARM (${EM_ARM})`, `${MACHINES[machine] ?? 'machine'} (${machine})`);
}

function requireTable(file: Uint8Array, { offset, size, count }: ElfTable, kind: string, minimum: number): void {
  if (size < minimum)
    throw new ImageError(
      'image/syntax',
      `The ELF ${kind} headers have ${size} bytes each; at least ${minimum} are needed.`,
      {
        expected: `at least ${minimum} bytes`,
        found: `${size}`,
      },
    );
  if (offset + size * count > file.length)
    throw errorAtOffset('image/truncated', offset, `the ${kind} headers are not all in the file`, {
      expected: `${count} headers of ${size} bytes up to offset ${hex(offset + size * count, 1)}`,
      found: `a file of ${file.length} bytes`,
    });
}

/** Section headers one by one; none where the file has no (whole) table, since programming does not need it. */
export function* readSectionTable({ file, view, sectionHeaders }: ElfHeader): Generator<RawSection> {
  const { offset, size, count } = sectionHeaders;
  if (size < SECTION_HEADER_SIZE || offset === 0 || offset + size * count > file.length) return;
  for (let i = 0; i < count; i++) {
    const word = (at: number) => view.getUint32(offset + i * size + at, true);
    yield {
      name: word(0),
      type: word(4),
      flags: word(8),
      address: word(12),
      offset: word(16),
      size: word(20),
      link: word(24),
      entrySize: word(36),
    };
  }
}

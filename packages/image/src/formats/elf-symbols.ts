/**
 * Sections and symbols of an ELF32 file, read when someone asks (TIS ELF 1.2, book I). Programming does not need them.
 */
import { errorAtOffset } from '../format-error.ts';
import { textAt } from './bytes.ts';
import { type ElfHeader, type RawSection, readElfHeader, readSectionTable, SHT_NOBITS } from './elf-header.ts';

const SHT_SYMTAB = 2;
const SHF = { write: 1, alloc: 2, execute: 4 } as const;
const SYMBOL_SIZE = 16;
/** Longer names are cut, so that a file cannot make many long names of one text. */
const NAME_LIMIT = 1024;
const SYMBOL_TYPES = ['none', 'object', 'function', 'section', 'file'] as const;
const SYMBOL_BINDINGS = ['local', 'global', 'weak'] as const;

export interface ElfSection {
  readonly name: string;
  /** sh_type as a number: 1 is content, 8 is memory without content. */
  readonly type: number;
  /** Virtual address; 0 when the section is not part of memory. */
  readonly address: number;
  /** Size in bytes, in memory. */
  readonly size: number;
  /** Place of the content in the file. */
  readonly fileOffset: number;
  /** Part of the program's memory (SHF_ALLOC). */
  readonly allocated: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

export interface ElfSymbol {
  readonly name: string;
  /** Virtual address; of Thumb functions bit 0 is set, as in the file. */
  readonly address: number;
  /** Size in bytes; 0 when unknown. */
  readonly size: number;
  readonly type: (typeof SYMBOL_TYPES)[number] | 'other';
  readonly binding: (typeof SYMBOL_BINDINGS)[number] | 'other';
}

/**
 * Sections in file order, one by one; none when the file has no section table.
 * @throws ImageError as `parseElf` for a bad header
 */
export function* elfSections(file: Uint8Array): Generator<ElfSection> {
  const header = readElfHeader(file);
  const names = sectionContent(header, nth(header, header.sectionNames));
  for (const section of readSectionTable(header)) {
    if (section.type === 0) continue;
    yield {
      name: textAt(names, section.name, NAME_LIMIT),
      type: section.type,
      address: section.address,
      size: section.size,
      fileOffset: section.offset,
      allocated: (section.flags & SHF.alloc) !== 0,
      writable: (section.flags & SHF.write) !== 0,
      executable: (section.flags & SHF.execute) !== 0,
    };
  }
}

/**
 * Named symbols in file order, one by one; none in a stripped file. A file has one symbol table at most (TIS ELF 1.2, figure
 * 1-10): further ones are left out.
 * @throws ImageError as `parseElf` for a bad header, `image/truncated` when the symbol table is not all in the file,
 * `image/too-large` when its names together are longer than the file, which is built to take time
 */
export function* elfSymbols(file: Uint8Array): Generator<ElfSymbol> {
  const header = readElfHeader(file);
  const section = symbolTable(header);
  if (!section) return;
  if (section.offset + section.size > file.length)
    throw errorAtOffset('image/truncated', section.offset, 'the symbol table is not all in the file', {
      expected: `${section.size} bytes`,
      found: `a file of ${file.length} bytes`,
    });
  const names = sectionContent(header, nth(header, section.link));
  let letters = 0;
  for (let at = section.offset; at + SYMBOL_SIZE <= section.offset + section.size; at += SYMBOL_SIZE) {
    const symbol = readSymbol(header, at, names);
    letters += symbol.name.length;
    if (letters > file.length)
      throw errorAtOffset('image/too-large', at, 'the names of the symbols are longer than the file', {
        expected: `at most ${file.length} letters`,
        found: 'more',
      });
    if (symbol.name !== '') yield symbol;
  }
}

function symbolTable(header: ElfHeader): RawSection | undefined {
  for (const section of readSectionTable(header)) if (section.type === SHT_SYMTAB) return section;
  return undefined;
}

function readSymbol({ view }: ElfHeader, at: number, names: Uint8Array): ElfSymbol {
  const info = view.getUint8(at + 12);
  return {
    name: textAt(names, view.getUint32(at, true), NAME_LIMIT),
    address: view.getUint32(at + 4, true),
    size: view.getUint32(at + 8, true),
    type: SYMBOL_TYPES[info & 15] ?? 'other',
    binding: SYMBOL_BINDINGS[info >> 4] ?? 'other',
  };
}

function nth(header: ElfHeader, index: number): RawSection | undefined {
  let i = 0;
  for (const section of readSectionTable(header)) if (i++ === index) return section;
  return undefined;
}

function sectionContent({ file }: ElfHeader, section: RawSection | undefined): Uint8Array {
  if (!section || section.type === SHT_NOBITS) return file.subarray(0, 0);
  return file.subarray(section.offset, section.offset + section.size);
}

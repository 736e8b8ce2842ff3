import { describe, expect, it } from 'vitest';
import { ImageError } from '../format-error.ts';
import { elfSymbols } from './elf-symbols.ts';

const NAME = 'MEM_If_Write_FS';
const TABLE = 2;
const HEADER = 52;

/** ELF32 for Arm with this many symbols in one table, named by as many section headers (TIS ELF 1.2, book I). */
function elf({ symbols, tables, name = NAME }: { symbols: number; tables: number; name?: string }): Uint8Array {
  const texts = Buffer.from(`\0${name}\0`, 'latin1');
  const [symbolsAt, textsAt] = [HEADER, HEADER + symbols * 16];
  const sectionsAt = textsAt + texts.length;
  const file = Buffer.alloc(sectionsAt + (tables + 1) * 40);
  file.write('\x7fELF\x01\x01\x01', 'latin1');
  for (const [at, value] of [
    [16, 2],
    [18, 40],
    [46, 40],
    [48, tables + 1],
  ] as const)
    file.writeUInt16LE(value, at);
  file.writeUInt32LE(sectionsAt, 32);
  for (let i = 0; i < symbols; i++) {
    const words = [1, 0x0800_0101, 2, 0x0012];
    for (const [n, word] of words.entries()) file.writeUInt32LE(word, symbolsAt + 16 * i + 4 * n);
  }
  texts.copy(file, textsAt);
  for (let i = 0; i <= tables; i++) {
    const words = i === 0 ? [0, 3, 0, 0, textsAt, texts.length] : [0, TABLE, 0, 0, symbolsAt, symbols * 16];
    for (const [n, word] of words.entries()) file.writeUInt32LE(word, sectionsAt + 40 * i + 4 * n);
  }
  return file;
}

describe('symbols of an ELF file', () => {
  it('are those of its one symbol table', () => {
    const [symbol, ...others] = elfSymbols(elf({ symbols: 1, tables: 1 }));
    expect([symbol, others]).toEqual([
      { name: NAME, address: 0x0800_0101, size: 2, type: 'function', binding: 'global' },
      [],
    ]);
  });

  it('are not counted again where thousands of tables stand for the same bytes', () => {
    expect([...elfSymbols(elf({ symbols: 3, tables: 60_000 }))]).toHaveLength(3);
  });

  it('are given up where one text stands for more names than the file has room for', () => {
    const file = elf({ symbols: 2_000, tables: 1, name: 'x'.repeat(1_000) });
    const read = (): number => [...elfSymbols(file)].length;
    expect(read).toThrow(ImageError);
    expect(read).toThrow(/the names of the symbols are longer than the file/);
  });
});

/**
 * Lines of hexadecimal digits, as Intel HEX and S-records have them: read and written as bytes, without a string per
 * line. It knows no record type.
 */
import { Chunks, LineFinder, type RecordSink } from '../chunks.ts';
import { errorAtLine, hex, ImageError } from '../format-error.ts';
import type { MemoryImage } from '../memory-image.ts';

const INVALID = 0x1000;
const LF = 0x0a;
const CR = 0x0d;

/** Value of each ASCII hexadecimal digit; anything else makes a byte larger than 0xFF. */
const DIGIT_OF = Int16Array.from({ length: 256 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return value < 0 ? INVALID : value;
});

/** One line, its checksum proven. */
export interface TextRecord {
  readonly type: number;
  readonly address: number;
  readonly length: number;
  /** Where its content was put. */
  readonly offset: number;
}

/**
 * @param scan goes through all records: puts their bytes into `content` and tells `sink` where they belong
 * @returns the image, and what `scan` returned. Throws `image/overlap` and `image/empty`, and what `scan` throws.
 */
export function imageOfRecords<State>(
  file: Uint8Array,
  format: string,
  scan: (file: Uint8Array, content: Uint8Array, sink: RecordSink) => State,
): { readonly image: MemoryImage; readonly state: State } {
  const content = new Uint8Array(file.length >> 1);
  const chunks = new Chunks(content);
  const state = scan(file, content, chunks);
  refuseOverlap(chunks, (sink) => scan(file, content, sink));
  const image = chunks.toImage();
  if (image.segments.length === 0) throw new ImageError('image/empty', `The ${format} contains no data records.`);
  return { image, state };
}

/** The byte that two digits at `at` give; above 0xFF when they are no digits or the file ends. */
export function hexByte(file: Uint8Array, at: number): number {
  if (at + 1 >= file.length) return INVALID;
  return ((DIGIT_OF[file[at] ?? 0] ?? INVALID) << 4) | (DIGIT_OF[file[at + 1] ?? 0] ?? INVALID);
}

/** Decodes the `count` bytes whose digits begin at `at` into `out` and returns their sum; -1 when a character is no digit. */
export function decodeHex(
  file: Uint8Array,
  { at, count }: { readonly at: number; readonly count: number },
  out: Uint8Array,
  outAt: number,
): number {
  if (at + 2 * count > file.length) return -1;
  let sum = 0;
  let seen = 0;
  for (let i = 0, from = at; i < count; i++, from += 2) {
    const byte = ((DIGIT_OF[file[from] ?? 0] ?? 0) << 4) | (DIGIT_OF[file[from + 1] ?? 0] ?? 0);
    out[outAt + i] = byte;
    seen |= byte;
    sum += byte;
  }
  return seen > 0xff ? -1 : sum;
}

/** A place in a text file. Lines end in LF, CR or CR LF; empty lines and blanks at the end of a line do not count. */
export class TextCursor {
  readonly file: Uint8Array;
  /** 1-based. */
  line = 1;
  at: number;

  constructor(file: Uint8Array) {
    this.file = file;
    this.at = startOfText(file);
  }

  /** Moves to the next character that is not blank. False at the end of the file. */
  toNextRecord(): boolean {
    const { file } = this;
    while (this.at < file.length) {
      const code = file[this.at];
      if (code === LF || (code === CR && file[this.at + 1] !== LF)) this.line++;
      else if (code !== CR && !isBlank(code)) return true;
      this.at++;
    }
    return false;
  }

  /** Leaves the record that ends at `end`. False when something other than blanks follows it on its line. */
  leaveRecord(end: number): boolean {
    const { file } = this;
    let at = end;
    while (at < file.length && isBlank(file[at])) at++;
    this.at = at;
    return at >= file.length || file[at] === LF || file[at] === CR;
  }
}

/** Past a UTF-8 byte order mark. */
export function startOfText(file: Uint8Array): number {
  return file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? 3 : 0;
}

function isBlank(code: number | undefined): boolean {
  return code === 0x20 || code === 0x09;
}

/** The proportions of a kind of record. */
export interface RecordShape {
  /** Characters before the digits (`:` has 1, `S1` has 2). */
  readonly prefix: number;
  /** Bytes on the line beyond those that the length field counts. */
  readonly uncounted: number;
  /** Bytes on the line of the shortest record. */
  readonly minimum: number;
}

/** What is wrong with the line at the cursor, whose record failed to decode. */
export function malformedRecord(cursor: TextCursor, shape: RecordShape): ImageError {
  const { file, line, at } = cursor;
  const start = at + shape.prefix;
  let end = start;
  while (end < file.length && file[end] !== LF && file[end] !== CR) end++;
  const lastLine = end === file.length;
  while (end > start && isBlank(file[end - 1])) end--;
  for (let i = start; i < end; i++) {
    if ((DIGIT_OF[file[i] ?? 0] ?? INVALID) === INVALID) {
      const found = `${character(file[i] ?? 0)} in column ${i - lineStart(file, i) + 1}`;
      return errorAtLine('image/syntax', line, 'illegal character', { expected: 'a hexadecimal digit', found });
    }
  }
  const digits = end - start;
  const bytes = (end - start) >> 1;
  const stated = hexByte(file, start);
  const wanted = digits < 2 ? shape.minimum : Math.max(shape.minimum, stated + shape.uncounted);
  const code = lastLine && bytes < wanted ? 'image/truncated' : 'image/syntax';
  const expected =
    wanted === stated + shape.uncounted
      ? `${2 * wanted} digits, as the length field ${hex(stated, 2)} says`
      : `at least ${2 * shape.minimum} digits`;
  const what = digits % 2 === 0 ? 'wrong record length' : 'odd number of digits';
  return errorAtLine(code, line, what, { expected, found: `${digits}` });
}

/** What stands where a record should begin. */
export function notARecord(cursor: TextCursor, expected: string): ImageError {
  const code = cursor.file[cursor.at] ?? 0;
  return errorAtLine('image/syntax', cursor.line, 'not a record', { expected, found: character(code) });
}

export function wrongChecksum(line: number, expected: number, found: number): ImageError {
  return errorAtLine('image/checksum', line, 'wrong checksum', { expected: hex(expected, 2), found: hex(found, 2) });
}

export function wrongRecord(line: number, what: string, expected: string, found: string): ImageError {
  return errorAtLine('image/syntax', line, what, { expected, found });
}

/**
 * Throws when an address was given twice. `rescan` runs the parser again, to find the lines.
 * @throws ImageError `image/overlap`
 */
function refuseOverlap(chunks: Chunks, rescan: (sink: RecordSink) => void): void {
  const address = chunks.firstOverlap();
  if (address === undefined) return;
  const finder = new LineFinder(address);
  rescan(finder);
  const [first = 0, second = 0] = finder.lines;
  throw errorAtLine('image/overlap', second, `address ${hex(address)} is given twice`, {
    address,
    expected: 'each address at most once',
    found: `it in line ${first} already`,
  });
}

function lineStart(file: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && file[start - 1] !== LF && file[start - 1] !== CR) start--;
  return start === 0 ? startOfText(file) : start;
}

function character(code: number): string {
  return code > 0x20 && code < 0x7f ? `'${String.fromCharCode(code)}'` : `byte ${hex(code, 2)}`;
}

const UPPER_CASE = new TextEncoder().encode('0123456789ABCDEF');

/** Text of records in a buffer that grows. */
export class RecordWriter {
  #text: Uint8Array;
  #length = 0;

  constructor(expectedLength: number) {
    this.#text = new Uint8Array(expectedLength + 64);
  }

  /**
   * Adds `prefix`, the bytes of `head` and `data` and what `checksum` makes of their sum, as digits, and a line end.
   */
  add(prefix: string, head: readonly number[], data: Uint8Array, checksum: (sum: number) => number): void {
    this.#reserve(prefix.length + 2 * (head.length + data.length + 1) + 1);
    for (let i = 0; i < prefix.length; i++) this.#text[this.#length++] = prefix.charCodeAt(i);
    let sum = 0;
    for (const byte of head) sum += this.#byte(byte);
    for (const byte of data) sum += this.#byte(byte);
    this.#byte(checksum(sum) & 0xff);
    this.#text[this.#length++] = LF;
  }

  finish(): Uint8Array {
    return this.#text.subarray(0, this.#length);
  }

  #byte(byte: number): number {
    this.#text[this.#length++] = UPPER_CASE[byte >> 4] ?? 0;
    this.#text[this.#length++] = UPPER_CASE[byte & 15] ?? 0;
    return byte;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#text.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#text.subarray(0, this.#length));
    this.#text = larger;
  }
}

/** Memory as lines of 16 bytes: one content with its text, or two of the same addresses with their differences marked. */
import type { MemoryImage, Range } from '@sureflash/image';
import { hex } from '@sureflash/programmer/basics';

interface Dumped {
  readonly name: string;
  readonly image: MemoryImage;
}

const DUMP_BYTES = 16;
/** Lines of one range that are shown: a long difference is seen by its beginning. */
const LINES_OF_ONE = 2;

/** Addresses of the lines that show the beginning of each range, each once. */
export function linesOf(ranges: readonly Range[]): number[] {
  const lines = ranges.flatMap(({ start, end }) => {
    const first = start - (start % DUMP_BYTES);
    const count = Math.min(LINES_OF_ONE, Math.ceil((end - first) / DUMP_BYTES));
    return Array.from({ length: count }, (_, n) => first + n * DUMP_BYTES);
  });
  return [...new Set(lines)].sort((a, b) => a - b);
}

/** Three lines of text: what one holds from `address` on, what the other holds, and marks below what differs. */
export function hexDump(a: Dumped, b: Dumped, address: number): string[] {
  const [one, two] = [cells(a.image, address), cells(b.image, address)];
  const marks = one.map((cell, i) => (cell === two[i] ? '  ' : '^^'));
  const blank = ' '.repeat(hex(address).length);
  return [
    `  ${hex(address)}  ${one.join(' ')}  ${a.name}`,
    `  ${blank}  ${two.join(' ')}  ${b.name}`,
    `  ${blank}  ${marks.join(' ')}`.trimEnd(),
  ];
}

/** Two characters a byte; `--` where the image says nothing. */
function cells(image: MemoryImage, address: number): string[] {
  const line: string[] = Array.from({ length: DUMP_BYTES }, () => '--');
  for (const part of image.within({ start: address, end: address + DUMP_BYTES })) {
    part.bytes.forEach((byte, i) => {
      line[part.address - address + i] = byte.toString(16).toUpperCase().padStart(2, '0');
    });
  }
  return line;
}

/** Lines of 16 bytes with their text, as `hexdump -C` has them; `*` stands for lines that repeat the one above. */
export function memoryDump(image: MemoryImage): string[] {
  const lines: string[] = [];
  let above: string | undefined;
  for (const { address, bytes } of image.segments) {
    const end = address + bytes.length;
    for (let at = address - (address % DUMP_BYTES); at < end; at += DUMP_BYTES) {
      const row = cells(image, at);
      const content = row.join(' ');
      // The last line always stands there: it shows where the memory ends.
      const repeats = content === above && at + DUMP_BYTES < end;
      if (!repeats)
        lines.push(`${hex(at)}  ${content.slice(0, 23)}  ${content.slice(24)}  |${row.map(printable).join('')}|`);
      else if (lines.at(-1) !== '*') lines.push('*');
      above = content;
    }
    above = undefined;
  }
  return lines;
}

/** ASCII alone: anything else could move the cursor. */
function printable(cell: string): string {
  const code = Number.parseInt(cell, 16);
  if (Number.isNaN(code)) return ' ';
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
}

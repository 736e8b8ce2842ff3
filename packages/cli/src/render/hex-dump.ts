/** Two contents of the same addresses as lines of 16 bytes, one above the other, with what differs marked below. */
import type { MemoryImage, Range } from '@sureflash/image';
import { hex } from '@sureflash/programmer';

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

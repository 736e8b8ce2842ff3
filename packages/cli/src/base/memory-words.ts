/** Words of memory as people type them: numbers of a width, which stand in memory with the lowest byte first, as STM32 have them. */
import { usage } from './command-error.ts';

const WIDTHS = [8, 16, 32, 64] as const;
export type Width = (typeof WIDTHS)[number];

/** `8`, `16`, `32`, `64`. @throws CommandError `usage` */
export function parseWidth(text: string): Width {
  const width = WIDTHS.find((each) => String(each) === text.trim());
  if (width !== undefined) return width;
  throw usage(`"${text}" is not a width of a word.`, `Write one of ${WIDTHS.join(', ')}: its bits.`);
}

/** @returns the words as memory holds them. @throws CommandError `usage` for what is no number or does not fit */
export function bytesOfWords(words: readonly string[], width: Width): Uint8Array {
  const each = width / 8;
  const bytes = new Uint8Array(words.length * each);
  words.forEach((text, word) => {
    let value = wordOf(text, width);
    for (let i = 0; i < each; i++, value >>= 8n) bytes[word * each + i] = Number(value & 0xffn);
  });
  return bytes;
}

function wordOf(text: string, width: Width): bigint {
  const plain = text.trim().replaceAll('_', '');
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(plain)) {
    throw usage(`"${text}" is not a number.`, 'Write it as 0x12345678 or 305419896.');
  }
  const value = BigInt(plain);
  if (value < 1n << BigInt(width)) return value;
  const wider = WIDTHS.find((each) => value < 1n << BigInt(each));
  throw usage(
    `${text} does not fit into ${width} bits.`,
    wider === undefined ? 'The widest word has 64 bits.' : `Give its width: --width ${wider}`,
  );
}

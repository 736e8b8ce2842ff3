/** Addresses, sizes and ranges as people type them. */
import type { Range } from '@sureflash/image';
import { usage } from './command-error.ts';

const SIZE_UNIT: Readonly<Record<string, number>> = { '': 1, K: 1024, KB: 1024, M: 1024 * 1024, MB: 1024 * 1024 };

/** One past the last address. */
export const ADDRESS_SPACE = 0x1_0000_0000;

/** `0x08000000`, `134217728`, `16K`, `1M`. @throws CommandError `usage` */
export function parseNumber(text: string, what: string): number {
  const match = /^(0[xX][0-9a-fA-F]+|[0-9]+)\s*([kKmM][bB]?)?$/.exec(text.trim().replaceAll('_', ''));
  const value = match ? Number(match[1]) * (SIZE_UNIT[(match[2] ?? '').toUpperCase()] ?? 1) : Number.NaN;
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  throw usage(`"${text}" is not ${what}.`, 'Write it as 0x08000000, 134217728, 16K or 1M.');
}

/** Seven or eight digits that are an address of main flash in hexadecimal, and of no memory in decimal. */
const LACKS_0X = /^0?8[0-9]{6}$/;

/** As {@link parseNumber}, for a place in memory. @param what it is called @throws CommandError `usage` */
export function parsePlace(text: string, what = 'an address'): number {
  if (LACKS_0X.test(text))
    throw usage(
      `"${text}" is a decimal number, and no STM32 has memory there.`,
      `Did you mean 0x${text.padStart(8, '0')}?`,
    );
  return parseNumber(text, what);
}

/** Whether a word is meant as a range: a number, and `+` or `..` behind it. A file name seldom begins so. */
export const looksLikeRange = (word: string): boolean => /^(0x[0-9a-f_]+|[0-9][0-9_]*[km]?b?)(\.\.|\+)/i.test(word);

/** `START..END` (the end is not inside) or `START+SIZE`. @throws CommandError `usage` */
export function parseRange(text: string): Range {
  const match = /^([^.+]+)(\.\.|\+)([^.+]+)$/.exec(text);
  const [, first, sign, second] = match ?? [];
  if (first === undefined || second === undefined) {
    throw usage(`"${text}" is not a range.`, 'Write it as 0x08000000..0x08004000 or 0x08000000+16K.');
  }
  const start = parsePlace(first);
  const other = sign === '+' ? parseNumber(second, 'a size') : parsePlace(second);
  const end = sign === '+' ? start + other : other;
  if (end <= start) throw usage(`The range "${text}" is empty.`, 'Its end must be higher than its start.');
  if (end > ADDRESS_SPACE)
    throw usage(`The range "${text}" ends after the last address.`, 'The last address is 0xFFFFFFFF.');
  return { start, end };
}

/** How many of something: at least one. @throws CommandError `usage` */
export function parseCount(text: string, what: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw usage(`"${text}" is not ${what}.`, 'Write 1 or more.');
}

/** Seconds as people type them: `30`, `1.5`. @throws CommandError `usage` */
export function parseSeconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw usage(`"${text}" is not a time in seconds.`, 'Write it as 30 or 1.5.');
}

/** `4000`, `1.8M`, `950k`: a speed. @returns kHz. @throws CommandError `usage` */
export function parseKiloHertz(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kKmM]?)(?:[hH][zZ])?$/.exec(text);
  const value = match ? Number(match[1]) * (match[2]?.toUpperCase() === 'M' ? 1000 : 1) : Number.NaN;
  if (value > 0) return value;
  throw usage(`"${text}" is not a speed.`, 'Write it in kHz, as 4000, or as 1.8M.');
}

/** Numbers of sectors, both of them inside. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** `0-3,7`: numbers of sectors as people count them, decimal. @throws CommandError `usage` */
export function parseIndexes(text: string): IndexRange[] {
  return text.split(',').map((part) => {
    const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || last < first) {
      throw usage(
        `"${part.trim()}" is neither a sector number nor a span of sectors.`,
        'Write decimal numbers: 5, or 0-3, or 0-3,7. For addresses use --range.',
      );
    }
    return { first, last };
  });
}

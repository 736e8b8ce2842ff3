/** What the words of all deviations share: how sizes, places and remedies are said. It knows no deviation. */
import { hex } from '../../target/geometry.ts';
import type { PrimitiveKind } from '../grammar/primitive.ts';

export type WordValues = Readonly<Record<string, number>>;
/** The end of "<erases, writes or reads> …". */
type Says = (values: WordValues, at: PlaceText) => string;
/** How an offset in flash is said. */
export type PlaceText = (offset: number) => string;

export interface WordsRow {
  readonly says: Says;
  readonly remedy: string;
}

/** The start of flash is an address where it is known, and offset 0 where it is not. */
export const offsetText =
  (start: number): PlaceText =>
  (offset) =>
    start === 0 ? `offset ${hex(offset, 1)}` : hex(start + offset);
export const bytesText = (n: number): string =>
  n >= 1024 && n % 1024 === 0 ? `${n / 1024} KB` : `${n} byte${n === 1 ? '' : 's'}`;
export const countText = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
export const away = (by: number): string =>
  `${Math.abs(by) === 1 ? '1 byte' : `${hex(Math.abs(by), 1)} bytes`} too ${by < 0 ? 'low' : 'high'}`;
export const baseText = (values: WordValues, name: string, at: PlaceText): string =>
  'first' in values ? 'the first address that was set' : at(wordValue(values, name));
export const wordValue = (values: WordValues, name: string): number => values[name] ?? 0;

export const ADDRESS_REMEDY =
  'compute the address as pointer + (block number - 2) * transfer size, and pass it on unchanged.';
export const LENGTH_REMEDY = 'handle the whole length that was received, also where it is short.';
export const DATA_REMEDY = 'pass the bytes on in the order in which they came, word by word, unchanged.';
export const ERASE_REMEDY = 'erase exactly the sector of the address, and wait until it is done.';
export const READ_REMEDY = 'copy the bytes of the asked address into the buffer that is sent.';

/** Rows for some kinds of deviation. */
export type RowsFor = Partial<Readonly<Record<PrimitiveKind, WordsRow>>>;

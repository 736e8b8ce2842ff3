/** How deviations of data are said, and what to do about them. */
import { hex } from '../../target/geometry.ts';
import { markedValue, NO_BYTE } from '../grammar/marks.ts';
import { TABLE_KINDS, type TableKind } from '../primitives/data.ts';
import { bytesText, DATA_REMEDY, LENGTH_REMEDY, READ_REMEDY, type RowsFor, type WordValues, wordValue } from './say.ts';

const TABLE_SAYS: Readonly<Record<TableKind, (n: number) => string>> = {
  invert: () => 'inverted',
  and: (n) => `with the bits ${hex(n ^ 0xff, 2)} at 0`,
  or: (n) => `with the bits ${hex(n, 2)} at 1`,
  xor: (n) => `with the bits ${hex(n, 2)} inverted`,
  add: (n) => `with ${hex(n, 2)} added`,
  fill: (n) => `as ${hex(n, 2)}`,
  'bits-reversed': () => 'with their bits in reverse order',
  'nibbles-swapped': () => 'with their halves exchanged',
  'rotated-left': (n) => `with their bits turned left by ${n}`,
  'shifted-left': (n) => `with their bits shifted left by ${n}`,
  'shifted-right': (n) => `with their bits shifted right by ${n}`,
};

const FILLING_SAYS = ['missing', 'zeros', '0xFF', 'those of the block before', 'those that the buffer held'];
const PADDING_SAYS: Readonly<Record<number, string>> = {
  [NO_BYTE.zero]: 'zeros',
  [NO_BYTE.ones]: '0xFF',
  [NO_BYTE.before]: 'the block before',
  [NO_BYTE.buffer]: 'what the buffer held',
  [NO_BYTE.blankBuffer]: 'what the buffer held, 0xFF at first',
};
const KEY_SAYS = [
  'the low byte of their address',
  'the second byte of their address',
  'their place in the block',
  'the block number',
  'a count of the blocks',
];

/** `byte 3`, or `bytes 0 to 3`. */
function partText(values: WordValues): string {
  const [from, last] = [wordValue(values, 'from'), wordValue(values, 'to') - 1];
  return from === last ? `byte ${from}` : `bytes ${from} to ${last}`;
}

function timesText(by: number): string {
  if (by === 2) return 'twice';
  return by === 0.5 ? 'half' : `${by} times`;
}

export const DATA_WORDS = {
  padded: {
    says: (v) =>
      `fill short blocks up to ${bytesText(wordValue(v, 'multiple'))} with ${PADDING_SAYS[wordValue(v, 'filling')] ?? hex(markedValue(wordValue(v, 'filling')) ?? 0, 2)}`,
    remedy: LENGTH_REMEDY,
  },
  'closed-up': {
    says: (v) =>
      `lose ${bytesText(wordValue(v, 'by'))} at ${wordValue(v, 'from')} of every block, and the rest moves up`,
    remedy: 'collect all packets of a block before you use it.',
  },
  widened: {
    says: (v) => `spread every byte over ${wordValue(v, 'unit')}`,
    remedy: DATA_REMEDY,
  },
  'erases-first': {
    says: (v) =>
      `erase ${wordValue(v, 'unit') ? `the ${bytesText(wordValue(v, 'unit'))} around a block` : 'the sector'} first`,
    remedy: 'program the block alone; erase where an erase is asked for.',
  },
  again: { says: () => 'give the answer of the read before them', remedy: READ_REMEDY },
  swap: {
    says: (v) =>
      `have the ${wordValue(v, 'unit') === 1 ? 'bytes' : `units of ${bytesText(wordValue(v, 'unit'))}`} of every ${bytesText(wordValue(v, 'group'))} in reverse order`,
    remedy: DATA_REMEDY,
  },
  reversed: { says: () => 'have the bytes of every block in reverse order', remedy: DATA_REMEDY },
  rotated: {
    says: (v) =>
      `have the bytes of every block ${bytesText(Math.abs(wordValue(v, 'by')))} too ${wordValue(v, 'by') < 0 ? 'early' : 'late'}`,
    remedy: DATA_REMEDY,
  },
  repeated: {
    says: (v) => `repeat the first ${bytesText(wordValue(v, 'bytes'))} of every block`,
    remedy: 'collect all packets of a block before you use it.',
  },
  spread: {
    says: (v) =>
      `step ${timesText(wordValue(v, 'by'))} as far as they should after every ${bytesText(wordValue(v, 'unit'))}`,
    remedy: 'advance the pointer by the size of what was handled, once.',
  },
  strided: {
    says: (v) =>
      wordValue(v, 'by') === 2
        ? `take only every second piece of ${bytesText(wordValue(v, 'unit'))} of a block`
        : `take every piece of ${bytesText(wordValue(v, 'unit'))} twice`,
    remedy: DATA_REMEDY,
  },
  stripes: {
    says: (v) =>
      `have ${partText(v)} of every ${bytesText(wordValue(v, 'period'))} ${FILLING_SAYS[wordValue(v, 'filling')]}`,
    remedy: DATA_REMEDY,
  },
  hole: {
    says: (v) => `have ${partText(v)} of every block ${FILLING_SAYS[wordValue(v, 'filling')]}`,
    remedy: LENGTH_REMEDY,
  },
  patched: {
    says: (v) => `have ${hex(wordValue(v, 'value'), 2)} in ${partText(v)} of every block`,
    remedy: 'look for something else that writes into the buffer of a block.',
  },
  table: {
    says: (v) =>
      `have ${'period' in v ? `byte ${wordValue(v, 'remainder')} of every ${wordValue(v, 'period')}` : 'all bytes'} ${TABLE_SAYS[TABLE_KINDS[wordValue(v, 'table')] ?? 'invert'](wordValue(v, 'value'))}`,
    remedy: DATA_REMEDY,
  },
  keyed: { says: (v) => `have their bytes mixed (xor) with ${KEY_SAYS[wordValue(v, 'by')]}`, remedy: DATA_REMEDY },
  'previous-data': {
    says: () => 'have the bytes of the block before',
    remedy: 'fill the buffer before you program from it.',
  },
  'first-data': {
    says: () => 'all have the bytes of the first block',
    remedy: 'fill the buffer again for every block.',
  },
  combine: {
    says: (v) =>
      `${['clear bits', 'replace what stood there, erased or not', 'only set bits', 'are mixed (xor) with what stood there'][wordValue(v, 'how')]}`,
    remedy: 'program flash, not a copy of it, and erase first.',
  },
} as const satisfies RowsFor;

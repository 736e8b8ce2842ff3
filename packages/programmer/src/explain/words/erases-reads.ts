/** How deviations of erases, and of where reads come from, are said, and what to do about them. */
import { hex } from '../../target/geometry.ts';
import { bytesText, countText, ERASE_REMEDY, READ_REMEDY, type RowsFor, wordValue } from './say.ts';

/** Counted from the sector that was asked for. */
function sectorText(by: number): string {
  const count = Math.abs(by);
  if (count === 1) return by < 0 ? 'the previous sector' : 'the next sector';
  return `the sector ${count} sectors ${by < 0 ? 'lower' : 'higher'}`;
}

export const ERASE_WORDS = {
  'erase-unit': {
    says: (v) =>
      'count' in v
        ? `clear part ${wordValue(v, 'index') + 1} of ${wordValue(v, 'count')} of the sector alone`
        : `clear ${bytesText(wordValue(v, 'size'))}, whatever the sector`,
    remedy: ERASE_REMEDY,
  },
  'erase-neighbour': {
    says: (v) =>
      'sector' in v
        ? `clear the ${wordValue(v, 'sector') < 0 ? 'last' : 'first'} sectors too`
        : `clear ${sectorText(wordValue(v, 'by'))} ${wordValue(v, 'instead') ? 'instead' : 'too'}`,
    remedy: ERASE_REMEDY,
  },
  'erase-sectors': {
    says: (v) =>
      'low' in v
        ? `use only the ${wordValue(v, 'low') === 1 ? 'lowest bit' : `lowest ${wordValue(v, 'low')} bits`} of the sector's number`
        : 'by' in v
          ? `take every sector for ${bytesText(wordValue(v, 'by'))}`
          : 'group' in v
            ? `clear the whole group of ${wordValue(v, 'group')} sectors`
            : `clear ${wordValue(v, 'count')} sectors, from ${wordValue(v, 'from')} further on`,
    remedy: ERASE_REMEDY,
  },
  'erase-all': { says: () => 'clear the whole flash', remedy: ERASE_REMEDY },
  'erase-rest': {
    says: (v) => ('before' in v ? 'clear everything up to the sector' : 'clear everything from the address on'),
    remedy: ERASE_REMEDY,
  },
  'erase-value': {
    says: (v) =>
      'mask' in v
        ? `set only the bits ${hex(wordValue(v, 'mask'), 2)}`
        : `leave ${hex(wordValue(v, 'value'), 2)} behind`,
    remedy: ERASE_REMEDY,
  },
  'blank-check': {
    says: (v) =>
      `look at ${bytesText(wordValue(v, 'bytes'))} ${GUARD_WORDS[wordValue(v, 'place')] ?? ''} first, and do nothing where there is nothing to erase, or no room to write`,
    remedy: 'look at exactly the bytes that the operation is about, all of them.',
  },
} as const satisfies RowsFor;

const GUARD_WORDS = ['from the address on', 'at the start of the sector', 'at the end of the sector'];

export const SOURCE_WORDS = {
  constant: { says: (v) => `give ${hex(wordValue(v, 'value'), 2)} for every byte`, remedy: READ_REMEDY },
  echo: { says: () => 'give the block that was written last', remedy: READ_REMEDY },
  cache: {
    says: (v) =>
      'size' in v
        ? `come from a cache of ${countText(wordValue(v, 'count'), 'line')} of ${bytesText(wordValue(v, 'size'))} that erases and writes do not empty`
        : 'give again what was read there before',
    remedy: 'read flash for every request, and empty its data cache after programming.',
  },
  copied: {
    says: (v) =>
      'bytes' in v
        ? `give what stood in the first ${bytesText(wordValue(v, 'bytes'))} before anything was changed`
        : 'changes' in v
          ? 'give what was written, from a copy, whatever flash holds'
          : 'use only a copy of the flash',
    remedy: 'erase and program the flash itself, and read it.',
  },
  lag: { says: () => 'give what the read before them should have given', remedy: READ_REMEDY },
} as const satisfies RowsFor;

/** How deviations of erases, and of where reads come from, are said, and what to do about them. */
import { hex } from '../../target/geometry.ts';
import { bytesText, ERASE_REMEDY, READ_REMEDY, type RowsFor, wordValue } from './say.ts';

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
        : `clear the sector ${wordValue(v, 'by')} further ${wordValue(v, 'instead') ? 'instead' : 'too'}`,
    remedy: ERASE_REMEDY,
  },
  'erase-sectors': {
    says: (v) =>
      'low' in v
        ? `keep the sector's number in ${wordValue(v, 'low')} bits`
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
} as const satisfies RowsFor;

export const SOURCE_WORDS = {
  constant: { says: (v) => `give ${hex(wordValue(v, 'value'), 2)} for every byte`, remedy: READ_REMEDY },
  echo: { says: () => 'give the block that was written last', remedy: READ_REMEDY },
  cache: {
    says: () => 'give again what was read there before',
    remedy: 'read flash for every request, and empty its data cache after programming.',
  },
  lag: { says: () => 'give what the read before them should have given', remedy: READ_REMEDY },
} as const satisfies RowsFor;

/** How deviations of amount and of address are said, and what to do about them. */
import { ADDRESS_REMEDY, away, baseText, bytesText, LENGTH_REMEDY, type RowsFor, wordValue } from './say.ts';

export const PLACE_WORDS = {
  'as-read': {
    says: (v) => `are right but for ${wordValue(v, 'bytes')} single bytes`,
    remedy: 'replace the chip, or keep these cells unused: they do not hold what is written.',
  },
  lost: { says: () => 'do nothing', remedy: 'do the work in every case, and return an error where it fails.' },
  late: {
    says: (v) =>
      'places' in v
        ? 'wait for the next write, and only the last that was asked for takes effect'
        : `take effect ${wordValue(v, 'by')} operation${wordValue(v, 'by') === 1 ? '' : 's'} late, and the last not at all`,
    remedy: 'work on the buffer that was just received, and finish before the status is given.',
  },
  'head-lost': { says: (v) => `leave out the first ${bytesText(wordValue(v, 'bytes'))}`, remedy: LENGTH_REMEDY },
  'tail-lost': { says: (v) => `leave out the last ${bytesText(wordValue(v, 'bytes'))}`, remedy: LENGTH_REMEDY },
  'head-only': {
    says: (v) =>
      'count' in v
        ? `go no further than the first 1/${wordValue(v, 'count')} of a block`
        : `go no further than the first ${bytesText(wordValue(v, 'bytes'))}`,
    remedy: LENGTH_REMEDY,
  },
  'tail-only': { says: (v) => `are about the last ${bytesText(wordValue(v, 'bytes'))} alone`, remedy: LENGTH_REMEDY },
  'odd-tail-lost': {
    says: (v) => `leave out what is left after whole pieces of ${bytesText(wordValue(v, 'bytes'))}`,
    remedy: LENGTH_REMEDY,
  },
  shift: { says: (v) => `are ${away(wordValue(v, 'by'))}`, remedy: ADDRESS_REMEDY },
  stride: {
    says: (v) =>
      wordValue(v, 'size') === 0
        ? 'all take the address that was set, whatever the block number'
        : `take blocks for ${bytesText(wordValue(v, 'size'))} long`,
    remedy: ADDRESS_REMEDY,
  },
  'base-ignored': {
    says: (v, at) => `count their blocks from ${baseText(v, 'base', at)}, whatever address was set`,
    remedy: ADDRESS_REMEDY,
  },
  pointer: {
    says: (v, at) => `go on from ${baseText(v, 'base', at)}, whatever address was set`,
    remedy: ADDRESS_REMEDY,
  },
  'base-twice': { says: () => 'add the offset of the address twice', remedy: ADDRESS_REMEDY },
  reorder: { says: (v) => `exchange blocks: number xor ${wordValue(v, 'mask')}`, remedy: ADDRESS_REMEDY },
  'number-wraps': {
    says: (v) =>
      'signed' in v
        ? `keep their distance from the address that was set in a signed number of ${wordValue(v, 'signed')} bits`
        : `begin again after ${wordValue(v, 'period')} blocks`,
    remedy: 'keep the block number in 16 bits.',
  },
  aligned: {
    says: (v) => `go to the start of the ${bytesText(wordValue(v, 'unit'))} that hold the address`,
    remedy: ADDRESS_REMEDY,
  },
  scaled: {
    says: (v) =>
      'sectorSize' in v
        ? `take every sector for ${bytesText(wordValue(v, 'sectorSize'))}`
        : `take the offset times ${wordValue(v, 'by')} / ${wordValue(v, 'over')}`,
    remedy: ADDRESS_REMEDY,
  },
  'one-place': { says: (v, at) => `all go to ${baseText(v, 'at', at)}`, remedy: ADDRESS_REMEDY },
  'previous-address': { says: () => 'take the address of the block before', remedy: ADDRESS_REMEDY },
  line: {
    says: (v) =>
      'half' in v
        ? 'go to the other half of the flash'
        : `take address bit A${wordValue(v, 'line')} for ${['0', '1', 'its inverse'][wordValue(v, 'value')]}`,
    remedy: 'use all bits of the address; outside the chip, look at the address lines.',
  },
  'lines-exchanged': {
    says: (v) => `exchange the address bits A${wordValue(v, 'low')} and A${wordValue(v, 'high')}`,
    remedy: 'use the bits of the address in their order; outside the chip, look at the address lines.',
  },
  modulo: {
    says: (v, at) =>
      'once' in v
        ? `go ${bytesText(wordValue(v, 'size'))} too low from ${at(wordValue(v, 'size'))} on`
        : `take the offset modulo ${bytesText(wordValue(v, 'size'))}`,
    remedy: 'use all bits of the address, and state no more memory than there is.',
  },
  also: {
    says: (v) => `go to a second place as well, ${away(wordValue(v, 'by'))}`,
    remedy: 'decode all bits of the address.',
  },
  bounded: {
    says: (v, at) =>
      `leave out all bytes ${wordValue(v, 'above') ? 'from' : 'below'} ${at(wordValue(v, 'limit'))}${wordValue(v, 'above') ? ' on' : ''}`,
    remedy: 'compare addresses with the limits of this chip and this layout.',
  },
} as const satisfies RowsFor;

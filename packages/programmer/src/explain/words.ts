/** What a model says to a person: what the loader does, what to do about it, and the code that such a mistake usually is. */
import { hex } from '../target/geometry.ts';
import type { Condition, ConditionKind } from './condition.ts';
import { type Model, NO_BYTE, type Primitive, type PrimitiveKind } from './primitive.ts';
import { TABLE_KINDS, type TableKind } from './primitives/data.ts';
import type { StepKind } from './steps.ts';

export interface ModelWords {
  /** The simplest loader that does all of this, in one sentence. */
  readonly sentence: string;
  /** What to change in the loader, one for each deviation. */
  readonly remedies: readonly string[];
  /** The place in the code, and what it usually forgets there; for CubeMX's class by the names of its functions. */
  readonly code: readonly string[];
}

type WordValues = Readonly<Record<string, number>>;
/** The end of "<erases, writes or reads> …". */
type Says = (values: WordValues, at: PlaceText) => string;
/** How an offset in flash is said. */
type PlaceText = (offset: number) => string;

interface WordsRow {
  readonly says: Says;
  readonly remedy: string;
}

/** The start of flash is an address where it is known, and offset 0 where it is not. */
const offsetText =
  (start: number): PlaceText =>
  (offset) =>
    start === 0 ? `offset ${hex(offset, 1)}` : hex(start + offset);
const sizeText = (n: number): string =>
  n >= 1024 && n % 1024 === 0 ? `${n / 1024} KB` : `${n} byte${n === 1 ? '' : 's'}`;
const away = (by: number): string => `${hex(Math.abs(by), 1)} bytes too ${by < 0 ? 'low' : 'high'}`;
const base = (values: WordValues, name: string, at: PlaceText): string =>
  'first' in values ? 'the first address that was set' : at(value(values, name));
const value = (values: WordValues, name: string): number => values[name] ?? 0;

const ADDRESS = 'compute the address as pointer + (block number - 2) * transfer size, and pass it on unchanged.';
const LENGTH = 'handle the whole length that was received, also where it is short.';
const DATA_WORDS = 'pass the bytes on in the order in which they came, word by word, unchanged.';
const ERASE = 'erase exactly the sector of the address, and wait until it is done.';
const READ = 'copy the bytes of the asked address into the buffer that is sent.';

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
};
const KEY_SAYS = [
  'the low byte of their address',
  'the second byte of their address',
  'their place in the block',
  'the block number',
  'a count of the blocks',
];

const WORDS_OF: Readonly<Record<PrimitiveKind, WordsRow>> = {
  'as-read': {
    says: (v) => `are right but for ${value(v, 'bytes')} single bytes`,
    remedy: 'replace the chip, or keep these cells unused: they do not hold what is written.',
  },
  lost: { says: () => 'do nothing', remedy: 'do the work in every case, and return an error where it fails.' },
  late: {
    says: (v) =>
      `take effect ${value(v, 'by')} operation${value(v, 'by') === 1 ? '' : 's'} late, and the last not at all`,
    remedy: 'work on the buffer that was just received, and finish before the status is given.',
  },
  'head-lost': { says: (v) => `leave out the first ${sizeText(value(v, 'bytes'))}`, remedy: LENGTH },
  'tail-lost': { says: (v) => `leave out the last ${sizeText(value(v, 'bytes'))}`, remedy: LENGTH },
  'head-only': {
    says: (v) =>
      'count' in v
        ? `go no further than the first 1/${value(v, 'count')} of a block`
        : `go no further than the first ${sizeText(value(v, 'bytes'))}`,
    remedy: LENGTH,
  },
  'tail-only': { says: (v) => `are about the last ${sizeText(value(v, 'bytes'))} alone`, remedy: LENGTH },
  'odd-tail-lost': {
    says: (v) => `leave out what is left after whole pieces of ${sizeText(value(v, 'bytes'))}`,
    remedy: LENGTH,
  },
  shift: { says: (v) => `are ${away(value(v, 'by'))}`, remedy: ADDRESS },
  stride: {
    says: (v) =>
      value(v, 'size') === 0
        ? 'all take the address that was set, whatever the block number'
        : `take blocks for ${sizeText(value(v, 'size'))} long`,
    remedy: ADDRESS,
  },
  'base-ignored': {
    says: (v, at) => `count their blocks from ${base(v, 'base', at)}, whatever address was set`,
    remedy: ADDRESS,
  },
  pointer: { says: (v, at) => `go on from ${base(v, 'base', at)}, whatever address was set`, remedy: ADDRESS },
  'base-twice': { says: () => 'add the offset of the address twice', remedy: ADDRESS },
  reorder: { says: (v) => `exchange blocks: number xor ${value(v, 'mask')}`, remedy: ADDRESS },
  'number-wraps': {
    says: (v) =>
      'signed' in v
        ? `keep their distance from the address that was set in a signed number of ${value(v, 'signed')} bits`
        : `begin again after ${value(v, 'period')} blocks`,
    remedy: 'keep the block number in 16 bits.',
  },
  aligned: {
    says: (v) => `go to the start of the ${sizeText(value(v, 'unit'))} that hold the address`,
    remedy: ADDRESS,
  },
  scaled: {
    says: (v) =>
      'sectorSize' in v
        ? `take every sector for ${sizeText(value(v, 'sectorSize'))}`
        : `take the offset times ${value(v, 'by')} / ${value(v, 'over')}`,
    remedy: ADDRESS,
  },
  'one-place': { says: (v, at) => `all go to ${base(v, 'at', at)}`, remedy: ADDRESS },
  'previous-address': { says: () => 'take the address of the block before', remedy: ADDRESS },
  line: {
    says: (v) =>
      'half' in v
        ? 'go to the other half of the flash'
        : `take address bit A${value(v, 'line')} for ${['0', '1', 'its inverse'][value(v, 'value')]}`,
    remedy: 'use all bits of the address; outside the chip, look at the address lines.',
  },
  'lines-exchanged': {
    says: (v) => `exchange the address bits A${value(v, 'low')} and A${value(v, 'high')}`,
    remedy: 'use the bits of the address in their order; outside the chip, look at the address lines.',
  },
  modulo: {
    says: (v, at) =>
      'once' in v
        ? `go ${sizeText(value(v, 'size'))} too low from ${at(value(v, 'size'))} on`
        : `take the offset modulo ${sizeText(value(v, 'size'))}`,
    remedy: 'use all bits of the address, and state no more memory than there is.',
  },
  also: {
    says: (v) => `go to a second place as well, ${away(value(v, 'by'))}`,
    remedy: 'decode all bits of the address.',
  },
  bounded: {
    says: (v, at) =>
      `leave out all bytes ${value(v, 'above') ? 'from' : 'below'} ${at(value(v, 'limit'))}${value(v, 'above') ? ' on' : ''}`,
    remedy: 'compare addresses with the limits of this chip and this layout.',
  },
  padded: {
    says: (v) =>
      `fill short blocks up to ${sizeText(value(v, 'multiple'))} with ${PADDING_SAYS[value(v, 'filling')] ?? 'something'}`,
    remedy: LENGTH,
  },
  'closed-up': {
    says: (v) => `lose ${sizeText(value(v, 'by'))} at ${value(v, 'from')} of every block, and the rest moves up`,
    remedy: 'collect all packets of a block before you use it.',
  },
  widened: {
    says: (v) => `spread every byte over ${value(v, 'unit')}`,
    remedy: DATA_WORDS,
  },
  'erases-first': {
    says: (v) => `erase ${value(v, 'unit') ? `the ${sizeText(value(v, 'unit'))} around a block` : 'the sector'} first`,
    remedy: 'program the block alone; erase where an erase is asked for.',
  },
  again: { says: () => 'give the answer of the read before them', remedy: READ },
  swap: {
    says: (v) =>
      `have the ${value(v, 'unit') === 1 ? 'bytes' : `units of ${sizeText(value(v, 'unit'))}`} of every ${sizeText(value(v, 'group'))} in reverse order`,
    remedy: DATA_WORDS,
  },
  reversed: { says: () => 'have the bytes of every block in reverse order', remedy: DATA_WORDS },
  rotated: {
    says: (v) =>
      `have the bytes of every block ${Math.abs(value(v, 'by'))} too ${value(v, 'by') < 0 ? 'early' : 'late'}`,
    remedy: DATA_WORDS,
  },
  repeated: {
    says: (v) => `repeat the first ${sizeText(value(v, 'bytes'))} of every block`,
    remedy: 'collect all packets of a block before you use it.',
  },
  spread: {
    says: (v) => `step ${value(v, 'by')} times too far after every ${sizeText(value(v, 'unit'))}`,
    remedy: 'advance the pointer by the size of what was handled, once.',
  },
  strided: {
    says: (v) =>
      value(v, 'by') === 2
        ? `take only every second piece of ${sizeText(value(v, 'unit'))} of a block`
        : `take every piece of ${sizeText(value(v, 'unit'))} twice`,
    remedy: DATA_WORDS,
  },
  stripes: {
    says: (v) =>
      `have, of every ${sizeText(value(v, 'period'))}, bytes ${value(v, 'from')} to ${value(v, 'to') - 1} ${FILLING_SAYS[value(v, 'filling')]}`,
    remedy: DATA_WORDS,
  },
  hole: {
    says: (v) =>
      `have bytes ${value(v, 'from')} to ${value(v, 'to') - 1} of every block ${FILLING_SAYS[value(v, 'filling')]}`,
    remedy: LENGTH,
  },
  table: {
    says: (v) =>
      `have ${'period' in v ? `byte ${value(v, 'remainder')} of every ${value(v, 'period')}` : 'all bytes'} ${TABLE_SAYS[TABLE_KINDS[value(v, 'table')] ?? 'invert'](value(v, 'value'))}`,
    remedy: DATA_WORDS,
  },
  keyed: { says: (v) => `have their bytes mixed (xor) with ${KEY_SAYS[value(v, 'by')]}`, remedy: DATA_WORDS },
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
      `${['clear bits', 'replace what stood there, erased or not', 'only set bits', 'are mixed (xor) with what stood there'][value(v, 'how')]}`,
    remedy: 'program flash, not a copy of it, and erase first.',
  },
  'erase-unit': {
    says: (v) =>
      'count' in v
        ? `clear part ${value(v, 'index') + 1} of ${value(v, 'count')} of the sector alone`
        : `clear ${sizeText(value(v, 'size'))}, whatever the sector`,
    remedy: ERASE,
  },
  'erase-neighbour': {
    says: (v) =>
      'sector' in v
        ? `clear the ${value(v, 'sector') < 0 ? 'last' : 'first'} sectors too`
        : `clear the sector ${value(v, 'by')} further ${value(v, 'instead') ? 'instead' : 'too'}`,
    remedy: ERASE,
  },
  'erase-sectors': {
    says: (v) =>
      'low' in v
        ? `keep the sector's number in ${value(v, 'low')} bits`
        : 'by' in v
          ? `take every sector for ${sizeText(value(v, 'by'))}`
          : 'group' in v
            ? `clear the whole group of ${value(v, 'group')} sectors`
            : `clear ${value(v, 'count')} sectors, from ${value(v, 'from')} further on`,
    remedy: ERASE,
  },
  'erase-all': { says: () => 'clear the whole flash', remedy: ERASE },
  'erase-rest': {
    says: (v) => ('before' in v ? 'clear everything up to the sector' : 'clear everything from the address on'),
    remedy: ERASE,
  },
  'erase-value': {
    says: (v) =>
      'mask' in v ? `set only the bits ${hex(value(v, 'mask'), 2)}` : `leave ${hex(value(v, 'value'), 2)} behind`,
    remedy: ERASE,
  },
  constant: { says: (v) => `give ${hex(value(v, 'value'), 2)} for every byte`, remedy: READ },
  echo: { says: () => 'give the block that was written last', remedy: READ },
  cache: {
    says: () => 'give again what was read there before',
    remedy: 'read flash for every request, and empty its data cache after programming.',
  },
  lag: { says: () => 'give what the read before them should have given', remedy: READ },
};

const CONDITION_SAYS: Readonly<Record<ConditionKind, (a: number, b: number, at: PlaceText) => string>> = {
  first: () => 'the first of them',
  'not-first': () => 'all but the first',
  only: (k) => `number ${k + 1}`,
  'from-count': (n) => `from number ${n + 1} on`,
  'up-to-count': (n) => `the first ${n}`,
  'from-change': (n) => `after ${n} erases and writes`,
  every: (n, k) => `number ${k + 1} of every ${n}`,
  'all-but-every': (n, k) => `all but number ${k + 1} of every ${n}`,
  'every-in-run': (n, k) => `block ${k + 1} of every ${n} since the address was set`,
  'all-but-every-in-run': (n, k) => `all but block ${k + 1} of every ${n} since the address was set`,
  'first-of-run': () => 'the first after an address was set',
  'not-first-of-run': () => 'all but the first after an address was set',
  'first-run': () => 'those after the first address that was set',
  'not-first-run': () => 'those after a second address was set',
  'from-address': (limit, _, at) => `from ${at(limit)} on`,
  'below-address': (limit, _, at) => `below ${at(limit)}`,
  'address-bit': (bit, on) => `where address bit A${bit} is ${on}`,
  short: () => 'those that are shorter than a block',
  full: () => 'those of a full block',
  shorter: (n) => `those shorter than ${sizeText(n)}`,
  'odd-length': (n) => `those whose length is no multiple of ${n}`,
  'after-erase': (n) => `the first ${n} after an erase`,
  'later-after-erase': (n) => `all but the first ${n} after an erase`,
  'after-write': () => 'after the first write',
  'from-bytes': (n) => `after ${sizeText(n)}`,
  'from-number': (n) => `from block number ${n + 2} on`,
  'ends-from': (limit, _, at) => `that end at ${at(limit)} or above`,
  'begins-with': (n, byte) => `those that begin with ${sizeText(n)} of ${hex(byte, 2)}`,
  longer: (n) => `those of ${sizeText(n)} or more`,
};

const SUBJECTS: Readonly<Record<StepKind, string>> = { erase: 'erases', write: 'writes', read: 'reads' };

/** The functions of STM32CubeMX's DFU media interface (usbd_dfu_if.c) that do this. */
const FUNCTIONS: Readonly<Record<StepKind, string>> = {
  erase: 'MEM_If_Erase_FS',
  write: 'MEM_If_Write_FS',
  read: 'MEM_If_Read_FS',
};

/** @param start where the flash begins, so that places are said as addresses; without it as offsets */
export function wordsOf(model: Model, start = 0): ModelWords {
  const at = offsetText(start);
  return {
    sentence: model.map((primitive) => clauseOf(primitive, at)).join('; '),
    remedies: [...new Set(model.map(({ kind }) => WORDS_OF[kind].remedy))],
    code: [
      ...new Set(
        model.map(
          (primitive) =>
            `${primitive.on.map((kind) => FUNCTIONS[kind]).join(', ')}: ${WORDS_OF[primitive.kind].remedy}`,
        ),
      ),
    ],
  };
}

function clauseOf({ kind, on, parameters, condition }: Primitive, at: PlaceText): string {
  const subject = listed(on.map((each) => SUBJECTS[each]));
  const clause = `${subject} ${WORDS_OF[kind].says(parameters, at)}`;
  return condition ? `${clause} (${conditionWords(condition, at)})` : clause;
}

const conditionWords = ({ kind, values }: Condition, at: PlaceText): string =>
  CONDITION_SAYS[kind](values[0] ?? 0, values[1] ?? 0, at);
const listed = (all: readonly string[]): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;

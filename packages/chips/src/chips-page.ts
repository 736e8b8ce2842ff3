/** The page docs/chips.md, made from the table and from what the matrix found, so that they cannot differ. */

import type { Bank, Chip, FlashVariant, OtherChip } from './chip.ts';
import { CHIPS, OTHER_CHIPS } from './chips.ts';
import { KB } from './data/shared.ts';

const GUESS_MARK = ' (?)';

/** What became of the virtual ROM of a chip: an entry of docs/matrix.json. */
export interface TriedRom {
  /** Id of the chip. */
  readonly chip: string;
  readonly programmed: boolean;
  /** Runs that were cut by a power failure, and those that the next run completed. */
  readonly cuts: number;
  readonly completed: number;
  readonly left: boolean;
}

interface Column {
  readonly title: string;
  readonly cell: (chip: Chip, tried: readonly TriedRom[]) => string;
  /** Doubts about these fields mark the cell. */
  readonly fields: readonly (keyof Chip)[];
}

const COLUMNS: readonly Column[] = [
  { title: 'chips', fields: [], cell: ({ names }) => shortened(names) },
  { title: 'DEV_ID', fields: ['devId'], cell: ({ devId }) => hexDigits(devId, 3) },
  { title: 'flash', fields: ['variants'], cell: ({ variants }) => flashSizes(variants) },
  { title: 'sectors', fields: ['variants'], cell: ({ variants }) => divisions(variants) },
  { title: 'write', fields: ['writeSize', 'cells', 'erasedValue'], cell: howWritten },
  { title: 'USB DFU', fields: [], cell: dfu },
  { title: 'tried', fields: [], cell: triedText },
  { title: 'bootloader', fields: ['bootloaderVectors', 'bootloader', 'systemMemory'], cell: bootloader },
  { title: 'entered by', fields: ['boot'], cell: ({ boot }) => boot.pattern },
  { title: 'clock for USB', fields: ['boot'], cell: ({ usbDfu, boot }) => (usbDfu ? boot.clock : 'no USB') },
];

/** @param tried what the matrix found (`conformance/src/matrix.test.ts`) */
export function chipsPage(tried: readonly TriedRom[]): string {
  const families = [...new Set(CHIPS.map(({ family }) => family))];
  const dfuCount = CHIPS.filter(({ usbDfu }) => usbDfu).length;
  const doubtful = CHIPS.filter(({ doubts }) => doubts.length > 0).length;
  return [
    '# Chips',
    '',
    '<!-- Made by packages/chips/docs.mjs from the chip table and docs/matrix.json: change these, not this page. -->',
    '',
    `${CHIPS.length} kinds of STM32, ${dfuCount} of them with USB DFU in their ROM. Each row is one die with one bootloader; facts are`,
    'from public documents and projects, named under each table.',
    '',
    `- **(?)** marks an uncertain fact. The reasons are under the table, also for times, which the table does not show. ${doubtful} rows`,
    '  have doubts of some kind.',
    '- **sectors**: the smallest erasable units, from 0x08000000 on. Where there is a choice, the option bits in brackets decide.',
    '- **write**: bytes that are programmed at once; *once* means that a unit may be programmed only once after an erase (ECC).',
    '- **tried**: the tests of a virtual ROM of this chip, with the variants of its flash: programming it, cutting the power in the middle of',
    '  the given number of runs, completing each in the next run, and starting the program. No real chip was used.',
    '- **bootloader**: the address of its vector table, which is the address to jump to, and its versions.',
    '- The notes under a table name a row by its first chip.',
    '',
    ...families.flatMap((family) => section(family, tried)),
    '## Known, but not programmed by sureflash',
    '',
    ...OTHER_CHIPS.map(other),
    '',
  ].join('\n');
}

function section(family: string, tried: readonly TriedRom[]): string[] {
  const chips = CHIPS.filter((chip) => chip.family === family);
  return [
    `## STM32${family}`,
    '',
    `| ${COLUMNS.map(({ title }) => title).join(' | ')} |`,
    `|${COLUMNS.map(() => '---').join('|')}|`,
    ...chips.map((chip) => `| ${COLUMNS.map((column) => marked(column, chip, tried)).join(' | ')} |`),
    '',
    ...chipList(chips, 'Also', ({ boot }) => (boot.note ? [boot.note] : [])),
    ...chipList(chips, 'Limitations', ({ limitations }) => limitations),
    ...chipList(chips, 'Not certain', ({ doubts }) => doubts.map(({ field, why }) => `${words(field)}: ${why}`)),
    `Sources: ${[...new Set(chips.flatMap(({ sources }) => sources))].join(', ')}.`,
    '',
  ];
}

/** What is said of several chips is said once. */
function chipList(chips: readonly Chip[], title: string, of: (chip: Chip) => readonly string[]): string[] {
  const said = new Map<string, Chip[]>();
  for (const chip of chips) for (const text of of(chip)) said.set(text, [...(said.get(text) ?? []), chip]);
  if (said.size === 0) return [];
  const who = (some: readonly Chip[]): string =>
    some.length === chips.length && some.length > 1 ? 'all' : some.map(({ names }) => names[0]).join(', ');
  return [`${title}:`, '', ...[...said].map(([text, some]) => `- ${who(some)}: ${text}`), ''];
}

function other({ names, limitations, sources }: OtherChip): string {
  return `- ${shortened(names)}: ${limitations.join('; ')}. Sources: ${sources.join(', ')}.`;
}

function marked({ cell, fields }: Column, chip: Chip, tried: readonly TriedRom[]): string {
  return cell(chip, tried) + (chip.doubts.some(({ field }) => fields.includes(field)) ? GUESS_MARK : '');
}

/** `STM32F103x8, xB, F101x8`: what is the same as before is left out. */
function shortened(names: readonly string[]): string {
  let line = '';
  return names
    .map((name, i) => {
      const [stem = name, code] = name.split('x');
      const same = code !== undefined && stem === line;
      line = stem;
      if (same) return `x${code}`;
      return i === 0 ? name : name.replace('STM32', '');
    })
    .join(', ');
}

function flashSizes(variants: readonly FlashVariant[]): string {
  const all = [...new Set(variants.map(({ bytes }) => bytes))].sort((a, b) => a - b);
  return all.length === 0 ? 'not known' : all.map((bytes) => flashSize(bytes)).join(', ');
}

/** Equal pages are the same for each size; graded sectors are written out for each. */
function divisions(variants: readonly FlashVariant[]): string {
  const pages = new Set(variants.flatMap(({ banks }) => banks.map(({ runs }) => runs.map((run) => run.size).join())));
  const uniform = ![...pages].some((run) => run.includes(','));
  if (variants.length === 0) return 'not known';
  const lines = variants.map((each) => (uniform ? division(each) : `${flashSize(each.bytes)}: ${division(each)}`));
  return [...new Set(lines)].join('<br>');
}

function division({ banks: [first, second], option }: FlashVariant): string {
  const conditions = [
    ...(option ? [`${option.name} = ${option.value}`] : []),
    ...(second ? [`bank 2 at ${hexDigits(second.start, 8)}`] : []),
  ].join(', ');
  const bank = first ? runsText(first) : '';
  return `${second ? `2 banks, each ${bank}` : bank}${conditions && ` (${conditions})`}`;
}

/** `pages of 2 KB`, or `4 × 16, 1 × 64, 3 × 128 KB`. */
function runsText({ runs }: Bank): string {
  const [only, ...others] = runs;
  if (only && others.length === 0) return `pages of ${flashSize(only.size)}`;
  return `${runs.map((run) => `${run.count} × ${run.size / KB}`).join(', ')} KB`;
}

function howWritten({ writeSize, cells, erasedValue }: Chip): string {
  const erased = erasedValue === 0xff ? '' : `, erased is ${hexDigits(erasedValue, 2)}`;
  return `${writeSize}${cells === 'ecc' ? ' once' : ''}${erased}`;
}

function dfu({ usbDfu, bootloader: { dfuProtocol } }: Chip): string {
  return usbDfu ? `V${dfuProtocol}` : 'no';
}

/** `programmed, 10 cuts completed, started`; what failed is said instead. */
function triedText({ id }: Chip, all: readonly TriedRom[]): string {
  const tried = all.filter(({ chip }) => chip === id);
  if (tried.length === 0) return '–';
  const sum = (of: (rom: TriedRom) => number): number => tried.reduce((total, rom) => total + of(rom), 0);
  const cuts = sum((rom) => rom.cuts);
  const completed = sum((rom) => rom.completed);
  return [
    tried.every((rom) => rom.programmed) ? 'programmed' : 'not programmed',
    completed === cuts ? `${cuts} cuts completed` : `${completed} of ${cuts} cuts completed`,
    tried.every((rom) => rom.left) ? 'started' : 'not started',
  ].join(', ');
}

function bootloader({ bootloaderVectors, bootloader: { versions } }: Chip): string {
  const named = versions.map(({ name, note }) => (note ? `${name} (${note})` : name)).join(', ');
  return `${hexDigits(bootloaderVectors, 8)}: ${named}`;
}

function words(field: keyof Chip): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function flashSize(bytes: number): string {
  if (bytes < KB) return `${bytes} bytes`;
  const mb = bytes / KB / KB;
  return mb >= 1 ? `${mb} MB` : `${bytes / KB} KB`;
}

function hexDigits(value: number, digits: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}

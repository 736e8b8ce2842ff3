/** From the arguments of dfu-util to the commands of this program that do the same. Pure: it runs nothing. */
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { parseNumber, parsePlace } from '../base/numbers.ts';

/** One command of this program: what stands beside its options, and those by the names of their declarations. */
export interface DfuUtilStep {
  readonly verb: string;
  readonly operands: Readonly<Record<string, string | readonly string[]>>;
  readonly options: Readonly<Record<string, string | number | true>>;
}

/** What was given to dfu-util, by its own long names. */
export interface DfuUtilWords {
  readonly list?: boolean;
  readonly download?: string;
  readonly upload?: string;
  readonly uploadSize?: string;
  readonly dfuseAddress?: string;
  readonly alt?: string;
  readonly reset?: boolean;
  readonly detach?: boolean;
  readonly devnum?: string;
  readonly cfg?: string;
  readonly intf?: string;
}

interface DfuseAddress {
  readonly address?: number;
  /** Bytes to read. */
  readonly length?: number;
  readonly modifiers: ReadonlySet<string>;
}

const MODIFIERS: ReadonlySet<string> = new Set(['leave', 'force', 'unprotect', 'mass-erase', 'fast']);

/** `0x08000000:leave`, `:leave`, `0x08000000:1024:force`. @throws CommandError `usage` that names what is not understood */
export function parseDfuseAddress(text: string): DfuseAddress {
  const [first = '', ...rest] = text.split(':');
  const modifiers = new Set<string>();
  let length: number | undefined;
  for (const word of rest) {
    if (MODIFIERS.has(word)) modifiers.add(word);
    else if (/^(0x[0-9a-f]+|\d+)$/i.test(word)) length = parseNumber(word, 'a length');
    else if (word === 'will-reset') {
      throw notHere('-s …:will-reset', 'It goes with option bytes, which are set by name: sureflash option-bytes set');
    } else
      throw usage(`"${word}" in -s ${text} is not known.`, `There are: ${[...MODIFIERS].join(', ')}, or a length.`);
  }
  return {
    modifiers,
    ...(first !== '' && { address: parsePlace(first) }),
    ...defined({ length }),
  };
}

/** @throws CommandError `usage` for what this program has nothing for, by its name */
export function dfuUtilSteps(words: DfuUtilWords): DfuUtilStep[] {
  refuseUnsupported(words);
  const { list, download, upload, dfuseAddress, reset = false, detach = false } = words;
  if (list) return [step('list')];
  if (download !== undefined && upload !== undefined) throw usage('-D and -U exclude each other.');
  const place = parseDfuseAddress(dfuseAddress ?? '');
  const { address, modifiers } = place;
  const leaves = modifiers.has('leave') || reset;
  for (const name of ['unprotect', 'mass-erase']) {
    if (modifiers.has(name) && !modifiers.has('force')) {
      throw usage(`${name} erases the flash: nothing was done.`, `If you want it: -s ${dfuseAddress}:force`);
    }
  }
  // As dfu-util does: a chip that is opened is erased, and the file is left for the next call.
  if (modifiers.has('unprotect')) return [step('unprotect', {}, { yes: true })];
  const before = modifiers.has('mass-erase') ? [step('erase', {}, { all: true })] : [];
  const start = leaves ? [step('leave', {}, address === undefined ? {} : { at: address })] : [];
  if (download !== undefined) {
    const options = { ...defined({ at: address }), ...whenTrue({ leave: leaves, detach }) };
    return [...before, step('program', { file: [download] }, options)];
  }
  if (upload !== undefined) return [uploadStep(words, upload, place), ...start];
  if (before.length + start.length > 0) return [...before, ...start];
  if (detach) return [step('detach')];
  throw usage('This does not say what to do.', 'Give -l, -e, -D FILE or -U FILE, as dfu-util wants it.');
}

function uploadStep(words: DfuUtilWords, file: string, { address, length: stated }: DfuseAddress): DfuUtilStep {
  const { uploadSize, alt = '0', detach = false } = words;
  const length = uploadSize === undefined ? stated : parseNumber(uploadSize, 'a size');
  const options = { format: 'binary', ...whenTrue({ detach }) };
  if (address !== undefined) {
    return step('read', { range: length === undefined ? `${address}..` : `${address}+${length}`, file }, options);
  }
  if (alt !== '0') {
    throw usage(
      `-a ${alt} without an address says nothing here.`,
      'Give the address (-s), or use the name of the memory: sureflash read FILE --region option-bytes',
    );
  }
  if (length !== undefined) throw usage('A length needs an address.', 'Give it: -s 0x08000000');
  return step('read', { file }, options);
}

const whenTrue = (flags: Readonly<Record<string, boolean>>): Readonly<Record<string, true>> =>
  Object.fromEntries(Object.entries(flags).flatMap(([key, value]) => (value ? [[key, true as const]] : [])));

function refuseUnsupported({ devnum, cfg, intf }: DfuUtilWords): void {
  if (devnum !== undefined) {
    throw notHere('-n (device number)', 'It changes at each plug. Use the bus path (-p) or the serial number (-S).');
  }
  if (cfg !== undefined && cfg !== '1') {
    throw notHere(`-c ${cfg}`, 'The bootloaders that are programmed here have one configuration, number 1.');
  }
  if (intf !== undefined && intf !== '0') {
    throw notHere(`-i ${intf}`, 'The bootloaders that are programmed here have their DFU interface at number 0.');
  }
}

const notHere = (what: string, instead: string): Error => usage(`${what} of dfu-util is not supported.`, instead);

/** What stands for an option of ours in dfu-util; of `--usb`, by the shape of what follows. */
const AS_DFU_UTIL: Readonly<Record<string, (value: string) => string>> = {
  at: (value) => `-s ${value || 'ADDRESS'}`,
  leave: () => '-s :leave',
  wait: () => '-w',
  detach: () => '-e',
  usb: (value) => `${SHAPES.find(([shape]) => shape.test(value))?.[1] ?? '-S'} ${value || 'SERIAL'}`,
};
const SHAPES: readonly (readonly [shape: RegExp, option: string])[] = [
  [/^[0-9a-f]{4}:[0-9a-f]{4}$/i, '-d'],
  [/^\d+-[\d.]+$/, '-p'],
];
/** What belongs to an option: an address, a range, a place on the bus, ids, a name in capitals. */
const VALUE =
  '0x[\\da-fA-F]+(?:\\+[\\dA-Z]+)?|\\d+-[\\d.]+|[\\da-f]{4}:[\\da-f]{4}|\\d+(?![-.:\\w])|[A-Z]+(?:\\.\\.[A-Z]+)?\\b|always|binary';
const SPOKEN_OPTION = `--[a-z][a-z-]+(?: (?:${VALUE}))?`;
/** Options that are not part of a whole command. */
const SPOKEN_OPTIONS = new RegExp(`(?<!sureflash [^()\\n]*)(add )?(\\()?(${SPOKEN_OPTION}(?: ${SPOKEN_OPTION})*)`, 'g');

/**
 * @param command of ours that carries out what was given to dfu-util
 * @param options that it takes, by their long names
 * @returns `text` with each option in the words of dfu-util, or as the command of ours that has it
 */
export function inDfuUtilWords(text: string, command: string, options: ReadonlySet<string>): string {
  return text.replace(SPOKEN_OPTIONS, (found: string, add = '', bracket = '', all = '') => {
    const words = String(all).split(/ (?=--)/);
    const nameOf = (word: string): string => /^--([a-z-]+)/.exec(word)?.[1] ?? '';
    const theirs = words.map((word) => AS_DFU_UTIL[nameOf(word)]?.(word.split(' ')[1] ?? ''));
    if (theirs.every((word) => word !== undefined)) return `${add}${bracket}${theirs.join(' ')}`;
    if (!words.some((word) => options.has(nameOf(word)))) return found;
    const more = words.filter((word) => !command.includes(` --${nameOf(word)}`));
    const whole = [command, ...more].join(' ');
    return bracket === '' ? `${add === '' ? '' : 'run '}"${whole}"` : `(${whole}`;
  });
}

function step(verb: string, operands: DfuUtilStep['operands'] = {}, options: DfuUtilStep['options'] = {}): DfuUtilStep {
  return { verb, operands, options };
}

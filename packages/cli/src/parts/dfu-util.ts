/** From the arguments of dfu-util to the commands of this program that do the same. Pure: it runs nothing. */
import { usage } from '../base/command-error.ts';
import { defined } from '../base/defined.ts';
import { parseNumber } from '../base/numbers.ts';

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
  readonly detachDelay?: string;
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
    ...(first !== '' && { address: parseNumber(first, 'an address') }),
    ...defined({ length }),
  };
}

/** @throws CommandError `usage` for what this program has nothing for, by its name */
export function dfuUtilSteps(words: DfuUtilWords): DfuUtilStep[] {
  refuseUnsupported(words);
  const { list, download, upload, dfuseAddress, reset = false } = words;
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
    const options = { ...defined({ at: address }), ...(leaves && { leave: true as const }) };
    return [...before, step('program', { file: [download] }, options)];
  }
  if (upload !== undefined) return [uploadStep(words, upload, place), ...start];
  if (before.length + start.length > 0) return [...before, ...start];
  throw usage('This does not say what to do.', 'Give -l, -D FILE or -U FILE, as dfu-util wants it.');
}

function uploadStep(words: DfuUtilWords, file: string, { address, length: stated }: DfuseAddress): DfuUtilStep {
  const { uploadSize, alt = '0' } = words;
  const length = uploadSize === undefined ? stated : parseNumber(uploadSize, 'a size');
  const options = { format: 'binary' };
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

function refuseUnsupported({ detach, detachDelay, devnum, cfg, intf }: DfuUtilWords): void {
  if (detach || detachDelay !== undefined) {
    throw notHere('-e (detach)', 'Use "sureflash detach", or --detach of any verb.');
  }
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

function step(verb: string, operands: DfuUtilStep['operands'] = {}, options: DfuUtilStep['options'] = {}): DfuUtilStep {
  return { verb, operands, options };
}

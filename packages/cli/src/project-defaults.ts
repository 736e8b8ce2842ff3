/** Defaults of a project: the nearest `sureflash.json` above the working folder, for what a command line leaves out. */
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { visible } from '@sureflash/programmer/basics';
import type { Command, Option } from 'commander';
import { CommandError, usage } from './base/command-error.ts';
import { EXIT } from './base/exit-codes.ts';
import type { Io } from './base/io.ts';
import type { Verb } from './declare/verb.ts';
import { fileError } from './files/file-access.ts';

export const DEFAULTS_FILE = 'sureflash.json';

/** Options that may stand in the file, and the firmware file itself. A path in it counts from the folder of the file. */
const PROJECT_KEYS = [
  'file',
  'at',
  'format',
  'chip',
  'usb',
  'usbip',
  'virtual',
  'keep',
  'erase',
  'leave',
  'polite',
  'wait',
] as const;
type Key = (typeof PROJECT_KEYS)[number];

export interface ProjectDefaults {
  readonly path: string;
  readonly values: Readonly<Partial<Record<Key, string | boolean>>>;
}

/** @throws CommandError `cli/defaults` for a file that is no JSON object, or that says what is not known */
export async function loadProjectDefaults(io: Io): Promise<ProjectDefaults | undefined> {
  for (let folder = io.folder; ; folder = dirname(folder)) {
    const path = join(folder, DEFAULTS_FILE);
    const text = await fileTextOf(io, path);
    if (text !== undefined) return { path, values: parseProject(path, text, folder) };
    if (dirname(folder) === folder) return undefined;
  }
}

/** Two dozen keys with a path each. */
const MOST_DEFAULTS_BYTES = 64 * 1024;

async function fileTextOf(io: Io, path: string): Promise<string | undefined> {
  const bytes = await io.readFile(path).catch((cause: unknown) => {
    const errno = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw fileError(path, 'read', cause);
  });
  if (bytes === undefined) return undefined;
  if (bytes.length > MOST_DEFAULTS_BYTES)
    throw badProject(path, `it has ${bytes.length} bytes, and at most ${MOST_DEFAULTS_BYTES} are read`, 'Remove it.');
  return new TextDecoder().decode(bytes);
}

function parseProject(path: string, text: string, folder: string): ProjectDefaults['values'] {
  const parsed = json(path, text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw badProject(path, 'it is not a JSON object', 'Write it as {"file": "build/app.elf", "chip": "STM32F105RB"}.');
  }
  const values: Partial<Record<Key, string | boolean>> = {};
  for (const [name, value] of Object.entries(parsed)) {
    const key = PROJECT_KEYS.find((each) => each === name);
    if (!key)
      throw badProject(path, `"${name}" is not a default that it can set`, `It can set: ${PROJECT_KEYS.join(', ')}.`);
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') {
      throw badProject(path, `"${name}" must be text, a number, true or false`, `It is ${JSON.stringify(value)}.`);
    }
    values[key] = typeof value === 'number' ? String(value) : value;
  }
  const { file } = values;
  if (typeof file === 'string' && !isAbsolute(file)) values.file = resolve(folder, file);
  return values;
}

function json(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw badProject(path, `it is not JSON: ${detail}`, 'Correct it, or remove it.');
  }
}

function badProject(path: string, what: string, ...remedy: string[]): CommandError {
  return new CommandError({
    code: 'cli/defaults',
    exitCode: EXIT.file,
    title: visible(`${path}: ${what}.`),
    remedy: remedy.map(visible),
    facts: { path },
  });
}

const WHICH_DEVICE: ReadonlySet<string> = new Set(['usb', 'usbip', 'virtual', 'replay']);
/** Said of the device that the file chooses. */
const OF_DEVICE: ReadonlySet<string> = new Set([...WHICH_DEVICE, 'chip']);
/** Said of the firmware file that the file names. */
const OF_FIRMWARE: ReadonlySet<string> = new Set(['at', 'format']);
/** How a firmware file is programmed: other verbs have options of the same name that mean something else. */
const OF_JOB: ReadonlySet<string> = new Set(['keep', 'erase']);

/**
 * Fills in what the command line has left out, where the verb has such an option. What the file says of its device, or
 * of its firmware, holds for no other one that the command line names.
 * @returns the names of what was filled in
 * @throws CommandError `cli/usage` for a value that the option does not take, for a firmware file that nobody names, and
 * for an option of the command line that an operand stands instead of
 */
export function applyDefaults(command: Command, verb: Verb, defaults: ProjectDefaults | undefined): string[] {
  const applied: string[] = [];
  const takesFirmware = Object.values(verb.operands).some(({ kind }) => kind === 'firmware');
  const lacksFirmware = takesFirmware && isLeftOut(command.processedArgs[0]);
  const replaced = replacedOptions(command, verb);
  const isPutAside = putAside(command, { takesFirmware, lacksFirmware, replaced });
  for (const option of command.options) {
    const name = option.attributeName();
    const value = new Map(Object.entries(defaults?.values ?? {})).get(name);
    if (value === undefined || isGiven(command, option) || isPutAside(name)) continue;
    command.setOptionValueWithSource(name, checkedValue(option, value, defaults?.path ?? ''), 'config');
    applied.push(name);
  }
  if (lacksFirmware) {
    const { file } = defaults?.values ?? {};
    if (typeof file !== 'string') {
      throw usage(
        "Missing required argument 'file'.",
        `Name the firmware file, here or in ${DEFAULTS_FILE}.`,
        `See: sureflash ${command.name()} --help`,
      );
    }
    command.processedArgs = [[file]];
    applied.unshift('file');
  }
  return applied;
}

/** Keys of the options that an operand stands instead of. */
function replacedOptions(command: Command, verb: Verb): ReadonlySet<string> {
  const given = Object.values(verb.operands).filter((_, at) => !isLeftOut(command.processedArgs[at]));
  const replaced = new Set(given.flatMap(({ insteadOf }) => insteadOf ?? []));
  const typed = command.options.find((option) => replaced.has(option.attributeName()) && isGiven(command, option));
  if (!typed) return replaced;
  const at = Object.values(verb.operands).findIndex(({ insteadOf }) => insteadOf?.includes(typed.attributeName()));
  throw usage(
    `${typed.long} is about a device, and ${String(command.processedArgs[at])} stands instead of one.`,
    'Leave out one of the two.',
    `See: sureflash ${command.name()} --help`,
  );
}

/** Nothing, or none of any number. */
const isLeftOut = (operand: unknown): boolean =>
  operand === undefined || (Array.isArray(operand) && operand.length === 0);

interface Circumstances {
  readonly takesFirmware: boolean;
  readonly lacksFirmware: boolean;
  readonly replaced: ReadonlySet<string>;
}

/** Whether a default of this name does not hold for this command line. */
function putAside(
  command: Command,
  { takesFirmware, lacksFirmware, replaced }: Circumstances,
): (name: string) => boolean {
  const namesDevice = command.options.some(
    (option) => isGiven(command, option) && WHICH_DEVICE.has(option.attributeName()),
  );
  return (name) => {
    if (replaced.has(name)) return true;
    if (OF_DEVICE.has(name)) return namesDevice;
    if (OF_FIRMWARE.has(name)) return !lacksFirmware;
    return OF_JOB.has(name) && !takesFirmware;
  };
}

function isGiven(command: Command, option: Option): boolean {
  const source = command.getOptionValueSource(option.attributeName());
  return source !== undefined && source !== 'default';
}

function checkedValue(option: Option, value: string | boolean, path: string): unknown {
  const where = `${path}: ${option.attributeName()}`;
  if (option.isBoolean() !== (typeof value === 'boolean') && !option.optional) {
    throw badProject(
      where,
      `it must be ${option.isBoolean() ? 'true or false' : 'text'}, not ${JSON.stringify(value)}`,
    );
  }
  if (typeof value === 'boolean') return value;
  if (option.argChoices && !option.argChoices.includes(value)) {
    throw badProject(where, `"${value}" is not one of ${option.argChoices.join(', ')}`);
  }
  try {
    return option.parseArg ? option.parseArg(value, undefined) : value;
  } catch (error) {
    throw badProject(where, error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
  }
}

/** `sureflash.json: file, chip`, for people. */
export function defaultsText(io: Io, { path }: ProjectDefaults, applied: readonly string[]): string {
  return visible(`${relative(io.folder, path) || path}: ${applied.join(', ')}`);
}

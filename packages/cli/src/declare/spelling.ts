/** How a declaration is spelt on the command line, and the options that verbs have without declaring them. */
import { flag, type OperandSpec, type OptionSpec, type OptionSpecs, off, type Verb } from './verb.ts';

const output = <T>(spec: OptionSpec<T>): OptionSpec<T> => ({ ...spec, group: 'Output:' });

/** What every verb takes, but those that print for a program. */
export const OUTPUT_OPTIONS = {
  json: output(flag('one JSON object per line on standard output')),
  quiet: output(flag('no progress and no remarks', { short: 'q' })),
  verbose: output(flag('more remarks: each fact read from the device, each change of a sector', { short: 'v' })),
  color: output(off('no colours')),
};

/** All that a verb takes, in the order of its help. */
export function optionsOf({ options, plain }: Verb): OptionSpecs {
  return plain ? options : { ...options, ...OUTPUT_OPTIONS };
}

/** `<file>`, `[file]`, `<what...>`, `[name...]` */
export function operandTerm(name: string, { kind }: OperandSpec<unknown>): string {
  if (kind === 'required') return `<${name}>`;
  if (kind === 'one-or-more') return `<${name}...>`;
  return kind === 'optional' ? `[${name}]` : `[${name}...]`;
}

/** `--for-ever` for the key `forEver`. */
export function longName(key: string, { negated }: OptionSpec<unknown>): string {
  return `--${negated ? 'no-' : ''}${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

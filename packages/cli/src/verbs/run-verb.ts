/** From what commander parsed to a call of the command. */

import { FORMAT_NAMES } from '@sureflash/image';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from '../command-error.ts';
import type { Context, GlobalOptions } from '../context.ts';
import { parseNumber } from '../numbers.ts';

export type MakeContext = (options: GlobalOptions) => Context;

/** Commander hands over arguments, then options, then the command. */
export function runner(makeContext: MakeContext) {
  return <O extends object>(action: (context: Context, options: O, ...args: string[]) => Promise<void>) =>
    async function (this: Command): Promise<void> {
      const options = this.opts<O & GlobalOptions>();
      await action(
        makeContext(options),
        options,
        ...this.processedArgs.flat().filter((each): each is string => typeof each === 'string'),
      );
    };
}

/** What every verb takes; the options before it are those of the verb. */
export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'one JSON object a line on standard output')
    .option('-q, --quiet', 'no progress and no remarks')
    .option('--no-color', 'no colours')
    .optionsGroup('Help:');
}

export function formatOption(): Option {
  return new Option('--format <name>', 'instead of what content and name tell').choices([...FORMAT_NAMES]);
}

export const address = checked((text) => parseNumber(text, 'an address'));

/** Commander tells which option it was when it gets an error of its own kind. */
export function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new InvalidArgumentError([error.message, ...error.remedy].join('\n'));
    }
  };
}

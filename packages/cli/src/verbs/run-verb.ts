/** From what commander parsed to a call of the command. */

import { FORMAT_NAMES } from '@sureflash/image';
import { type Command, Option } from 'commander';
import { parseSupply } from '../commands/supply.ts';
import type { Context, GlobalOptions } from '../context.ts';
import { addDeviceOptions } from '../device/options.ts';
import { parseNumber } from '../numbers.ts';
import { checked } from './checked.ts';

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

/** The options that choose a device stand below those of the verb. */
export function withDevice(command: Command): Command {
  return addOutputOptions(addDeviceOptions(command));
}

export function formatOption(): Option {
  return new Option('--format <name>', 'instead of what content and name tell').choices([...FORMAT_NAMES]);
}

/** Decides how many bytes the ROM of F2, F4 and F7 programs at once. */
export function supplyOption(): Option {
  return new Option(
    '--supply <volts>',
    'supply voltage; quicker on F2, F4 and F7, whose bootloader assumes 1.8 V',
  ).argParser(checked(parseSupply));
}

export const address = checked((text) => parseNumber(text, 'an address'));

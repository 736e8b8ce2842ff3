/** The verbs that look at and change what protects a chip and how it starts, and their options. */
import type { Command } from 'commander';
import { type OptionBytesOptions, optionBytesCommand } from '../commands/option-bytes.ts';
import { unprotectCommand } from '../commands/unprotect.ts';
import type { DeviceOptions } from '../device/options.ts';
import { type MakeContext, runner, withDevice } from './run-verb.ts';

export function protectionVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  withDevice(
    program
      .command('option-bytes')
      .description('show or set read protection, write protection and how the chip starts')
      .argument('<what...>', 'show; or set, then NAME=VALUE by name (RDP=level-1) or number')
      .option('-y, --yes', 'do not ask')
      .option('--for-ever', 'also values that nothing takes back, such as RDP level 2'),
  ).action(
    run(async (context, options: OptionBytesOptions, ...words) => await optionBytesCommand(context, words, options)),
  );
  withDevice(
    program
      .command('unprotect')
      .description('remove read protection: everything in the chip is erased')
      .option('-y, --yes', 'do not ask'),
  ).action(
    run(async (context, options: DeviceOptions & { yes?: boolean }) => await unprotectCommand(context, options)),
  );
}

/** The verbs that work on files alone, and their options. */
import type { Command } from 'commander';
import { type CheckOptions, checkCommand } from '../commands/check.ts';
import { type ConvertOptions, compareCommand, convertCommand } from '../commands/files.ts';
import { addOutputOptions, address, formatOption, type MakeContext, runner } from './run-verb.ts';

export function fileVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  addOutputOptions(
    program
      .command('compare')
      .description('compare two firmware files byte by byte')
      .argument('<a>', 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary')
      .argument('<b>', 'the other one; formats may differ')
      .option('--at <address>', 'where raw binaries go', address),
  ).action(run(async (context, options: { at?: number }, a, b) => await compareCommand(context, [a, b], options)));
  addOutputOptions(
    program
      .command('check')
      .description('look at a firmware file before a device is touched')
      .argument('<file>', 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary')
      .option('--chip <name>', 'the chip that it is for')
      .option('--at <address>', 'where a raw binary goes', address)
      .addOption(formatOption()),
  ).action(run(async (context, options: CheckOptions, file) => await checkCommand(context, file, options)));
  addOutputOptions(
    program
      .command('convert')
      .description('write a firmware file in another format')
      .argument('<from>', 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary')
      .argument('<to>', 'its ending chooses the format')
      .option('--at <address>', 'where a raw binary goes', address)
      .addOption(formatOption())
      .option('--family <name>', 'UF2: family by name (STM32F1) or number'),
  ).action(
    run(async (context, options: ConvertOptions, from, to) => await convertCommand(context, { from, to }, options)),
  );
}

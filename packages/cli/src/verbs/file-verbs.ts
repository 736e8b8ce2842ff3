/** The verbs that work on files alone, and their options. */
import type { Command } from 'commander';
import { type CheckOptions, checkCommand } from '../commands/check.ts';
import { chipsCommand } from '../commands/chips.ts';
import { type ConvertOptions, convertCommand } from '../commands/convert.ts';
import { parseNumber, usage } from '../numbers.ts';
import { needsFirmware } from '../project-defaults.ts';
import { checked } from './checked.ts';
import { addOutputOptions, address, formatOption, type MakeContext, runner } from './run-verb.ts';

export function fileVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  addOutputOptions(
    needsFirmware(program.command('check'))
      .description('look at a firmware file before a device is touched')
      .argument('[file]', 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary; default that of sureflash.json')
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
      .option('--family <name>', 'UF2: family by name (STM32F1) or number')
      .option('--vid <number>', 'DfuSe: vendor id; default 0x0483', id)
      .option('--pid <number>', 'DfuSe: product id; default 0xDF11', id)
      .option('--device-version <number>', 'DfuSe: bcdDevice; default 0xFFFF, any', id)
      .option('--alternate <number>', 'DfuSe: alternate setting; default 0', id),
  ).action(
    run(async (context, options: ConvertOptions, from, to) => await convertCommand(context, { from, to }, options)),
  );
  addOutputOptions(
    program
      .command('chips')
      .description('show the chips that are known, or all that is known of one')
      .argument('[name]', 'part number, whole or begun: STM32F105RB, F105, L4'),
  ).action(run(async (context, _: object, name) => await chipsCommand(context, name)));
}

const id = checked((text) => {
  const value = parseNumber(text, 'a 16-bit number');
  if (value <= 0xffff) return value;
  throw usage(`"${text}" has more than 16 bits.`);
});

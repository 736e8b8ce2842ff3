/** The verbs that read and erase memory, or only look at it, and their options. */
import { type Command, Option } from 'commander';
import { type ChecksumOptions, checksumCommand } from '../commands/checksum.ts';
import { type CompareOptions, compareCommand } from '../commands/compare.ts';
import { type EraseOptions, eraseCommand } from '../commands/erase.ts';
import { leaveCommand } from '../commands/leave.ts';
import { type ReadOptions, readCommand } from '../commands/read.ts';
import type { DeviceOptions } from '../device/options.ts';
import { parseIndexes, parseRange } from '../numbers.ts';
import { checked } from './checked.ts';
import { address, formatOption, type MakeContext, runner, supplyOption, withDevice } from './run-verb.ts';

const FORMATS = 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary';

export function memoryVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  const verb = (name: string, description: string): Command => program.command(name).description(description);

  withDevice(
    verb('read', 'read memory into a file')
      .argument('<file>', 'where to; its ending chooses the format')
      .option('--range <range>', 'which memory; default the whole flash', checked(parseRange))
      .option('--region <name>', 'a memory that the device names: flash, option-bytes, otp, eeprom')
      .addOption(formatOption()),
  ).action(run(async (context, options: ReadOptions, file) => await readCommand(context, file, options)));
  withDevice(
    verb('erase', 'erase sectors and prove that they are blank')
      .option('--all', 'the whole flash')
      .option('--sectors <numbers>', 'some sectors, such as 0-3,7', checked(parseIndexes))
      .option('--range <range>', 'this range', checked(parseRange))
      .addOption(
        new Option('--keep <what>', 'what a sector holds beside the range').choices(['rest', 'none']).default('rest'),
      )
      .addOption(supplyOption()),
  ).action(run(async (context, options: EraseOptions) => await eraseCommand(context, options)));
  withDevice(
    verb('compare', 'compare two firmware files, or one with a device, byte by byte')
      .argument('<a>', FORMATS)
      .argument('[b]', 'the other one, of any format; default the device')
      .option('--at <address>', 'where raw binaries go', address),
  ).action(run(async (context, options: CompareOptions, a, b) => await compareCommand(context, [a, b], options)));
  withDevice(
    verb('checksum', 'CRC-32 and SHA-256 of a firmware file, or of memory')
      .argument('[file]', FORMATS)
      .option('--at <address>', 'where a raw binary goes', address)
      .option('--range <range>', 'of this range; without a file, of the device', checked(parseRange))
      .addOption(formatOption()),
  ).action(run(async (context, options: ChecksumOptions, file) => await checksumCommand(context, file, options)));
  withDevice(
    verb('leave', 'leave the bootloader and start the program').option(
      '--at <address>',
      'its vector table; default the start of flash',
      address,
    ),
  ).action(run(async (context, options: DeviceOptions & { at?: number }) => await leaveCommand(context, options)));
}

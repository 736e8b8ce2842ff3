/** The verbs that work on a device, and their options. */
import { type Command, Option } from 'commander';
import { infoCommand, listCommand } from '../commands/list.ts';
import {
  type EraseOptions,
  eraseCommand,
  leaveCommand,
  type ReadOptions,
  readCommand,
  verifyCommand,
} from '../commands/memory.ts';
import { type ProgramOptions, planCommand, programCommand } from '../commands/program.ts';
import { addDeviceOptions, type DeviceOptions } from '../device/options.ts';
import type { LoadOptions } from '../firmware-file.ts';
import { parseRange } from '../numbers.ts';
import { addOutputOptions, address, checked, formatOption, type MakeContext, runner } from './run-verb.ts';

export function deviceVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  const verb = (name: string, description: string): Command => program.command(name).description(description);

  addOutputOptions(
    verb('list', 'show the devices that can be programmed').option(
      '--usbip <host[:port]>',
      'those that another machine exports',
    ),
  ).action(run(async (context, options: { usbip?: string }) => await listCommand(context, options)));
  withDevice(verb('info', 'show what a device is, and its memory')).action(
    run(async (context, options: DeviceOptions) => await infoCommand(context, options)),
  );
  withDevice(
    addJobOptions(verb('program', 'program a firmware file and prove that every byte arrived')).option(
      '--leave',
      'start the program afterwards',
    ),
  ).action(run(async (context, options: ProgramOptions, file) => await programCommand(context, file, options)));
  withDevice(addJobOptions(verb('plan', 'show what program would do; nothing is changed'))).action(
    run(async (context, options: ProgramOptions, file) => await planCommand(context, file, options)),
  );
  withDevice(addFileOptions(verb('verify', 'compare a device with a firmware file'))).action(
    run(async (context, options: DeviceOptions & LoadOptions, file) => await verifyCommand(context, file, options)),
  );
  withDevice(
    verb('read', 'read memory into a file')
      .argument('<file>', 'where to; its ending chooses the format')
      .option('--range <range>', 'which memory; default the whole flash', checked(parseRange))
      .addOption(formatOption()),
  ).action(run(async (context, options: ReadOptions, file) => await readCommand(context, file, options)));
  withDevice(
    verb('erase', 'erase sectors and prove that they are blank')
      .option('--all', 'the whole flash')
      .option('--range <range>', 'every sector that the range touches', checked(parseRange)),
  ).action(run(async (context, options: EraseOptions) => await eraseCommand(context, options)));
  withDevice(
    verb('leave', 'leave the bootloader and start the program').option(
      '--at <address>',
      'its vector table; default the start of flash',
      address,
    ),
  ).action(run(async (context, options: DeviceOptions & { at?: number }) => await leaveCommand(context, options)));
}

/** The options that choose a device stand below those of the verb. */
function withDevice(command: Command): Command {
  return addOutputOptions(addDeviceOptions(command));
}

function addFileOptions(command: Command): Command {
  return command
    .argument('<file>', 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary')
    .option('--at <address>', 'where a raw binary goes', address)
    .addOption(formatOption());
}

function addJobOptions(command: Command): Command {
  return addFileOptions(command)
    .addOption(
      new Option('--keep <what>', 'what a sector holds beside the image').choices(['rest', 'none']).default('rest'),
    )
    .addOption(
      new Option('--erase <when>', 'erase only sectors that must be, or every sector of the image')
        .choices(['auto', 'always'])
        .default('auto'),
    )
    .option('--force', 'go on where reads already speak against the device');
}

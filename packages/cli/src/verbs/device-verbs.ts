/** The verbs that work on a device, and their options. */
import { type Command, Option } from 'commander';
import { type DoctorOptions, doctorCommand } from '../commands/doctor.ts';
import { infoCommand } from '../commands/info.ts';
import { type ListOptions, listCommand } from '../commands/list.ts';
import { type ProgramOptions, planCommand, programCommand } from '../commands/program.ts';
import { type VerifyOptions, verifyCommand } from '../commands/verify.ts';
import type { DeviceOptions } from '../device/options.ts';
import { parseRange } from '../numbers.ts';
import { needsFirmware } from '../project-defaults.ts';
import { checked } from './checked.ts';
import {
  addOutputOptions,
  address,
  formatOption,
  type MakeContext,
  runner,
  supplyOption,
  withDevice,
} from './run-verb.ts';

export function deviceVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  const verb = (name: string, description: string): Command => program.command(name).description(description);

  addOutputOptions(
    verb('list', 'show the devices that can be programmed')
      .option('--uid', 'with the unique ids of their chips, for which each is opened')
      .option('--usbip <host[:port]>', 'those that another machine exports'),
  ).action(run(async (context, options: ListOptions) => await listCommand(context, options)));
  withDevice(verb('info', 'show what a device is, and its memory')).action(
    run(async (context, options: DeviceOptions) => await infoCommand(context, options)),
  );
  withDevice(
    addReportOption(
      addJobOptions(verb('program', 'program a firmware file and prove that every byte arrived'))
        .option('--leave', 'start the program afterwards')
        .addOption(supplyOption())
        .option('--one-time', 'also what lies in OTP memory, which nothing undoes'),
    ),
  ).action(run(async (context, options: ProgramOptions, file) => await programCommand(context, file, options)));
  withDevice(addJobOptions(verb('plan', 'show what program would do; nothing is changed'))).action(
    run(async (context, options: ProgramOptions, file) => await planCommand(context, file, options)),
  );
  withDevice(addReportOption(addFileOptions(verb('verify', 'compare a device with a firmware file')))).action(
    run(async (context, options: VerifyOptions, file) => await verifyCommand(context, file, options)),
  );
  withDevice(
    addReportOption(
      addPlaceOptions(
        verb('doctor', 'find out why a device cannot be programmed; nothing is changed').argument('[file]', FORMATS),
      ).option('--scratch <address>', 'a sector that may be erased and written to know more', address),
    ),
  ).action(run(async (context, options: DoctorOptions, file) => await doctorCommand(context, file, options)));
}

function addReportOption(command: Command): Command {
  return command.option('--report <file>', 'write a page about the run, fit for a ticket (HTML)');
}

const FORMATS = 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary';

function addFileOptions(command: Command): Command {
  return addPlaceOptions(
    needsFirmware(command).argument('[file]', `${FORMATS}; default that of sureflash.json`),
  ).option('--only <range>', 'only what the file has in this range', checked(parseRange));
}

function addPlaceOptions(command: Command): Command {
  return command.option('--at <address>', 'where a raw binary goes', address).addOption(formatOption());
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

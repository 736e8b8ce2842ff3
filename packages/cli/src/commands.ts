/** The words of the command line: verbs, options, their help. What they do is in `commands/`. */
import { readFileSync } from 'node:fs';
import { FORMAT_NAMES } from '@sureflash/image';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from './command-error.ts';
import { type ConvertOptions, compareCommand, convertCommand } from './commands/files.ts';
import { infoCommand, listCommand } from './commands/list.ts';
import {
  type EraseOptions,
  eraseCommand,
  leaveCommand,
  type ReadOptions,
  readCommand,
  verifyCommand,
} from './commands/memory.ts';
import { type ProgramOptions, planCommand, programCommand } from './commands/program.ts';
import { type VirtualOptions, virtualCommand } from './commands/virtual.ts';
import { completionScript, SHELLS } from './completion.ts';
import type { Context, GlobalOptions } from './context.ts';
import { addDeviceOptions, type DeviceOptions } from './device/options.ts';
import type { LoadOptions } from './firmware-file.ts';
import { parseNumber, parseRange } from './numbers.ts';

type MakeContext = (options: GlobalOptions) => Context;

const EXIT_CODES = `
Exit codes: 0 verified success, 2 usage, 3 no device or several, 4 no access, 5 bad file,
6 the device refused or broke off, 7 verification failed, 8 protected, 130 interrupted, 1 a defect of ours.`;

const EXAMPLES = `
Examples:
  sureflash program firmware.elf                          the only board that is plugged in
  sureflash program firmware.bin --at 0x08000000 --leave  and start it
  sureflash program firmware.hex --virtual stm32f105-rom  no hardware needed
  sureflash demo                                          see what it does`;

export function buildCommands(makeContext: MakeContext): Command {
  const program = new Command('sureflash')
    .description(
      'Programs STM32 microcontrollers, proves every byte, and says why when a device does not do what it says.',
    )
    .version(ownVersion(), '-V, --version', 'print the version')
    .addHelpText('after', EXAMPLES + EXIT_CODES);
  deviceVerbs(program, makeContext);
  fileVerbs(program, makeContext);
  otherVerbs(program, makeContext);
  return program;
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

function addOutputOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'one JSON object a line on standard output').helpGroup('Output:'))
    .addOption(new Option('-q, --quiet', 'no progress and no remarks').helpGroup('Output:'))
    .addOption(new Option('--no-color', 'no colours').helpGroup('Output:'));
}

function deviceVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  const verb = (name: string, description: string): Command =>
    addOutputOptions(addDeviceOptions(program.command(name).description(description)));

  addOutputOptions(program.command('list').description('show the devices that can be programmed'))
    .option('--usbip <host[:port]>', 'those that another machine exports')
    .action(run(async (context, options: { usbip?: string }) => await listCommand(context, options)));
  verb('info', 'show what a device is, and its memory').action(
    run(async (context, options: DeviceOptions) => await infoCommand(context, options)),
  );
  addJobOptions(verb('program', 'program a firmware file and prove that every byte arrived'))
    .option('--leave', 'start the program afterwards')
    .action(run(async (context, options: ProgramOptions, file) => await programCommand(context, file, options)));
  addJobOptions(verb('plan', 'show what program would do; nothing is changed')).action(
    run(async (context, options: ProgramOptions, file) => await planCommand(context, file, options)),
  );
  addFileOptions(verb('verify', 'compare a device with a firmware file')).action(
    run(async (context, options: DeviceOptions & LoadOptions, file) => await verifyCommand(context, file, options)),
  );
  verb('read', 'read memory into a file')
    .argument('<file>', 'where to; its ending chooses the format')
    .option('--range <range>', 'START..END or START+SIZE; default the whole flash', checked(parseRange))
    .addOption(formatOption())
    .action(run(async (context, options: ReadOptions, file) => await readCommand(context, file, options)));
  verb('erase', 'erase sectors and prove that they are blank')
    .option('--all', 'the whole flash')
    .option('--range <range>', 'the sectors in START..END or START+SIZE', checked(parseRange))
    .action(run(async (context, options: EraseOptions) => await eraseCommand(context, options)));
  verb('leave', 'leave the bootloader and start the program')
    .option('--at <address>', 'its vector table; default the start of flash', checked(address))
    .action(run(async (context, options: DeviceOptions & { at?: number }) => await leaveCommand(context, options)));
}

function addFileOptions(command: Command): Command {
  return command
    .argument('<file>', 'ELF, Intel HEX, S-record, DfuSe, UF2 or raw binary')
    .option('--at <address>', 'where a raw binary goes', checked(address))
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

function formatOption(): Option {
  return new Option('--format <name>', 'instead of what content and name tell').choices([...FORMAT_NAMES]);
}

function fileVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  addOutputOptions(program.command('compare').description('compare two firmware files byte by byte'))
    .argument('<a>')
    .argument('<b>')
    .option('--at <address>', 'where raw binaries go', checked(address))
    .action(run(async (context, options: { at?: number }, a, b) => await compareCommand(context, [a, b], options)));
  addOutputOptions(program.command('convert').description('write a firmware file in another format'))
    .argument('<from>')
    .argument('<to>', 'its ending chooses the format')
    .option('--at <address>', 'where a raw binary goes', checked(address))
    .addOption(formatOption())
    .option('--family <name>', 'UF2: family by name (STM32F1) or number')
    .action(
      run(async (context, options: ConvertOptions, from, to) => await convertCommand(context, { from, to }, options)),
    );
}

function otherVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  addOutputOptions(
    program
      .command('virtual')
      .description('run virtual boards for others to attach over USB/IP; list them without a name'),
  )
    .argument('[scenario...]')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'TCP port', checked(tcpPort), 3240)
    .option('--load <file>', 'what their flash holds at first')
    .action(run(async (context, options: VirtualOptions, ...names) => await virtualCommand(context, names, options)));
  addOutputOptions(
    program.command('demo').description('watch the failure that sureflash was made for, and how it is settled'),
  )
    .option('--instant', 'do not wait for the modelled silicon; times shown are still its own')
    .action(
      run(async (context, options: { instant?: boolean }) => {
        const { demoCommand } = await import('./commands/demo.ts');
        await demoCommand(context, options);
      }),
    );
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action(run(async (context, _: object, shell) => context.print(completionScript(shell, program).trimEnd())));
}

/** Commander hands over arguments, then options, then the command. */
function runner(makeContext: MakeContext) {
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

const address = (text: string): number => parseNumber(text, 'an address');

function tcpPort(text: string): number {
  const value = parseNumber(text, 'a port');
  if (value > 65_535) throw new InvalidArgumentError('A TCP port is at most 65535.');
  return value;
}

/** Commander tells which option it was when it gets an error of its own kind. */
function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new InvalidArgumentError([error.message, ...error.remedy].join(' '));
    }
  };
}

/** The words of the command line. What each verb does is in `commands/`. */
import { Command } from 'commander';
import { helpBelow } from './help.ts';
import { deviceVerbs } from './verbs/device-verbs.ts';
import { fileVerbs } from './verbs/file-verbs.ts';
import { memoryVerbs } from './verbs/memory-verbs.ts';
import { otherVerbs } from './verbs/other-verbs.ts';
import { protectionVerbs } from './verbs/protection-verbs.ts';
import type { MakeContext } from './verbs/run-verb.ts';
import { ownVersion } from './version.ts';

export function buildCommands(makeContext: MakeContext): Command {
  const program = new Command('sureflash')
    .description(
      'Programs STM32 microcontrollers, proves every byte, and says why when a device does not do what it says.',
    )
    .usage('<command> [options]')
    .version(ownVersion(), '-V, --version', 'print the version')
    .helpCommand(false)
    .configureHelp({ subcommandTerm: termOf });
  deviceVerbs(program.commandsGroup('With a device:'), makeContext);
  memoryVerbs(program, makeContext);
  protectionVerbs(program, makeContext);
  fileVerbs(program.commandsGroup('With files only:'), makeContext);
  otherVerbs(program.commandsGroup('To try it and to set it up:'), makeContext);
  for (const command of [program, ...program.commands]) {
    command.helpOption('-h, --help', 'show this help').addHelpText('after', ({ command: of }) => helpBelow(of));
  }
  return program;
}

/** `program <file>`; that there are options, everybody knows. */
function termOf(command: Command): string {
  const args = command.registeredArguments.map((each) => {
    const name = `${each.name()}${each.variadic ? '...' : ''}`;
    return each.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...args].join(' ');
}

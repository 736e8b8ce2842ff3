/** The verbs for trying and for setting up, and their options. */
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { type VirtualOptions, virtualCommand } from '../commands/virtual.ts';
import { completionScript, SHELLS } from '../completion.ts';
import { parseNumber } from '../numbers.ts';
import { checked } from './checked.ts';
import { addOutputOptions, type MakeContext, runner } from './run-verb.ts';

export function otherVerbs(program: Command, makeContext: MakeContext): void {
  const run = runner(makeContext);
  addOutputOptions(
    program
      .command('demo')
      .description('watch the failure that sureflash was made for, and how it is settled')
      .option('--instant', 'do not wait for the modelled silicon; times shown are still its own'),
  ).action(
    run(async (context, options: { instant?: boolean }) => {
      const { demoCommand } = await import('../commands/demo.ts');
      await demoCommand(context, options);
    }),
  );
  addOutputOptions(
    program
      .command('virtual')
      .description('run virtual boards for others to attach over USB/IP; list them without a name')
      .argument('[scenario...]', 'one board each')
      .option('--all', 'without a name: list every board there is, one line each')
      .option('--host <address>', 'where to listen', '127.0.0.1')
      .option('--port <number>', 'TCP port; 0 for any free one', checked(tcpPort), 3240)
      .option('--load <file>', 'what their flash holds at first'),
  ).action(run(async (context, options: VirtualOptions, ...names) => await virtualCommand(context, names, options)));
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .optionsGroup('Help:')
    .action(run(async (context, _: object, shell) => context.print(completionScript(shell, program).trimEnd())));
}

function tcpPort(text: string): number {
  const value = parseNumber(text, 'a port');
  if (value > 65_535) throw new InvalidArgumentError('A TCP port is at most 65535.');
  return value;
}

/** Runs one command line to its exit code. Every command goes through here, and every error is told here. */
import { type Command, CommanderError } from 'commander';
import type { CommandError } from './command-error.ts';
import { buildCommands } from './commands.ts';
import { Context, type GlobalOptions } from './context.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { usage } from './numbers.ts';
import { applyDefaults, defaultsText, loadProjectDefaults } from './project-defaults.ts';
import { reportProblem } from './render/problem.ts';

/** @returns the exit code; never throws */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  // Usage errors come before the options are parsed: what was asked for must be seen in the words themselves.
  let context = new Context(io, { json: args.includes('--json'), color: !args.includes('--no-color') });
  const program = buildCommands((globals: GlobalOptions) => {
    context = new Context(io, globals);
    return context;
  });
  for (const command of [program, ...program.commands]) prepare(command, io);
  program.hook('preAction', async (_, command) => {
    const defaults = await loadProjectDefaults(io);
    const applied = applyDefaults(command, defaults);
    if (!defaults || applied.length === 0) return;
    const told = new Context(io, command.opts<GlobalOptions>());
    told.note(told.style.strong('Defaults'), defaultsText(io, defaults, applied));
    told.emit({ type: 'defaults', path: defaults.path, applied });
  });
  try {
    await program.parseAsync(withoutHelpVerb(args, program), { from: 'user' });
    return EXIT.success;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportProblem(context, error);
    if (error.exitCode === 0) return EXIT.success;
    // Without a verb the help has been shown on standard error: it says what to do.
    if (error.code === 'commander.help') return EXIT.usage;
    return reportProblem(context, usageError(error, args, program));
  }
}

/** `help program` is `program --help`. */
function withoutHelpVerb([first, ...rest]: readonly string[], program: Command): string[] {
  const [verb] = rest;
  if (first !== 'help') return first === undefined ? [] : [first, ...rest];
  if (verb === undefined) return ['--help'];
  return program.commands.some((command) => command.name() === verb) ? [verb, '--help'] : [verb];
}

/** Commander's words in our form: the option and what is wrong with it, then what to do. */
function usageError({ message }: CommanderError, args: readonly string[], program: Command): CommandError {
  const [first = '', ...more] = message
    .replace(/^error: /, '')
    .replace(/^option '([^']*)' argument '.*' is invalid\. (?=")/, '$1: ')
    .split('\n');
  const verb = program.commands.find((command) => command.name() === args[0])?.name();
  return usage(
    `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?]$/.test(first) ? '' : '.'}`,
    ...more.map((line) => line.replace(/^\((.*)\)$/, '$1')),
    `See: sureflash ${verb === undefined ? '' : `${verb} `}--help`,
  );
}

function prepare(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out.write(text),
    writeErr: (text) => io.err.write(text),
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(io.out.columns(), 100),
    getErrHelpWidth: () => Math.min(io.err.columns(), 100),
  });
}

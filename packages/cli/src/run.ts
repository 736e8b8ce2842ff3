/** Runs one command line to its exit code. Every command goes through here, and every error is told here. */
import { type Command, CommanderError } from 'commander';
import { buildCommands } from './commands.ts';
import { Context, type GlobalOptions } from './context.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { reportProblem } from './render/problem.ts';

/** @returns the exit code; never throws */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  // Usage errors come before the options are parsed: what was asked for must be seen in the words themselves.
  let context = new Context(io, { json: args.includes('--json') });
  const program = buildCommands((globals: GlobalOptions) => {
    context = new Context(io, globals);
    return context;
  });
  for (const command of [program, ...program.commands]) prepare(command, io);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return io.signal.aborted && args[0] !== 'virtual' ? EXIT.interrupted : EXIT.success;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportProblem(context, error);
    if (error.exitCode === 0) return EXIT.success;
    context.emit({
      type: 'result',
      ok: false,
      code: 'cli/usage',
      exitCode: EXIT.usage,
      title: error.message,
      remedy: [],
      facts: {},
    });
    return EXIT.usage;
  }
}

function prepare(command: Command, io: Io): void {
  command
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      getOutHelpWidth: () => Math.min(io.out.columns(), 100),
      getErrHelpWidth: () => Math.min(io.err.columns(), 100),
    });
}

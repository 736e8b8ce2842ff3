/** Runs one command line to its exit code. Every verb goes through here, and every error is told here. */
import { type Command, CommanderError } from 'commander';
import { EXIT } from './base/exit-codes.ts';
import type { Io } from './base/io.ts';
import { type Chosen, commandTree } from './command-tree.ts';
import { optionsOf } from './declare/spelling.ts';
import type { Given, Verb } from './declare/verb.ts';
import type { Context, OutputOptions } from './render/context.ts';
import { allVerbs, VERBS } from './verbs.ts';

/** @returns the exit code; never throws */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const words = withoutHelpVerb(args);
  let context: Context | undefined;
  try {
    const chosen = await chosenVerb(words, async (verb, command) => {
      context = await contextOf(io, command.opts(), args);
      await runVerb(context, verb, command);
    });
    const program = commandTree(chosen);
    for (const command of [program, ...program.commands]) bindTo(command, io);
    await program.parseAsync(words, { from: 'user' });
    return context?.exitCode ?? EXIT.success;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.success;
      // Without a verb the help has been shown on standard error: it says what to do.
      if (error.code === 'commander.help') return EXIT.usage;
    }
    // Usage errors come before the options are parsed: what was asked for must be seen in the words themselves.
    const stated = { json: args.includes('--json'), color: !args.includes('--no-color') };
    context ??= await contextOf(io, stated, args);
    const { reportProblem } = await import('./render/problem.ts');
    if (!(error instanceof CommanderError)) return reportProblem(context, error);
    const { usageError } = await import('./usage-error.ts');
    return reportProblem(context, usageError(error, words));
  }
}

/** Loaded when there is something to say: the overview needs nothing of it. */
async function contextOf(io: Io, options: OutputOptions, words: readonly string[]): Promise<Context> {
  const { Context } = await import('./render/context.ts');
  return new Context(io, options, words);
}

/** The first word that is no option, where it is a verb. */
async function chosenVerb(words: readonly string[], run: Chosen['run']): Promise<Chosen | undefined> {
  const entry = VERBS.find(({ name }) => name === words.find((word) => !word.startsWith('-')));
  return entry && { name: entry.name, verb: await entry.load(), isFirst: words[0] === entry.name, run };
}

/** What the project says by default comes in before the verb begins. */
async function runVerb(context: Context, verb: Verb, command: Command): Promise<void> {
  const { applyDefaults, defaultsText, loadProjectDefaults } = await import('./project-defaults.ts');
  const defaults = await loadProjectDefaults(context.io);
  const applied = applyDefaults(command, verb, defaults);
  if (defaults && applied.length > 0) {
    context.note(context.style.strong('Defaults'), defaultsText(context.io, defaults, applied));
    context.emit({ type: 'defaults', path: defaults.path, applied });
  }
  await verb.run(context, givenOf(verb, command), { allVerbs });
}

/** The values that commander has parsed, by the names of the declaration; nothing for what was not said. */
function givenOf(verb: Verb, command: Command): Given {
  const options = Object.keys(optionsOf(verb)).map((key): [string, unknown] => [key, command.getOptionValue(key)]);
  const operands = Object.keys(verb.operands).map((name, i): [string, unknown] => [name, command.processedArgs[i]]);
  return {
    operands: Object.fromEntries(operands),
    options: Object.fromEntries(options.filter(([, value]) => value !== undefined)),
  };
}

/** `help program` is `program --help`. */
function withoutHelpVerb([first, ...rest]: readonly string[]): string[] {
  const [verb] = rest;
  if (first !== 'help') return first === undefined ? [] : [first, ...rest];
  if (verb === undefined) return ['--help'];
  return VERBS.some(({ name }) => name === verb) ? [verb, '--help'] : [verb];
}

function bindTo(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out.write(text),
    writeErr: (text) => io.err.write(text),
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(io.out.columns(), 100),
    getErrHelpWidth: () => Math.min(io.err.columns(), 100),
  });
}

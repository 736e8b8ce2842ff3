/** From the declarations of the verbs to the parser of the command line. It knows commander; no verb does. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from './base/command-error.ts';
import { ownVersion } from './base/version.ts';
import { longName, operandTerm, optionsOf } from './declare/spelling.ts';
import type { OperandSpec, OptionSpec, Verb } from './declare/verb.ts';
import { helpBelow, PROGRAM_EXAMPLES } from './help.ts';
import { VERBS } from './verbs.ts';

/** A verb that was asked for, and what it is run by. */
export interface Chosen {
  readonly name: string;
  readonly verb: Verb;
  /** Whether nothing stands before it: then no overview of all verbs can be asked for. */
  readonly isFirst: boolean;
  readonly run: (verb: Verb, command: Command) => Promise<void>;
}

/** @param chosen the verb that is about to run; the others are there with their names only, where the overview may be shown */
export function commandTree(chosen?: Chosen): Command {
  const program = new Command('sureflash')
    .description(
      'Programs STM32 microcontrollers, proves every byte, and says why when a device does not do what it says.',
    )
    .usage('<command> [options]')
    .version(ownVersion(), '-V, --version', 'print the version')
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() });
  withHelp(program, () => helpBelow({ examples: PROGRAM_EXAMPLES, width: helpWidth(program), isProgram: true }));
  for (const { name, group, about } of VERBS) {
    if (chosen?.isFirst && chosen.name !== name) continue;
    const command = program.commandsGroup(group).command(name).description(about);
    if (chosen?.name === name) declare(command, chosen);
  }
  return program;
}

function declare(command: Command, { verb, run }: Chosen): void {
  for (const [name, spec] of Object.entries(verb.operands)) command.addArgument(argumentOf(name, spec));
  for (const [key, spec] of Object.entries(optionsOf(verb))) command.addOption(optionOf(key, spec));
  const takesNumbers = ['at', 'range', 'only'].some((key) => key in verb.options);
  withHelp(command, () => helpBelow({ examples: verb.examples, width: helpWidth(command), takesNumbers }));
  command.action(async () => await run(verb, command));
}

function withHelp(command: Command, below: () => string): void {
  const help = new Option('-h, --help', 'show this help').helpGroup(command.parent ? 'Help:' : 'Options:');
  command.addHelpOption(help).addHelpText('after', below);
}

function helpWidth(command: Command): number {
  return command.configureOutput().getOutHelpWidth?.() ?? 80;
}

function argumentOf(name: string, spec: OperandSpec<unknown>): Argument {
  const argument = new Argument(operandTerm(name, spec), spec.about);
  return spec.choices ? argument.choices(spec.choices.map(String)) : argument;
}

function optionOf(key: string, spec: OptionSpec<unknown>): Option {
  const { about, placeholder, short, parse, choices, initial, conflicts, group, negated } = spec;
  const flags = [...(short === undefined ? [] : [`-${short},`]), longName(key, spec), placeholder ?? ''].join(' ');
  const option = new Option(flags.trim(), about);
  if (choices) option.choices(choices.map(String));
  if (parse) option.argParser(checked(parse));
  if (initial !== undefined && !negated) option.default(initial);
  if (conflicts) option.conflicts([...conflicts]);
  return group === undefined ? option : option.helpGroup(group);
}

/** Commander tells which option it was when it gets an error of its own kind. */
function checked(parse: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new InvalidArgumentError([error.message, ...error.remedy].join('\n'));
    }
  };
}

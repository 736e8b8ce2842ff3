/** How a verb is declared: operands, options, examples and code in one place. It knows no parser of command lines. */
import type { Context } from '../render/context.ts';

/** A command line and what it does. */
export type UsageExample = readonly [command: string, meaning: string];

/** An option as the help shows it and as its value is read; its long name is the key under which it is declared. */
export interface OptionSpec<T> {
  readonly about: string;
  /** What the help writes for the value: `<file>`, or `[seconds]` where it may be left out. Absent for a switch. */
  readonly placeholder?: string;
  readonly short?: string;
  /** @throws CommandError `cli/usage` */
  readonly parse?: (text: string) => T;
  readonly choices?: readonly T[];
  readonly initial?: T;
  /** Keys of options that cannot stand beside this one. */
  readonly conflicts?: readonly string[];
  /** `--no-color`: a switch that is on where the command line says nothing. */
  readonly negated?: true;
  /** Heading in the help; absent for what belongs to the verb itself. */
  readonly group?: string;
  /** What a shell completes the value with. */
  readonly completes?: Completed;
}

/** Kinds of words that a shell can complete. */
export type Completed = 'file' | 'board' | 'chip';

/** An option that always has a value. */
export interface Certain<T> extends OptionSpec<T> {
  readonly initial: T;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

/** What an action gets for its options: a key for each, absent where the command line says nothing. */
export type OptionsOf<S extends OptionSpecs> = {
  readonly [K in keyof S as S[K] extends Certain<unknown> ? K : never]: ValueOf<S[K]>;
} & {
  readonly [K in keyof S as S[K] extends Certain<unknown> ? never : K]?: ValueOf<S[K]>;
};

type ValueOf<S> = S extends OptionSpec<infer T> ? T : never;

interface More {
  readonly short?: string;
  readonly conflicts?: readonly string[];
  readonly completes?: Completed;
}

/** `--yes` */
export function flag(about: string, more: Pick<More, 'short'> = {}): OptionSpec<boolean> {
  return { about, ...more };
}

/** `--no-color`, declared as `color` */
export function off(about: string): Certain<boolean> {
  return { about, initial: true, negated: true };
}

/** `--load <file>`: the text as it is. */
export function text(placeholder: string, about: string, more: More = {}): OptionSpec<string> {
  return { about, placeholder, ...more };
}

/** `--at <address>`: a text that `parse` understands. */
export function parsed<T>(
  placeholder: string,
  about: string,
  parse: (text: string) => T,
  more: More = {},
): OptionSpec<T> {
  return { about, placeholder, parse, ...more };
}

/** `--wait [seconds]`: the value may be left out, and is `true` then. */
export function parsedOrTrue<T>(placeholder: string, about: string, parse: (text: string) => T): OptionSpec<T | true> {
  return { about, placeholder, parse };
}

/** `--erase auto`: one of some words. */
export function choice<const T extends string>(
  placeholder: string,
  about: string,
  choices: readonly T[],
): OptionSpec<T> {
  return { about, placeholder, choices };
}

/** The same option with the value that it has where the command line says nothing. */
export function withInitial<T>(spec: OptionSpec<T>, initial: NoInfer<T>): Certain<T> {
  return { ...spec, initial };
}

/** Something that stands beside the options; its name is the key under which it is declared. */
export interface OperandSpec<T> {
  readonly about: string;
  /** `firmware` must come from the command line or from the defaults of the project. */
  readonly kind: 'required' | 'optional' | 'firmware' | 'one-or-more' | 'any-number';
  readonly choices?: readonly T[];
  readonly completes?: Completed | readonly string[];
  /** Keys of options that say nothing where this operand is given: it stands instead of them. */
  readonly insteadOf?: readonly string[];
}

export type OperandSpecs = Readonly<Record<string, OperandSpec<unknown>>>;

export type OperandsOf<S extends OperandSpecs> = {
  readonly [K in keyof S]: S[K] extends OperandSpec<infer T> ? T : never;
};

type Operand = Pick<OperandSpec<unknown>, 'completes' | 'insteadOf'>;

export function required(about: string, more: Operand = {}): OperandSpec<string> {
  return { about, kind: 'required', ...more };
}

export function requiredOneOf<const T extends string>(about: string, choices: readonly T[]): OperandSpec<T> {
  return { about, kind: 'required', choices };
}

export function optional(about: string, more: Operand = {}): OperandSpec<string | undefined> {
  return { about, kind: 'optional', ...more };
}

/** Firmware files of one job; a project may name the only one. */
export function firmware(about: string): OperandSpec<readonly string[]> {
  return { about, kind: 'firmware' };
}

export function oneOrMore(about: string, more: Operand = {}): OperandSpec<readonly string[]> {
  return { about, kind: 'one-or-more', ...more };
}

export function anyNumber(about: string, more: Operand = {}): OperandSpec<readonly string[]> {
  return { about, kind: 'any-number', ...more };
}

/** What was given on a command line, by name. */
export interface Given {
  readonly operands: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The command line as a whole, for verbs that speak of it. */
export interface Surroundings {
  /** Every verb there is, with its name and what it does in a few words. */
  readonly allVerbs: () => Promise<readonly NamedVerb[]>;
}

export interface NamedVerb {
  readonly name: string;
  readonly about: string;
  readonly verb: Verb;
}

interface Declaration<A extends OperandSpecs, O extends OptionSpecs> {
  readonly operands?: A;
  readonly options?: O;
  readonly examples: readonly UsageExample[];
  /** Prints a text that is meant for a program: it takes none of the options for output. */
  readonly plain?: boolean;
  readonly run: (
    context: Context,
    operands: OperandsOf<A>,
    options: OptionsOf<O>,
    surroundings: Surroundings,
  ) => Promise<void>;
}

/** A verb whose types have been checked: it is run with what a command line gave. */
export interface Verb {
  readonly operands: OperandSpecs;
  readonly options: OptionSpecs;
  readonly examples: readonly UsageExample[];
  readonly plain: boolean;
  readonly run: (context: Context, given: Given, surroundings: Surroundings) => Promise<void>;
}

/** @returns the verb; `run` of the declaration gets the types that its operands and options say */
export function verb<
  const A extends OperandSpecs = Readonly<Record<never, never>>,
  const O extends OptionSpecs = Readonly<Record<never, never>>,
>({ operands, options, examples, plain = false, run }: Declaration<A, O>): Verb {
  return {
    operands: operands ?? {},
    options: options ?? {},
    examples,
    plain,
    // The parser of the command line has made each value by the row of the declaration that has its name.
    run: async (context, given, surroundings) =>
      await run(context, given.operands as OperandsOf<A>, given.options as OptionsOf<O>, surroundings),
  };
}

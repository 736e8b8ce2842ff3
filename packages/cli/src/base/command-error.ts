/** An error that the command line itself finds: what is wrong, and what to do, in the user's terms. */
import { EXIT, type ExitCode } from './exit-codes.ts';

export interface CommandErrorParts {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly title: string;
  readonly remedy?: readonly string[];
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class CommandError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly remedy: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;

  constructor({ code, exitCode, title, remedy = [], facts = {}, cause }: CommandErrorParts) {
    super(title, cause === undefined ? undefined : { cause });
    this.name = 'CommandError';
    this.code = code;
    this.exitCode = exitCode;
    this.remedy = remedy;
    this.facts = facts;
  }
}

/** A command line that cannot work. */
export function usage(title: string, ...remedy: string[]): CommandError {
  return new CommandError({ code: 'cli/usage', exitCode: EXIT.usage, title, remedy });
}

/** An error that the command line itself finds: what is wrong, and what to do, in the user's terms. */
import type { Diagnosis } from '@sureflash/programmer/diagnosis';
import { EXIT, type ExitCode } from './exit-codes.ts';

export interface CommandErrorParts {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly title: string;
  readonly remedy?: readonly string[];
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** What the evidence makes of it. */
  readonly diagnosis?: Diagnosis;
}

export class CommandError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly remedy: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly diagnosis?: Diagnosis;

  constructor({ code, exitCode, title, remedy = [], facts = {}, cause, diagnosis }: CommandErrorParts) {
    super(title, cause === undefined ? undefined : { cause });
    this.name = 'CommandError';
    this.code = code;
    this.exitCode = exitCode;
    this.remedy = remedy;
    this.facts = facts;
    if (diagnosis) this.diagnosis = diagnosis;
  }

  /** @returns the same error with this diagnosis, and this one as its cause */
  with({ diagnosis }: { readonly diagnosis: Diagnosis }): CommandError {
    const { code, exitCode, message: title, remedy, facts } = this;
    return new CommandError({ code, exitCode, title, remedy, facts, diagnosis, cause: this });
  }
}

/** A command line that cannot work. */
export function usage(title: string, ...remedy: string[]): CommandError {
  return new CommandError({ code: 'cli/usage', exitCode: EXIT.usage, title, remedy });
}

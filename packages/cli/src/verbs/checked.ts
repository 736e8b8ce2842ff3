/** Parsers of ours as commander wants them. */
import { InvalidArgumentError } from 'commander';
import { CommandError } from '../command-error.ts';

/** Commander tells which option it was when it gets an error of its own kind. */
export function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new InvalidArgumentError([error.message, ...error.remedy].join('\n'));
    }
  };
}

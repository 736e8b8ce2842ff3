/** What commander says of a command line that cannot work, in our words, with what the user may have meant. */
import { existsSync } from 'node:fs';
import { visible } from '@sureflash/programmer/basics';
import type { CommanderError } from 'commander';
import { type CommandError, usage } from './base/command-error.ts';
import { hintsForExcess, hintsForOption, hintsForVerb } from './parts/other-tools.ts';
import { VERBS } from './verbs.ts';

const MOST_HINTS = 3;

/** @param words of the command line, the verb first */
export function usageError({ code, message }: CommanderError, words: readonly string[]): CommandError {
  const [first = '', ...more] = message
    .split('\n')
    .map(visible)
    .join('\n')
    .replace(/^error: /, '')
    .replace(/^option '([^']*)' argument '.*' is invalid\. (?=")/, '$1: ')
    .split('\n');
  const verb = VERBS.find(({ name }) => name === words[0])?.name;
  const own = usageHints(code, first, words);
  return usage(
    `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?]$/.test(first) ? '' : '.'}`,
    ...(own.length > 0 ? own : more.map((line) => line.replace(/^\((.*)\)$/, '$1'))),
    `See: sureflash ${verb === undefined ? '' : `${verb} `}--help`,
  );
}

function usageHints(code: string, message: string, words: readonly string[]): string[] {
  const [word = ''] = words;
  if (code === 'commander.excessArguments') return hintsForExcess(words);
  // In other programs `write` takes a file.
  if (code === 'commander.missingArgument' && word === 'write') return ['To program a file: sureflash program FILE'];
  if (code === 'commander.unknownCommand') {
    return hintsForVerb(
      word,
      VERBS.map(({ name }) => name),
      existsSync,
    );
  }
  if (code !== 'commander.unknownOption') return [];
  // Without a verb every word is one of another program.
  if (word.startsWith('-')) return [...new Set(words.flatMap(hintsForOption))].slice(0, MOST_HINTS);
  return hintsForOption(/'([^']*)'/.exec(message)?.[1] ?? '');
}

/** What a firmware file tells against itself, as an error. */
import type { Concern } from '@sureflash/programmer/preflight';
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';

/** @param canForce whether the verb has --force */
export function dangerous(dangers: readonly Concern[], { canForce }: { readonly canForce: boolean }): CommandError {
  const [first] = dangers;
  return new CommandError({
    code: 'preflight/danger',
    exitCode: EXIT.file,
    title: `This file does not fit: ${dangers.map(({ seen }) => seen).join('; ')}.`,
    remedy: [...(first ? [first.remedy] : []), ...(canForce ? ['If you are sure, add --force.'] : [])],
    facts: { concerns: dangers },
  });
}

/** Asks before something is done that is not easily undone. */
import { CommandError } from '../base/command-error.ts';
import { EXIT } from '../base/exit-codes.ts';
import type { Context } from '../render/context.ts';

export interface Consent {
  /** The user has said yes beforehand. */
  readonly yes?: boolean;
}

export const YES = /^y(es)?$/i;

/** @throws CommandError `cli/unconfirmed` where nobody can be asked, `cli/declined` when the answer is no */
export async function confirm({ io, json }: Context, question: string, { yes = false }: Consent): Promise<void> {
  if (yes) return;
  if (json || !io.ask) {
    throw new CommandError({
      code: 'cli/unconfirmed',
      exitCode: EXIT.usage,
      title: 'Nothing was changed: this needs your consent, and there is no terminal to ask for it.',
      remedy: ['If you want this, add --yes.'],
    });
  }
  if (YES.test((await io.ask(`${question} [y/N] `)).trim())) return;
  throw new CommandError({
    code: 'cli/declined',
    exitCode: EXIT.interrupted,
    title: 'Nothing was changed, as you chose.',
  });
}

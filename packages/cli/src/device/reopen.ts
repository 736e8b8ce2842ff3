/** A device once more, after it has left the bus. */
import type { DfuTarget } from '@sureflash/programmer/dfu';
import { waitForReturn } from '@sureflash/programmer/option-bytes';
import { CommandError } from '../command-error.ts';
import type { Source } from './source.ts';

export interface Reopened {
  readonly source: Source;
  readonly target: DfuTarget;
}

/**
 * Waits until it can be opened and understood: one that is about to leave may be opened once more before it does.
 * @throws FlashError `device/not-back`
 */
export async function reopened(before: Source, understand: (source: Source) => Promise<DfuTarget>): Promise<Reopened> {
  return await waitForReturn(async () => {
    const source = await orAbsent(before.reopen());
    if (!source) return undefined;
    try {
      return { source, target: await understand(source) };
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }, before.clock);
}

/** What cannot be found or opened now may be a moment later. */
async function orAbsent(opening: Promise<Source>): Promise<Source | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Erases all flash by the registers of its controller, bank by bank where each has its own. */
import { type DebugAccess, readWord, writeWord } from '../cortex/debug-access.ts';
import { FlashError } from '../errors.ts';
import { flashFlagNames } from '../loaders/controller-words.ts';
import { unlockFlash } from '../loaders/unlock.ts';
import type { Clock } from '../ports/clock.ts';
import type { FlashAccess } from './flash-access.ts';

/** F4 with 2 MB at x8 takes 32 s (DS8626, table 40). */
const MASS_ERASE_STUCK_MS = 60_000;
const MASS_ERASE_POLL_MS = 10;

export interface MassEraseParts {
  readonly access: DebugAccess;
  readonly clock: Clock;
}

/** @throws FlashError `flash/refused`, `flash/stuck` */
export async function massEraseByRegisters(
  { access, clock }: MassEraseParts,
  { controller, words }: FlashAccess,
  signal: AbortSignal | undefined,
): Promise<void> {
  await unlockFlash(access, controller, words);
  const parallelism = words.eraseControl & ~((controller.control['SER'] ?? 0) | (controller.control['PER'] ?? 0));
  const control = (controller.mass ?? 0) | parallelism;
  for (const bank of words.banks) {
    signal?.throwIfAborted();
    await writeWord(access, bank.clear, words.clearMask);
    await writeWord(access, bank.control, control);
    await writeWord(access, bank.control, control | words.start);
    const end = clock.now() + MASS_ERASE_STUCK_MS;
    let status = await readWord(access, bank.status);
    while ((status & words.busy) !== 0) {
      if (clock.now() >= end)
        throw new FlashError('flash/stuck', { operation: 'mass erase', address: 0, afterMs: MASS_ERASE_STUCK_MS });
      await clock.sleep(MASS_ERASE_POLL_MS);
      status = await readWord(access, bank.status);
    }
    await writeWord(access, bank.clear, words.clearMask);
    await writeWord(access, bank.control, words.idleControl);
    const flags = status & words.errors;
    if (flags === 0) continue;
    const names = flashFlagNames(controller.kind, flags);
    throw new FlashError('flash/refused', { operation: 'mass erase', address: 0, flags: names });
  }
}

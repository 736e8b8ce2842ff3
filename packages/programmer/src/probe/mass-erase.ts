/** Erases all flash by the registers of its controller, bank by bank where each has its own. */
import { type DebugAccess, writeWord } from '../cortex/debug-access.ts';
import { finishOperation } from '../loaders/finish-operation.ts';
import { unlockFlash } from '../loaders/unlock.ts';
import type { Clock } from '../ports/clock.ts';
import type { FlashAccess } from './flash-access.ts';

/** F4 with 2 MB at x8 takes 32 s (DS8626, table 40). */
const MASS_ERASE = { name: 'mass erase', address: 0, stuckMs: 60_000, pollMs: 10 } as const;

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
  const parts = { access, clock, controller, words };
  await unlockFlash(access, controller, words);
  const parallelism = words.eraseControl & ~((controller.control['SER'] ?? 0) | (controller.control['PER'] ?? 0));
  const control = (controller.mass ?? 0) | parallelism;
  for (const bank of words.banks) {
    signal?.throwIfAborted();
    await writeWord(access, bank.clear, words.clearMask);
    await writeWord(access, bank.control, control);
    await writeWord(access, bank.control, control | words.start);
    await finishOperation(parts, bank, MASS_ERASE);
  }
}

/** Erases all flash by the registers of its controller, bank by bank where each has its own. */
import { type DebugAccess, writeWord } from '../cortex/debug-access.ts';
import { finishOperation } from '../loaders/finish-operation.ts';
import { unlockFlash } from '../loaders/unlock.ts';
import type { Clock } from '../ports/clock.ts';
import type { Region } from '../target/geometry.ts';
import type { FlashAccess } from './flash-access.ts';

/** F4 with 2 MB at x8 takes 32 s (DS8626, table 40). */
const MASS_ERASE = { name: 'mass erase', address: 0, stuckMs: 60_000, pollMs: 10 } as const;

interface MassEraseParts {
  readonly access: DebugAccess;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** @throws FlashError `flash/refused`, `flash/stuck` */
export async function eraseEverything(
  parts: MassEraseParts,
  flash: FlashAccess,
  regions: readonly Region[],
): Promise<void> {
  const { signal } = parts;
  const algorithm = await flash.algorithm();
  // A mass erase takes no bank that has pages of a world which is out of reach (RM0438 §6.5.7).
  if (flash.controller.mass === undefined || (regions[0]?.partOf && !flash.isSecure)) {
    const sectors = regions.flatMap((each) => each.sectors);
    for (const { series } of flash.seriesOf(sectors)) await algorithm.erase(series, { signal });
    return;
  }
  await algorithm.stop();
  await flash.openWorlds();
  await massEraseByRegisters(parts, flash);
}

async function massEraseByRegisters(
  { access, clock, signal }: MassEraseParts,
  { controller, words }: FlashAccess,
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

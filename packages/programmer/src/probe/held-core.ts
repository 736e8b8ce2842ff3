/** A core that is held for a change of the flash: with a watchdog that stands still meanwhile, and resets that are told from other failures. */
import type { Chip } from '@sureflash/chips';
import type { CortexCore } from '../cortex/core.ts';
import { readWords, writeWord } from '../cortex/debug-access.ts';
import { REGISTER, SCS, XPSR_THUMB } from '../cortex/registers.ts';
import { FlashError, hasCode } from '../errors.ts';
import type { DebugProbe } from './debug-probe.ts';
import { freezeWatchdog, wasResetByWatchdog } from './watchdog.ts';

interface Held {
  readonly probe: DebugProbe;
  readonly core: CortexCore;
  readonly chip: Chip | undefined;
}

/** Resets the chip, and halts it before its first instruction. */
export async function holdCore({ probe, core, chip }: Held): Promise<void> {
  if (chip) await freezeWatchdog(probe, chip);
  await core.resetAndHalt();
}

/** Resets the chip, and has the core stand at the first instruction of the program whose vector table is at `address`. */
export async function setToStart({ probe, core }: Pick<Held, 'probe' | 'core'>, address: number): Promise<void> {
  await core.resetAndHalt();
  const [stack = 0, entry = 0] = await readWords(probe, address, 2);
  // Boot pins may lead elsewhere than to this program.
  if ((await core.readRegister(REGISTER.PC)) === (entry & ~1) >>> 0) return;
  await writeWord(probe, SCS.VTOR, address).catch(() => undefined);
  await core.writeRegister(REGISTER.SP, stack);
  await core.writeRegister(REGISTER.XPSR, XPSR_THUMB);
  await core.writeRegister(REGISTER.PC, (entry & ~1) >>> 0);
}

/** @returns `core/reset` where that is why the operation failed, with the word of the chip on its watchdog; else the error */
export async function resetTold({ probe, core, chip }: Held, operation: string, error: unknown): Promise<unknown> {
  if (!hasCode(error, 'core/reset', 'core/fault', 'core/stuck', 'flash/refused', 'flash/stuck', 'probe/refused')) {
    return error;
  }
  try {
    const wasReset = error.code === 'core/reset' || (await core.status()).wasReset;
    if (!wasReset) return error;
    const byWatchdog = chip && (await wasResetByWatchdog(probe, chip));
    const before = error.code === 'core/reset' ? error.facts : { operation };
    return new FlashError('core/reset', { ...before, ...(byWatchdog && { byWatchdog }) }, error);
  } catch {
    // A chip that does not answer any more tells nothing about its resets.
    return error;
  }
}

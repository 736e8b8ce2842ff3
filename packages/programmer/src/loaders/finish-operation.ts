/** Waits for the end of what the registers of a flash controller were told to do, and closes it. It begins nothing. */
import type { FlashController } from '@sureflash/chips';
import { type DebugAccess, readWord, writeWord } from '../cortex/debug-access.ts';
import { FlashError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import { flashFlagNames } from './controller-words.ts';
import type { BankRegisters, ControllerWords } from './mailbox.ts';

export interface RegisterParts {
  readonly access: DebugAccess;
  readonly clock: Clock;
  readonly controller: FlashController;
  readonly words: ControllerWords;
}

export interface RegisterOperation {
  /** For people: `erase`. */
  readonly name: string;
  readonly address: number;
  readonly stuckMs: number;
  /** Between two looks; 0 where a look takes as long as the operation. */
  readonly pollMs: number;
}

/** @throws FlashError `flash/stuck`, `flash/refused` with the flags of the controller; what the access throws */
export async function finishOperation(
  { access, clock, controller, words }: RegisterParts,
  bank: BankRegisters,
  { name, address, stuckMs, pollMs }: RegisterOperation,
): Promise<void> {
  const end = clock.now() + stuckMs;
  let status = await readWord(access, bank.status);
  while ((status & words.busy) !== 0) {
    if (clock.now() >= end) throw new FlashError('flash/stuck', { operation: name, address, afterMs: stuckMs });
    if (pollMs > 0) await clock.sleep(pollMs);
    status = await readWord(access, bank.status);
  }
  await writeWord(access, bank.clear, words.clearMask);
  await writeWord(access, bank.control, words.idleControl);
  const flags = status & words.errors;
  if (flags === 0) return;
  throw new FlashError('flash/refused', { operation: name, address, flags: flashFlagNames(controller.kind, flags) });
}

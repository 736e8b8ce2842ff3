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

/**
 * @param bits of the register that are set while the controller works
 * @returns what that register held at the last look
 * @throws FlashError `flash/stuck`; what the access throws
 */
export async function untilIdle(
  { access, clock }: Pick<RegisterParts, 'access' | 'clock'>,
  { register, bits }: { readonly register: number; readonly bits: number },
  { name, address, stuckMs, pollMs }: RegisterOperation,
): Promise<number> {
  const end = clock.now() + stuckMs;
  for (;;) {
    const status = await readWord(access, register);
    if ((status & bits) === 0) return status;
    if (clock.now() >= end) throw new FlashError('flash/stuck', { operation: name, address, afterMs: stuckMs });
    if (pollMs > 0) await clock.sleep(pollMs);
  }
}

/** @throws FlashError `flash/stuck`, `flash/refused` with the flags of the controller; what the access throws */
export async function finishOperation(
  { access, clock, controller, words }: RegisterParts,
  bank: BankRegisters,
  operation: RegisterOperation,
): Promise<void> {
  const status = await untilIdle({ access, clock }, { register: bank.status, bits: words.busy }, operation);
  const failures = bank.failures === bank.status ? status : await readWord(access, bank.failures);
  await writeWord(access, bank.clear, words.clearMask);
  await writeWord(access, bank.control, words.idleControl);
  const flags = failures & words.errors;
  if (flags === 0) return;
  const { name, address } = operation;
  throw new FlashError('flash/refused', { operation: name, address, flags: flashFlagNames(controller.kind, flags) });
}

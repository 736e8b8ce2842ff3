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

/** As `operationDone`, and closes the controller. */
export async function finishOperation(
  parts: RegisterParts,
  bank: BankRegisters,
  operation: RegisterOperation,
): Promise<void> {
  await operationDone(parts, bank, operation);
  await closeOperation(parts, bank);
}

/**
 * Waits for the end of one operation of several; the controller stays as it is where it has succeeded.
 * @throws FlashError `flash/stuck`, `flash/refused` with the flags of the controller; what the access throws
 */
export async function operationDone(
  parts: RegisterParts,
  bank: BankRegisters,
  operation: RegisterOperation,
): Promise<void> {
  const { access, controller, words } = parts;
  const status = await untilIdle(parts, { register: bank.status, bits: words.busy }, operation);
  const failures = bank.failures === bank.status ? status : await readWord(access, bank.failures);
  const flags = failures & words.errors;
  if (flags === 0) return;
  await closeOperation(parts, bank);
  const { name, address } = operation;
  throw new FlashError('flash/refused', { operation: name, address, flags: flashFlagNames(controller.kind, flags) });
}

/** Clears the flags of what was done, and the bits that began it. */
export async function closeOperation({ access, words }: RegisterParts, bank: BankRegisters): Promise<void> {
  await writeWord(access, bank.clear, words.clearMask);
  await writeWord(access, bank.control, words.idleControl);
}

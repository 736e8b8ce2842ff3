/** Erases and programs flash by its registers alone: for a core that cannot run code in RAM. Slower; it knows no probe. */
import { writeWord } from '../cortex/debug-access.ts';
import { closeOperation, finishOperation, operationDone, type RegisterParts } from './finish-operation.ts';
import {
  type BankBytes,
  ERASE_STUCK_MS,
  type FlashAlgorithm,
  PROGRAM_STUCK_MS,
  type ProgressOptions,
  type SectorSeries,
} from './flash-algorithm.ts';
import type { BankRegisters } from './mailbox.ts';
import { unlockFlash } from './unlock.ts';

/** Between two looks at an erase. */
const REGISTER_POLL_MS = 1;

export class ByRegisters implements FlashAlgorithm {
  readonly #parts: RegisterParts;
  #isOpen = false;

  constructor(parts: RegisterParts) {
    this.#parts = parts;
  }

  async erase(
    { address, step, code, codeStep, registers, count }: SectorSeries,
    options: ProgressOptions,
  ): Promise<void> {
    const bank = await this.#opened(registers);
    const { access, words } = this.#parts;
    await writeWord(access, bank.clear, words.clearMask);
    for (let index = 0; index < count; index++) {
      options.signal?.throwIfAborted();
      const at = address + index * step;
      const control = words.eraseControl | (code + index * codeStep);
      await writeWord(access, bank.control, control);
      if (bank.eraseAddress !== 0) await writeWord(access, bank.eraseAddress, at);
      if (words.start === 0) await writeWord(access, at, 0);
      else await writeWord(access, bank.control, control | words.start);
      await finishOperation(this.#parts, bank, {
        name: 'erase',
        address: at,
        stuckMs: ERASE_STUCK_MS,
        pollMs: REGISTER_POLL_MS,
      });
      options.onDone?.(index + 1);
    }
  }

  async program({ address, bytes, registers }: BankBytes, { signal, onDone }: ProgressOptions): Promise<void> {
    const bank = await this.#opened(registers);
    const { access, words } = this.#parts;
    const width = words.storeWidth === 4 ? 4 : words.storeWidth === 2 ? 2 : 1;
    await writeWord(access, bank.clear, words.clearMask);
    await writeWord(access, bank.control, words.programControl);
    for (let at = 0; at < bytes.length; at += words.unit) {
      signal?.throwIfAborted();
      await access.writeMemory(address + at, bytes.subarray(at, at + words.unit), { width });
      await operationDone(this.#parts, bank, {
        name: 'program',
        address: address + at,
        stuckMs: PROGRAM_STUCK_MS,
        pollMs: 0,
      });
      onDone?.(at + words.unit);
    }
    await closeOperation(this.#parts, bank);
  }

  async digest(): Promise<undefined> {
    return undefined;
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    for (const bank of this.#parts.words.banks) await writeWord(this.#parts.access, bank.control, 0);
  }

  async #opened(registers: number): Promise<BankRegisters> {
    const { access, controller, words } = this.#parts;
    if (!this.#isOpen) await unlockFlash(access, controller, words);
    this.#isOpen = true;
    const bank = words.banks[registers];
    if (!bank) throw new RangeError(`the flash has no registers of bank ${registers + 1}`);
    return bank;
  }
}

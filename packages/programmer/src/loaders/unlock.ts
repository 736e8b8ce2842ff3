/** Opens the control registers of a flash controller. A wrong key locks it until the next reset: only a locked one gets keys. */
import type { FlashController } from '@sureflash/chips';
import { type DebugAccess, readWord, writeWord } from '../cortex/debug-access.ts';
import type { ControllerWords } from './mailbox.ts';

/** Unlocks every set of registers, waits for the end of what runs, and clears old flags. */
export async function unlockFlash(
  access: DebugAccess,
  controller: FlashController,
  words: ControllerWords,
): Promise<void> {
  const { control, keys, flash } = controller;
  const [first = 0, second = 0, third = 0, fourth = 0] = keys;
  const lock = control['LOCK'] ?? control['PELOCK'] ?? 0;
  for (const bank of words.banks) {
    if (((await readWord(access, bank.control)) & lock) !== 0) {
      await writeWord(access, bank.key, first);
      await writeWord(access, bank.key, second);
    }
    const programLock = control['PRGLOCK'] ?? 0;
    if (programLock !== 0 && ((await readWord(access, bank.control)) & programLock) !== 0) {
      const key = flash.base + (flash.registers['PRGKEYR'] ?? 0);
      await writeWord(access, key, third);
      await writeWord(access, key, fourth);
    }
  }
}

/** Makes the core of a chip quicker that has just been reset. It knows no chip: the steps are a fact of its family. */
import type { RegisterSteps } from '@sureflash/chips';
import { type DebugAccess, readWord, writeWord } from '../cortex/debug-access.ts';

export async function takeSteps(access: DebugAccess, { register, steps }: RegisterSteps): Promise<void> {
  let value = await readWord(access, register);
  for (const { clear, set } of steps) {
    value = ((value & ~clear) | set) >>> 0;
    await writeWord(access, register, value);
  }
}

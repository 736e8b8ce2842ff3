/** Makes the core of a chip quicker that has just been reset. It knows no chip: the steps are facts of its family. */
import type { RegisterStep } from '@sureflash/chips';
import { type DebugAccess, readWord, writeWord } from '../cortex/debug-access.ts';

/** Each look takes longer than a PLL needs: 100 to 300 µs (datasheets, "PLL characteristics"). */
const MOST_READY_LOOKS = 8;

/** @returns whether every step had its effect; none is taken after one that had not */
export async function takeSteps(access: DebugAccess, steps: readonly RegisterStep[]): Promise<boolean> {
  let known: { register: number; value: number } | undefined;
  for (const { register, clear, set, ready = 0 } of steps) {
    const before = known?.register === register ? known.value : await readWord(access, register);
    const value = ((before & ~clear) | set) >>> 0;
    await writeWord(access, register, value);
    known = { register, value };
    for (let looks = 0; ready !== 0 && ((await readWord(access, register)) & ready) === 0; looks++)
      if (looks === MOST_READY_LOOKS) return false;
  }
  return true;
}

/** Keeps the independent watchdog of a chip from resetting it while its core is halted, and tells when it has done so. */
import { type Chip, type RegisterBit, watchdogFreeze, watchdogResetFlag } from '@sureflash/chips';
import { type DebugAccess, readWord, writeWord } from '../cortex/debug-access.ts';
import { hasCode } from '../errors.ts';

/** @returns whether the watchdog stands still from now on while the core is halted; a power cycle ends it */
export async function freezeWatchdog(access: DebugAccess, chip: Chip): Promise<boolean> {
  const freeze = watchdogFreeze(chip);
  if (!freeze) return false;
  try {
    if (await setBit(access, freeze)) return true;
    if (!freeze.clock) return false;
    await setBit(access, freeze.clock);
    return await setBit(access, freeze);
  } catch (error) {
    if (hasCode(error, 'probe/refused')) return false;
    throw error;
  }
}

/** @returns whether the chip says that its last reset came from its watchdog; false where it cannot be asked */
export async function wasResetByWatchdog(access: DebugAccess, chip: Chip): Promise<boolean> {
  const flag = watchdogResetFlag(chip);
  if (!flag) return false;
  try {
    return (((await readWord(access, flag.register)) >>> flag.bit) & 1) === 1;
  } catch (error) {
    if (hasCode(error, 'probe/refused')) return false;
    throw error;
  }
}

/** @returns whether it stays set */
async function setBit(access: DebugAccess, { register, bit }: RegisterBit): Promise<boolean> {
  const before = await readWord(access, register);
  if (((before >>> bit) & 1) === 1) return true;
  await writeWord(access, register, (before | (1 << bit)) >>> 0);
  return (((await readWord(access, register)) >>> bit) & 1) === 1;
}

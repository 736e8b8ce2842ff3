/** Whether a debugger may read the flash of a chip: a refused word is not yet read protection. */
import { type Chip, sectorsOf } from '@sureflash/chips';
import { isRefusedByBus, readWord } from '../cortex/debug-access.ts';
import { hex } from '../target/geometry.ts';
import type { DebugProbe } from './debug-probe.ts';
import { optionFactsOf, optionsLeaveOpen } from './option-reading.ts';

export interface FlashReading {
  readonly isProtected: boolean;
  /** What is odd, as a clause. */
  readonly finding?: string;
}

/**
 * A debugger that may not read the flash of a protected chip gets a fault (RM0008, RM0090: read protection). A word with a
 * double ECC error gives the same fault, and so does a part that is secure; the option bytes tell them apart, and where nobody
 * can read those, other places of the flash.
 * @throws FlashError `probe/refused` where the chip did not refuse: WAIT, or a bad line
 */
export async function readingOfFlash(probe: DebugProbe, chip: Chip): Promise<FlashReading> {
  const [smallest] = chip.variants;
  const starts = smallest ? sectorsOf(smallest).map(({ start }) => start) : [];
  const [first] = starts;
  if (first === undefined || !(await isRefused(probe, first))) return { isProtected: false };
  const facts = optionFactsOf(chip);
  const leavesOpen = facts && (await orUntold(optionsLeaveOpen(probe, facts)));
  if (leavesOpen === false) return { isProtected: true };
  if (leavesOpen === undefined && (await areRefused(probe, [starts[starts.length >> 1], starts.at(-1)]))) {
    return { isProtected: true };
  }
  const why = leavesOpen ? 'its option bytes leave the flash open' : 'other places of the flash can be read';
  return { isProtected: false, finding: `its bus refuses to read ${hex(first)}, and ${why}` };
}

async function areRefused(probe: DebugProbe, addresses: readonly (number | undefined)[]): Promise<boolean> {
  for (const address of addresses) if (address !== undefined && !(await isRefused(probe, address))) return false;
  return true;
}

async function isRefused(probe: DebugProbe, address: number): Promise<boolean> {
  try {
    await readWord(probe, address);
    return false;
  } catch (error) {
    if (isRefusedByBus(error)) return true;
    throw error;
  }
}

async function orUntold<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isRefusedByBus(error)) return undefined;
    throw error;
  }
}

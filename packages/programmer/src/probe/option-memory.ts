/** Writes option bytes that are memory: half-words of F0, F1 and F3, words of L0 and L1. They have been unlocked; it loads nothing. */
import type { OptionAccess } from '@sureflash/chips';
import { wordBytes, writeWord } from '../cortex/debug-access.ts';
import type { DebugProbe } from './debug-probe.ts';

export interface OptionMemory {
  readonly probe: DebugProbe;
  /** CR of the flash interface. */
  readonly control: number;
  /** Waits until the flash is idle, after what was told to an address. */
  readonly done: (address: number) => Promise<void>;
}

/** CR of F0, F1 and F3 (PM0075). */
const HALF_WORD_CR = { OPTPG: 1 << 4, OPTER: 1 << 5, STRT: 1 << 6, OPTWRE: 1 << 9 } as const;

export const isOptionMemory = ({ kind }: OptionAccess): boolean => kind === 'half-words' || kind === 'words';

/** Erases all of them first. */
export async function writeOptionHalfWords(
  { probe, control, done }: OptionMemory,
  address: number,
  bytes: Uint8Array,
): Promise<void> {
  const { OPTPG, OPTER, STRT, OPTWRE } = HALF_WORD_CR;
  await writeWord(probe, control, OPTWRE | OPTER);
  await writeWord(probe, control, OPTWRE | OPTER | STRT);
  await done(control);
  await writeWord(probe, control, OPTWRE | OPTPG);
  // Read protection stands first: without it the chip would close at the next reset.
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = bytes.subarray(at, at + 2);
    if (unit.every((byte) => byte === 0xff)) continue;
    await probe.writeMemory(address + at, Uint8Array.of(unit[0] ?? 0xff, 0), { width: 2 });
    await done(address + at);
  }
  await writeWord(probe, control, OPTWRE);
}

/** Only those that change; each replaces the old one by itself (RM0376, RM0038). */
export async function writeOptionWords(
  { probe, done }: OptionMemory,
  address: number,
  bytes: Uint8Array,
): Promise<void> {
  const before = await probe.readMemory(address, bytes.length, { width: 4 });
  for (let at = 0; at + 3 < bytes.length; at += 4) {
    const value = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    const word = wordBytes([(value | (~value << 16)) >>> 0]);
    if (word.every((byte, i) => byte === before[at + i])) continue;
    await probe.writeMemory(address + at, word, { width: 4 });
    await done(address + at);
  }
}

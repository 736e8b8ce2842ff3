/**
 * What a ROM bootloader tells about its chip when it is read: its version, the flash size, the unique id, option bits.
 * A few short reads that change nothing; where the ROM does not allow one, that is said.
 */
import type { Chip } from '@sureflash/chips';
import { byBootloader } from './examine/by-bootloader.ts';
import { byOptionBits } from './examine/by-option-bits.ts';
import { byDevId, byFlashSize, byUid } from './examine/by-signature.ts';
import type { Examined, Knowledge } from './examine/knowledge.ts';

export type { Examined } from './examine/knowledge.ts';

export interface Examination {
  /** Those of the candidates that what was read leaves over. */
  readonly chips: readonly Chip[];
  /** Whether the device has named its chip: by the version of its bootloader, or by its DEV_ID. */
  readonly certain: boolean;
  /** Every read is refused: the chip is read-protected, and nothing more can be known. */
  readonly readProtected: boolean;
  readonly flashBytes?: number;
  /** 24 hex digits. */
  readonly uid?: string;
  /** Whether the serial number is the one that ST's loaders make of this unique id; absent without a unique id. */
  readonly serialMatches?: boolean;
  /** As AN2606 writes it: `V9.1`. */
  readonly bootloader?: string;
  readonly devId?: number;
  /** By the names of the reference manual. */
  readonly optionBits: Readonly<Record<string, 0 | 1>>;
  /** What was found, one clause each. */
  readonly findings: readonly string[];
  /** What cannot be known of this device, and why. */
  readonly unknown: readonly string[];
}

/** @throws what the transport throws; a refused read is not an error */
export async function examine(device: Examined): Promise<Examination> {
  const { chips, certain } = device;
  const known: Knowledge = {
    chips,
    named: false,
    readProtected: false,
    optionBits: {},
    findings: [],
    unknown: [],
  };
  for (const step of [byBootloader, byFlashSize, byUid, byDevId, byOptionBits]) {
    if (!known.readProtected) await step(device, known);
  }
  const { named, ...found } = known;
  return { ...found, certain: known.chips.length === 1 && (certain || named) };
}

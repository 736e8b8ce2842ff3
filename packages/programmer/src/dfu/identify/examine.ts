/**
 * Reads a ROM bootloader for facts about its chip: bootloader version, flash size, unique id, option bits. These are a few
 * short reads that change nothing; each one that the ROM refuses is listed.
 */
import type { Chip } from '@sureflash/chips';
import { byBootloader } from './by-bootloader.ts';
import { byOptionBits } from './by-option-bits.ts';
import { byDevId, byFlashSize, byUid } from './by-signature.ts';
import type { ExamineInput, Knowledge } from './knowledge.ts';

export interface Examination {
  /** The candidates that are still possible after these reads. */
  readonly chips: readonly Chip[];
  /** Whether the device has named its chip: by the version of its bootloader, or by its DEV_ID. */
  readonly certain: boolean;
  /** Whether every read is refused: then the chip is read-protected and nothing more can be known. */
  readonly readProtected: boolean;
  readonly flashBytes?: number;
  /** 24 hex digits. */
  readonly uid?: string;
  /** Whether the serial number is the one that ST's loaders derive from this unique id; absent without a unique id. */
  readonly serialMatches?: boolean;
  /** As AN2606 writes it: `V9.1`. */
  readonly bootloader?: string;
  readonly devId?: number;
  /** By the names of the reference manual. */
  readonly optionBits: Readonly<Record<string, 0 | 1>>;
  /** The facts that were found, one clause each. */
  readonly findings: readonly string[];
  /** The facts that could not be found, each with the reason. */
  readonly unknown: readonly string[];
}

/** @throws FlashError `usb/*`; a refused read is not an error */
export async function examine(device: ExamineInput): Promise<Examination> {
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

/** The state of an examination, and the ways in which its steps read the chip and rule out candidates. */
import type { Chip } from '@sureflash/chips';
import { hex } from '../../target/geometry.ts';
import type { ReadAnswer, ReadAt } from '../protocol/read-at.ts';

export interface ExamineInput {
  readonly chips: readonly Chip[];
  /** Whether the chip is certain already. */
  readonly certain: boolean;
  readonly serial: string;
  readonly readAt: ReadAt;
  /** Reads the first block of option bytes as a whole; absent if the device has none. */
  readonly readOptions?: () => Promise<ReadAnswer>;
}

/** The facts so far; every step adds to them. */
export interface Knowledge {
  chips: readonly Chip[];
  named: boolean;
  readProtected: boolean;
  flashBytes?: number;
  uid?: string;
  serialMatches?: boolean;
  bootloader?: string;
  devId?: number;
  optionBits: Record<string, 0 | 1>;
  readonly findings: string[];
  readonly unknown: string[];
}

/** @returns the chips by their key; chips without a key are left out */
export function groups<K>(chips: readonly Chip[], keyOf: (chip: Chip) => K | undefined): Map<K, Chip[]> {
  const found = new Map<K, Chip[]>();
  for (const chip of chips) {
    const key = keyOf(chip);
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), chip]);
  }
  return found;
}

/** @returns the bytes; `undefined` if the read is refused, which is noted in `known` */
export async function readFact(
  { readAt }: ExamineInput,
  known: Knowledge,
  place: { what: string; address: number; length: number },
): Promise<Uint8Array | undefined> {
  const { what, address, length } = place;
  if (known.readProtected) return undefined;
  const { bytes, refused } = await readAt(address, length);
  if (bytes) return bytes;
  if (refused === 'errVENDOR') known.readProtected = true;
  known.unknown.push(`${what}: ${hex(address)} cannot be read (${refused})`);
  return undefined;
}

/** Rules out the chips that do not fit. If none fits, the comparison tells nothing and all stay. @returns whether any fits */
export function keep(known: Knowledge, fits: (chip: Chip) => boolean): boolean {
  const left = known.chips.filter(fits);
  if (left.length > 0) known.chips = left;
  return left.length > 0;
}

export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

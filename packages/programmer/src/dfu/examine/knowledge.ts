/** What an examination knows so far of the chip behind a ROM bootloader, and how its steps ask and narrow. */
import type { Chip } from '@sureflash/chips';
import { hex } from '../../target/geometry.ts';
import type { Peek, Peeked } from '../peek.ts';

export interface Examined {
  readonly chips: readonly Chip[];
  /** Whether the chip was certain before. */
  readonly certain: boolean;
  readonly serial: string;
  readonly peek: Peek;
  /** The first block of option bytes, as a whole; absent where the device has none. */
  readonly peekOptions?: () => Promise<Peeked>;
}

/** What is known so far; every step narrows it. */
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

/** Chips by what `keyOf` gives for them; those without are left out. */
export function groups<K>(chips: readonly Chip[], keyOf: (chip: Chip) => K | undefined): Map<K, Chip[]> {
  const found = new Map<K, Chip[]>();
  for (const chip of chips) {
    const key = keyOf(chip);
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), chip]);
  }
  return found;
}

export async function read(
  { peek }: Examined,
  known: Knowledge,
  place: { what: string; address: number; length: number },
): Promise<Uint8Array | undefined> {
  const { what, address, length } = place;
  if (known.readProtected) return undefined;
  const { bytes, refused } = await peek(address, length);
  if (bytes) return bytes;
  if (refused === 'errVENDOR') known.readProtected = true;
  known.unknown.push(`${what}: ${hex(address)} is not to be read (${refused})`);
  return undefined;
}

/** Where none fits, what was compared says nothing, and all of them stay. @returns whether any fits */
export function keep(known: Knowledge, fits: (chip: Chip) => boolean): boolean {
  const left = known.chips.filter(fits);
  if (left.length > 0) known.chips = left;
  return left.length > 0;
}

export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/**
 * The Device Feature of F2, F4 and F7 (AN3156 §3.3.3): the supply voltage, from which the ROM takes how many bytes it programs at
 * once. Without it, it reckons with 1.8 V and programs byte by byte.
 */
import { readBytes } from '../engine/read-memory.ts';
import { FlashError } from '../errors.ts';
import type { Device } from '../target/device.ts';
import type { Region } from '../target/geometry.ts';

/** First volt of each range, and the bytes at once that it allows (RM0033, RM0090 §3.6.2; AN3156 §3.3.3). */
const RANGES = [
  { from: 1.62, bytes: 1 },
  { from: 2.1, bytes: 2 },
  { from: 2.4, bytes: 2 },
  { from: 2.7, bytes: 4 },
] as const;
/** VDD of all of these chips ends here. */
const MOST_VOLTS = 3.6;

export interface SupplyRange {
  /** As the Device Feature counts them, from 0. */
  readonly index: number;
  readonly bytesAtOnce: number;
}

/** @returns `undefined` for a voltage that no chip runs on */
export function supplyRange(volts: number): SupplyRange | undefined {
  if (!(volts <= MOST_VOLTS)) return undefined;
  const index = RANGES.findLastIndex(({ from }) => volts >= from);
  const range = RANGES[index];
  return range && { index, bytesAtOnce: range.bytes };
}

/** The memory that takes it; `undefined` for a chip that needs none. */
export function deviceFeatureOf({ target: { geometry } }: Device): Region | undefined {
  return geometry.find(({ kind }) => kind === 'device-feature');
}

/**
 * Tells the ROM the supply until the chip is reset, and reads it back.
 * @throws FlashError `verify/mismatch` when the ROM did not take it; what the target throws
 */
export async function stateSupply({ target }: Device, region: Region, { index }: SupplyRange): Promise<void> {
  const bytes = new Uint8Array(region.writeSize);
  bytes[0] = index;
  await target.write(region.start, bytes);
  const [found = 0] = await readBytes(target, { start: region.start, end: region.start + bytes.length });
  if (found === index) return;
  const facts = { address: region.start, expected: index, found, differing: 1, compared: 1 };
  throw new FlashError('verify/mismatch', facts);
}

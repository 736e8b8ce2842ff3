/**
 * The Device Feature of F2, F4 and F7 (AN3156 §3.3.3): the supply voltage, from which the ROM takes how many bytes it programs at
 * once. Without it, it reckons with 1.8 V and programs byte by byte.
 */
import type { Chip } from '@sureflash/chips';
import { readMemoryBytes } from '../engine/read-memory.ts';
import { FlashError, isFlashError } from '../errors.ts';
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
  const [found = 0] = await readMemoryBytes(target, { start: region.start, end: region.start + bytes.length });
  if (found === index) return;
  const facts = { address: region.start, expected: index, found, differing: 1, compared: 1 };
  throw new FlashError('verify/mismatch', facts);
}

/** What USB itself tells of the supply. */
export interface ImpliedSupply extends SupplyRange {
  /** VDD has at least so many volts. */
  readonly leastVolts: number;
  /** The datasheet that says so. */
  readonly source: string;
}

/**
 * A chip that has no supply pin for USB of its own answers on USB only from a VDD at which its datasheet states USB to
 * work: 2.7 V, which also allows to program four bytes at once.
 * @param chips all that the device may be
 * @returns `undefined` unless that holds for every one of them
 */
export function impliedSupply(chips: readonly Chip[]): ImpliedSupply | undefined {
  const supplies = chips.map(({ usbSupply }) => (usbSupply?.pin === 'VDD' ? usbSupply : undefined));
  const known = supplies.filter((supply) => supply !== undefined);
  const [first] = known;
  if (!first || known.length < supplies.length) return undefined;
  const least = known.reduce((lowest, each) => (each.leastVolts < lowest.leastVolts ? each : lowest), first);
  const range = supplyRange(least.leastVolts);
  return range && { ...range, leastVolts: least.leastVolts, source: least.source };
}

/**
 * As `stateSupply`, for a supply that nobody has stated: a ROM that does not take it goes on as before.
 * @returns whether the ROM took it
 * @throws FlashError `usb/gone` and `usb/timeout`, and the errors of a device that did not merely refuse
 */
export async function stateImpliedSupply(device: Device, region: Region, supply: SupplyRange): Promise<boolean> {
  try {
    await stateSupply(device, region, supply);
    return true;
  } catch (error) {
    if (isFlashError(error) && REFUSALS.has(error.code)) return false;
    throw error;
  }
}

/** A protected device is explained where the job fails. */
const REFUSALS: ReadonlySet<string> = new Set(['verify/mismatch', 'device/read-protected', 'dfu/status', 'usb/stall']);

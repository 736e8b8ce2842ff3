/**
 * The supply voltage of F2, F4 and F7, told to the ROM through its Device Feature (AN3156 §3.3.3): from it the ROM takes how
 * many bytes it programs at once. Without it, it reckons with 1.8 V and programs byte by byte.
 */
import type { Chip } from '@sureflash/chips';
import { FlashError, isFlashError } from '../errors.ts';
import { type About, chipOf, likelyChip } from '../target/about.ts';
import type { Device } from '../target/device.ts';
import type { Region } from '../target/geometry.ts';
import { readMemoryBytes } from './memory/read-memory.ts';
import type { RunOptions, ToldSupply } from './run/progress.ts';
import { type Timed, timingAt } from './run/timing.ts';

/** First volt of each range, and the bytes at once that it allows (RM0033, RM0090 §3.6.2; AN3156 §3.3.3). */
const RANGES = [
  { from: 1.62, bytes: 1 },
  { from: 2.1, bytes: 2 },
  { from: 2.4, bytes: 2 },
  { from: 2.7, bytes: 4 },
] as const;
/** VDD of all of these chips ends here. */
const MOST_VOLTS = 3.6;

/**
 * What the ROM is told: `auto` tells it the voltage that USB itself needs, where the chip has no other supply for USB than VDD;
 * volts, 1.62 to 3.6, are told as they are stated; `none` tells it nothing.
 */
export type SupplyChoice = 'auto' | 'none' | number;

export interface SupplyOptions {
  /** Matters to F2, F4 and F7 only; the default is `auto`. */
  readonly supply?: SupplyChoice | undefined;
}

/**
 * What a job tells the ROM of the supply, and why: `stated` by the caller, `usb` as USB itself implies, `withheld` as the
 * caller wants, `unknown` where nobody states it and USB does not imply it, `no-feature` where the device does not take it,
 * `no-change` where nothing will be erased or written.
 */
export interface SupplyPlan {
  readonly basis: 'stated' | 'usb' | 'withheld' | 'unknown' | 'no-feature' | 'no-change';
  /** Absent where the ROM is told nothing: one with a Device Feature then programs byte by byte. */
  readonly told?: ToldSupply;
}

/** @returns the bytes at once that a voltage allows; `undefined` for one on which no chip with a Device Feature runs */
export function supplyRange(volts: number): Pick<ToldSupply, 'range' | 'bytesAtOnce'> | undefined {
  if (!(volts <= MOST_VOLTS)) return undefined;
  const range = RANGES.findLastIndex(({ from }) => volts >= from);
  const found = RANGES[range];
  return found && { range, bytesAtOnce: found.bytes };
}

/**
 * Pure: nothing is read.
 * @throws FlashError `plan/supply` for volts on which no such chip runs
 */
export function planSupply(device: Device, choice: SupplyChoice = 'auto'): SupplyPlan {
  const told = typeof choice === 'number' ? statedSupply(choice) : undefined;
  if (!deviceFeatureOf(device)) return { basis: 'no-feature' };
  if (told) return { basis: 'stated', told };
  if (choice === 'none') return { basis: 'withheld' };
  const implied = impliedSupply(device.about);
  return implied ? { basis: 'usb', told: implied } : { basis: 'unknown' };
}

function statedSupply(volts: number): ToldSupply {
  const range = supplyRange(volts);
  if (!range) throw new FlashError('plan/supply', { volts });
  return { volts, ...range };
}

/**
 * A chip that has no supply pin for USB of its own answers on USB only from a VDD at which its datasheet states USB to
 * work: 2.7 V, which also allows to program four bytes at once.
 * @returns `undefined` unless that holds for every chip that the device may be
 */
function impliedSupply({ kind, chips }: About): ToldSupply | undefined {
  const supplies = chips.map(({ usbSupply }) => (usbSupply?.pin === 'VDD' ? usbSupply : undefined));
  const known = supplies.filter((supply) => supply !== undefined);
  const [first] = known;
  if (kind !== 'st-rom' || !first || known.length < supplies.length) return undefined;
  const { leastVolts, source } = known.reduce((low, each) => (each.leastVolts < low.leastVolts ? each : low), first);
  const range = supplyRange(leastVolts);
  return range && { volts: leastVolts, ...range, source };
}

/** @returns the chip with the times that it takes at this supply: to weigh and to estimate with */
export function timedAt({ about }: Device, { basis, told }: SupplyPlan): Timed | undefined {
  const chip: Chip | undefined = chipOf(about) ?? likelyChip(about);
  if (!chip?.timing || basis === 'no-feature') return chip;
  return { timing: timingAt(chip.timing, told?.bytesAtOnce ?? 1) };
}

/** A protected device is explained where the job fails. */
const REFUSALS: ReadonlySet<string> = new Set(['verify/mismatch', 'device/read-protected', 'dfu/status', 'usb/stall']);

/**
 * Tells the ROM the supply until the chip is reset, and reads it back where the memory may be read. A ROM that does not
 * take what USB implies goes on as before; of a voltage that was stated that is an error.
 * @throws FlashError `verify/mismatch` when the ROM did not take it; what the target throws. The link is at rest then.
 */
export async function tellSupply(device: Device, { basis, told }: SupplyPlan, options: RunOptions): Promise<void> {
  const region = deviceFeatureOf(device);
  if (!told || !region) return;
  const { signal, onProgress } = options;
  try {
    await writeRange(device, region, { range: told.range, signal });
    onProgress?.({ type: 'supply', told, taken: true });
  } catch (error) {
    await device.target.settle();
    if (basis === 'stated' || !isFlashError(error) || !REFUSALS.has(error.code)) throw error;
    onProgress?.({ type: 'supply', told, taken: false });
  }
}

interface RangeWrite extends Pick<RunOptions, 'signal'> {
  readonly range: number;
}

async function writeRange({ target }: Device, region: Region, { range, signal }: RangeWrite): Promise<void> {
  const { start, writeSize, sectors } = region;
  const bytes = new Uint8Array(writeSize);
  bytes[0] = range;
  await target.write(start, bytes, { signal });
  if (!sectors[0]?.readable) return;
  const [found = 0] = await readMemoryBytes(target, { start, end: start + writeSize }, { signal });
  if (found === range) return;
  throw new FlashError('verify/mismatch', { address: start, expected: range, found, differing: 1, compared: 1 });
}

/** The memory that takes it; `undefined` for a chip that needs none. */
function deviceFeatureOf({ target: { geometry } }: Device): Region | undefined {
  return geometry.find(({ kind }) => kind === 'device-feature');
}

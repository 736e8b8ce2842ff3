/** Evidence from a few reads at distant addresses: does the device look at the address, and does it answer twice alike? */
import { type Chip, readVectorTable, sectorsOf } from '@sureflash/chips';
import { sameBytes } from '@sureflash/image';
import { type Observation, seen } from '../diagnosis/observation.ts';
import { hasCode } from '../errors.ts';
import type { Range, Region } from '../target/geometry.ts';

/** All bytes of a range. @throws FlashError */
export type ReadRange = (range: Range) => Promise<Uint8Array>;

export interface ReadOptions {
  /** Reads stay inside the largest flash that this chip comes with: a loader may crash on an address without memory. */
  readonly chip?: Chip | undefined;
  /** Bytes of the loader's blocks; without it nothing is said about block numbers. */
  readonly blockSize?: number | undefined;
  /** Whether the device still answers what has nothing to do with its flash; taken for granted where absent. */
  readonly answers?: () => Promise<boolean>;
}

const READ_SAMPLE_BYTES = 256;
/** Sectors whose first bytes are held against one another. */
const PLACES_READ = 4;

/**
 * The link may need to be brought to rest after a refusal. A refusal counts when it is repeated, by a device that answers
 * everything else.
 */
export async function observeReads(
  reading: ReadRange,
  region: Region,
  options: ReadOptions = {},
): Promise<Observation[]> {
  const places = placesIn(region, options.chip);
  const [first] = places;
  if (first === undefined) return [];
  const read = askingTwice(reading);
  try {
    const samples = await sampleAll(read, places);
    const told = compareSamples(samples);
    // One misread makes a difference where there is none.
    const isTold = told.every(({ kind }) => kind !== 'reads-distinct');
    return [
      ...(isTold ? told : compareSamples(await sampleAll(read, places))),
      ...(await observeTwice(read, samples[0])),
      ...(await observeBlocks(read, first, { region, ...options })),
    ];
  } catch (error) {
    const answer = readRefusal(error);
    if (answer === undefined || !((await options.answers?.()) ?? true)) throw error;
    return [seen('reads-refused', { address: first, answer })];
  }
}

/** A refused read is an answer; that the device is gone, or refuses what has no address, is not. */
function readRefusal(error: unknown): string | undefined {
  if (hasCode(error, 'dfu/status')) return error.facts.status;
  if (!hasCode(error, 'usb/stall') || !('setup' in error.facts)) return undefined;
  return error.facts.setup.requestType === 'class' ? 'stall' : undefined;
}

function askingTwice(read: ReadRange): ReadRange {
  return async (range) => {
    try {
      return await read(range);
    } catch (error) {
      if (readRefusal(error) === undefined) throw error;
      return await read(range);
    }
  };
}

interface ReadSample {
  readonly address: number;
  readonly bytes: Uint8Array;
}

async function readSample(read: ReadRange, address: number): Promise<ReadSample> {
  return { address, bytes: await read({ start: address, end: address + READ_SAMPLE_BYTES }) };
}

async function sampleAll(read: ReadRange, places: readonly number[]): Promise<ReadSample[]> {
  const samples: ReadSample[] = [];
  for (const address of places) samples.push(await readSample(read, address));
  return samples;
}

function placesIn({ sectors, end }: Region, chip: Chip | undefined): number[] {
  const largest = Math.max(0, ...(chip?.variants.flatMap(sectorsOf).map((sector) => sector.end) ?? []));
  const last = largest === 0 ? end : largest;
  const usable = sectors.filter(
    (s) => s.readable && s.end - s.start >= READ_SAMPLE_BYTES && s.start + READ_SAMPLE_BYTES <= last,
  );
  const step = Math.max(1, Math.floor((usable.length - 1) / (PLACES_READ - 1)));
  return usable
    .filter((_, i) => i % step === 0)
    .slice(0, PLACES_READ)
    .map(({ start }) => start);
}

/** Whether several reads at different places tell addresses apart. */
export function compareSamples(samples: readonly ReadSample[]): Observation[] {
  const [first] = samples;
  if (!first || samples.length < 2) return [];
  const addresses = samples.map(({ address }) => address);
  const [value = 0] = first.bytes;
  const same = samples.every(({ bytes }) => sameBytes(bytes, first.bytes));
  if (!same) return [seen('reads-distinct', { addresses })];
  if (first.bytes.every((byte) => byte === value)) return [seen('reads-blank', { addresses, value })];
  const vectors = readVectorTable(first.bytes) !== undefined;
  return [seen('reads-same', { addresses, bytes: first.bytes.length, vectors })];
}

/** A second read of the place, held against the first. */
async function observeTwice(read: ReadRange, before: ReadSample | undefined): Promise<Observation[]> {
  if (!before) return [];
  return await observeChange(before, async () => (await readSample(read, before.address)).bytes);
}

/** Reads a place once more; where it reads differently, three more times: they agree if one of the two was a misread. */
export async function observeChange(
  { address, bytes }: ReadSample,
  readAgain: () => Promise<Uint8Array>,
): Promise<Observation[]> {
  const after = await readAgain();
  const at = after.findIndex((byte, i) => byte !== bytes[i]);
  if (at < 0) return [];
  const third = await readAgain();
  const again = !sameBytes(await readAgain(), third) || !sameBytes(await readAgain(), third);
  const [first = 0, second = 0] = [bytes[at], after[at]];
  return [seen('reads-unstable', { address: address + at, first, second, again })];
}

/** The second block of a long read, held against a read that begins there; where they differ, both once more. */
export async function observeBlocks(
  read: ReadRange,
  start: number,
  { region, blockSize }: { readonly region: Range; readonly blockSize?: number | undefined },
): Promise<Observation[]> {
  if (blockSize === undefined || start + 2 * blockSize > region.end) return [];
  const address = start + blockSize;
  const end = address + blockSize;
  const readLong = async (): Promise<Uint8Array> => (await read({ start, end })).slice(blockSize);
  const readOwn = async (): Promise<Uint8Array> => await read({ start: address, end });
  const [long, own] = [await readLong(), await readOwn()];
  if (sameBytes(long, own)) return [];
  const changes = [
    ...(await observeChange({ address, bytes: long }, readLong)),
    ...(await observeChange({ address, bytes: own }, readOwn)),
  ];
  return changes.length > 0 ? changes : [seen('reads-depend-on-block', { address, blockSize })];
}

/** Addresses are tried from half of the region down to this. */
const LEAST_PERIOD = 16 * 1024;

/** Whether the second half of the flash is the first one once more, and at which smallest distance it repeats. Few reads. */
export async function observeWrap(read: ReadRange, region: Region): Promise<Observation[]> {
  let found: number | undefined;
  for (let period = 2 ** Math.floor(Math.log2((region.end - region.start) / 2)); period >= LEAST_PERIOD; period /= 2) {
    if (!(await repeats(read, region, period))) break;
    found = period;
  }
  return found === undefined ? [] : [seen('reads-wrap', { address: region.start, period: found })];
}

async function repeats(read: ReadRange, { start, sectors }: Region, period: number): Promise<boolean> {
  // Between banks there may be nothing.
  const isThere = (address: number): boolean =>
    sectors.some((each) => each.readable && each.start <= address && address + READ_SAMPLE_BYTES <= each.end);
  const places = Array.from({ length: PLACES_READ }, (_, i) => start + (i * period) / PLACES_READ);
  const samples: ReadSample[] = [];
  for (const address of places.filter((each) => isThere(each) && isThere(each + period))) {
    const [here, there] = [await readSample(read, address), await readSample(read, address + period)];
    if (!sameBytes(here.bytes, there.bytes)) return false;
    samples.push(here);
  }
  return compareSamples(samples).some(({ kind }) => kind === 'reads-distinct');
}

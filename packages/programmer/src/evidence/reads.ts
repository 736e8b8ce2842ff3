/** Evidence from a few reads at distant addresses: does the device look at the address, and does it answer twice alike? */
import { readVectorTable } from '@sureflash/chips';
import { sameBytes } from '@sureflash/image';
import { type Observation, seen } from '../diagnosis/observation.ts';
import { hasCode } from '../errors.ts';
import type { Range, Region } from '../target/geometry.ts';
import { PLACES_READ, type PlaceOptions, placesIn, READ_SAMPLE_BYTES } from './places.ts';
import { proveSame, type ReadRange, type ReadSample } from './same-bytes.ts';

export interface ReadOptions extends PlaceOptions {
  /** Bytes of the loader's blocks; without it nothing is said about block numbers. */
  readonly blockSize?: number | undefined;
  /** Whether the device still answers what has nothing to do with its flash; taken for granted where absent. */
  readonly answers?: () => Promise<boolean>;
}

/**
 * The link may need to be brought to rest after a refusal. A refusal counts when it is repeated, by a device that answers
 * everything else. One refused place says where reading ends; reads are refused where the image goes, or everywhere.
 */
export async function observeReads(
  reading: ReadRange,
  region: Region,
  options: ReadOptions = {},
): Promise<Observation[]> {
  const { wanted, spread, own } = placesIn(region, options);
  const read = askingTwice(reading);
  const tried = await tryPlaces(read, [...new Set([...wanted, ...spread, ...own])], options);
  const { samples } = tried;
  const [first] = samples;
  const refusals = observeRefusals(tried, wanted);
  if (!first) return refusals;
  const compared = samplesToCompare(samples);
  const told = compareSamples(compared);
  // Where everything is one fill value, block numbers make no difference that could be seen.
  const telling = samples.find(({ bytes }) => bytes.some((byte) => byte !== bytes[0])) ?? first;
  // One misread makes a difference where there is none.
  const isTold = told.every(({ kind }) => kind !== 'reads-distinct');
  const sure = async (): Promise<Observation[]> => await proveSame(read, told, { region, samples: compared });
  const again = async (): Promise<ReadSample[]> =>
    await sampleAll(
      read,
      compared.map(({ address }) => address),
    );
  return [
    ...(isTold ? await sure() : compareSamples(await again())),
    ...refusals,
    ...(await observeTwice(read, first)),
    ...(await observeBlocks(read, telling.address, { region, ...options }).catch(refusedIsNothing)),
  ];
}

/** Those that matter most; all where these are blank and tell nothing. */
function samplesToCompare(samples: readonly ReadSample[]): readonly ReadSample[] {
  const first = samples.slice(0, PLACES_READ);
  return compareSamples(first).some(({ kind }) => kind === 'reads-distinct' || kind === 'reads-same') ? first : samples;
}

interface Tried {
  readonly samples: readonly ReadSample[];
  readonly refused: readonly RefusedPlace[];
}

interface RefusedPlace {
  readonly address: number;
  readonly answer: string;
  readonly words?: string;
}

/** @throws what the target throws, for anything but a refused read of a device that still answers */
async function tryPlaces(
  read: ReadRange,
  places: readonly number[],
  { answers }: Pick<ReadOptions, 'answers'>,
): Promise<Tried> {
  const samples: ReadSample[] = [];
  const refused: RefusedPlace[] = [];
  for (const address of places) {
    try {
      samples.push(await readSample(read, address));
    } catch (error) {
      const answer = readRefusal(error);
      if (answer === undefined || !((await answers?.()) ?? true)) throw error;
      refused.push({ address, ...answer });
    }
  }
  return { samples, refused };
}

function observeRefusals({ samples, refused }: Tried, wanted: readonly number[]): Observation[] {
  const [any] = refused;
  if (!any) return [];
  const matters = refused.find(({ address }) => wanted.includes(address));
  const where = matters ?? (samples.length === 0 ? any : undefined);
  return [
    ...(where ? [seen('reads-refused', { ...where, ...(samples.length > 0 && { part: true }) })] : []),
    ...observeBorder({ samples, refused }, wanted.length === 0 ? undefined : matters !== undefined),
  ];
}

/** Where reading ends. @param isWanted whether it matters to the image, where there is one */
function observeBorder({ samples, refused }: Tried, isWanted: boolean | undefined): Observation[] {
  const readable = samples.map(({ address }) => address);
  if (readable.length === 0) return [];
  const beyond = refused.find(({ address }) => address > Math.max(...readable));
  const below = refused.findLast(({ address }) => address < Math.min(...readable));
  return [
    ...(beyond
      ? [
          seen('refused-beyond', {
            ...refusedAt(beyond),
            readable: Math.max(...readable),
            ...(isWanted === false && { isUnwanted: true }),
          }),
        ]
      : []),
    ...(below
      ? [seen('refused-below', { ...refusedAt(below), readable: Math.min(...readable), isWanted: isWanted === true })]
      : []),
  ];
}

const refusedAt = ({ address, answer }: RefusedPlace) => ({ address, answer });

/** For looks that may well go where nothing is. */
export function refusedIsNothing(error: unknown): Observation[] {
  if (readRefusal(error) === undefined) throw error;
  return [];
}

/** A refused read is an answer; that the device is gone, or refuses what has no address, is not. */
function readRefusal(error: unknown): Omit<RefusedPlace, 'address'> | undefined {
  if (hasCode(error, 'dfu/status')) {
    const { status, words } = error.facts;
    return { answer: status, ...(words !== undefined && { words }) };
  }
  if (!hasCode(error, 'usb/stall') || !('setup' in error.facts)) return undefined;
  return error.facts.setup.requestType === 'class' ? { answer: 'stall' } : undefined;
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

async function readSample(read: ReadRange, address: number): Promise<ReadSample> {
  return { address, bytes: await read({ start: address, end: address + READ_SAMPLE_BYTES }) };
}

async function sampleAll(read: ReadRange, places: readonly number[]): Promise<ReadSample[]> {
  const samples: ReadSample[] = [];
  for (const address of places) samples.push(await readSample(read, address));
  return samples;
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
async function observeTwice(read: ReadRange, before: ReadSample): Promise<Observation[]> {
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

/** Whether equal bytes at several places prove that a device ignores addresses. It does not know where the places come from. */
import { readVectorTable } from '@sureflash/chips';
import { sameBytes } from '@sureflash/image';
import { type Observation, seen } from '../diagnosis/observation.ts';
import type { Range } from '../target/geometry.ts';

/** All bytes of a range. @throws FlashError */
export type ReadRange = (range: Range) => Promise<Uint8Array>;

export interface ReadSample {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A multiple of 4 and of no more: what repeats itself from place to place begins elsewhere here. */
const BESIDE_SAMPLE = 76;

interface SameSamples {
  readonly region: Range;
  readonly samples: readonly ReadSample[];
}

/**
 * Equal bytes at several places prove a device that ignores addresses only where the bytes are telling, and where they come
 * at an address of another kind as well: blank flash that is read with a mistake, a pattern, and blocks that were all written
 * with the same bytes give equal bytes at round addresses.
 * @returns `told`, without or instead of `reads-same` where that is not proven
 */
export async function proveSame(
  read: ReadRange,
  told: readonly Observation[],
  { region, samples }: SameSamples,
): Promise<Observation[]> {
  const others = told.filter(({ kind }) => kind !== 'reads-same');
  const [first] = samples;
  if (!first || others.length === told.length) return [...told];
  if (!isIrregular(first.bytes)) return others;
  const { length } = first.bytes;
  const at = samples.map(({ address }) => address + BESIDE_SAMPLE).find((start) => start + length <= region.end);
  if (at === undefined) return [...told];
  const beside = await read({ start: at, end: at + length }).catch(() => undefined);
  if (!beside || sameBytes(beside, first.bytes)) return [...told];
  return [...others, seen('reads-distinct', { addresses: [first.address, at] })];
}

/** A counter, or one value mixed with an address, changes from byte to byte in no more ways than it has bits. */
const LEAST_STEPS = 10;

/** Whether bytes are no pattern: neither periodic, nor a function of their place alone. */
function isIrregular(bytes: Uint8Array): boolean {
  if (readVectorTable(bytes) !== undefined) return true;
  const steps = new Set(Array.from(bytes.subarray(1), (byte, i) => byte ^ (bytes[i] ?? 0)));
  return steps.size >= LEAST_STEPS && periodOf(bytes) === undefined;
}

/** The distance at which bytes repeat themselves, at most half of their length. */
function periodOf(bytes: Uint8Array): number | undefined {
  for (let period = 1; 2 * period <= bytes.length; period++)
    if (bytes.subarray(period).every((byte, i) => byte === bytes[i])) return period;
  return undefined;
}

/** What bytes cost that no model predicts. */
import type { Step } from '../recording/steps.ts';

export interface Prices {
  /** Of each byte. */
  readonly ofByte: Float64Array;
  /** Of reads behind whose cells all was unknown, as far as somebody has paid for them. */
  readonly ofReads: WeakMap<Step, PriceOfRead>;
  /** Content that comes again and again, by offset modulo its length; empty where there is none. */
  readonly pattern: Uint8Array;
}

export interface PriceOfRead {
  /** 1 where a right loader was known to give what was read. */
  readonly sure: Uint8Array | undefined;
  readonly cost: number;
  readonly luckCost: number;
  readonly blankCost: number;
}

/** Prices are multiples of this, so that their sums are the same in whatever order they are made. */
const LEAST_PRICE = 2 ** -20;

export const fixed = (price: number): number => Math.round(price / LEAST_PRICE) * LEAST_PRICE;

/** What a byte costs where nothing predicts it, from what was read before anything changed. */
export function pricesOf(steps: readonly Step[]): Prices {
  const counts = new Float64Array(256);
  let total = 0;
  const firstChange = steps.findIndex(({ kind }) => kind !== 'read');
  const reads = steps.slice(0, Math.max(0, firstChange));
  for (const { bytes } of reads) {
    for (let i = 0; i < bytes.length; i++) counts[bytes[i] ?? 0] = (counts[bytes[i] ?? 0] ?? 0) + 1;
    total += bytes.length;
  }
  const ofByte = counts.map((count) => fixed(Math.min(8, -Math.log2((count + 0.5) / (total + 128)))));
  return { ofByte, ofReads: new WeakMap(), pattern: patternOf(reads) };
}

/** Longer ones are not told from content. */
const LONGEST_PATTERN = 1024;
const LEAST_READ = 2048;
/** Places at which a length is tried, and how many of them may be otherwise. */
const PATTERN_SAMPLES = 96;
const MOST_OTHERWISE = 8;

/** What stands everywhere in flash at the same distance, if most of it is so. */
function patternOf(reads: readonly Step[]): Uint8Array {
  const long = reads.filter(({ length }) => length >= LEAST_READ);
  if (long.length === 0) return new Uint8Array(0);
  for (let period = 1; period <= LONGEST_PATTERN; period++) {
    let otherwise = 0;
    for (let n = 0; n < PATTERN_SAMPLES && otherwise <= MOST_OTHERWISE; n++) {
      const { bytes } = long[n % long.length] ?? { bytes: new Uint8Array(0) };
      const at = period + ((n * 131) % (bytes.length - period));
      if (bytes[at] !== bytes[at - period]) otherwise++;
    }
    if (otherwise <= MOST_OTHERWISE) return templateOf(long, period);
  }
  return new Uint8Array(0);
}

/** The value that is most frequent at each remainder. */
function templateOf(reads: readonly Step[], period: number): Uint8Array {
  const votes = new Uint32Array(period * 256);
  for (const { address, bytes } of reads) {
    let place = ((address % period) + period) % period;
    for (let i = 0; i < bytes.length; i++) {
      const at = place * 256 + (bytes[i] ?? 0);
      votes[at] = (votes[at] ?? 0) + 1;
      if (++place === period) place = 0;
    }
  }
  return Uint8Array.from({ length: period }, (_, at) => {
    const own = votes.subarray(at * 256, at * 256 + 256);
    return own.reduce((best, n, byte) => (n > (own[best] ?? 0) ? byte : best), 0);
  });
}

/** Whether that is what the pattern has there. */
export function isInPattern({ pattern }: Prices, offset: number, byte: number): boolean {
  const { length } = pattern;
  return length > 0 && pattern[((offset % length) + length) % length] === byte;
}

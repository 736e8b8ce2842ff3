/** How two images differ: which bytes have other values, and which only one of them defines. */
import { type MemoryImage, type Range, rangeOf, type Segment } from './memory-image.ts';

export interface ByteDifference {
  readonly address: number;
  readonly a: number;
  readonly b: number;
}

/**
 * Ranges are sorted and apart. Lists that a large difference would make long are cut at the limit; the numbers never
 * are.
 */
export interface ImageComparison {
  readonly equal: boolean;
  /** Lowest address at which the images differ in value or in what they define. */
  readonly firstDifference?: number;
  /** Bytes that both define with the same value. */
  readonly equalBytes: number;
  /** Bytes that both define with different values. */
  readonly differingBytes: number;
  /** The first of the differing bytes. */
  readonly differences: readonly ByteDifference[];
  /** Runs of differing bytes, the first of them. */
  readonly differingRanges: readonly Range[];
  readonly differingRangeCount: number;
  readonly onlyInA: readonly Range[];
  readonly onlyInB: readonly Range[];
}

/**
 * Compares two images byte by byte. `limit` (default 256) is the most entries of `differences` and `differingRanges`.
 */
export function compareImages(
  a: MemoryImage,
  b: MemoryImage,
  { limit = 256 }: { readonly limit?: number } = {},
): ImageComparison {
  const log = new DifferenceLog(limit);
  for (const [ours, theirs] of commonParts(a, b)) log.compare(ours, theirs);
  const onlyInA = without(a, b);
  const onlyInB = without(b, a);
  const firsts = [log.first, onlyInA[0]?.start, onlyInB[0]?.start].filter((address) => address !== undefined);
  const { differingBytes, equalBytes, differences, ranges, rangeCount } = log;
  return {
    equal: firsts.length === 0,
    ...(firsts.length === 0 ? {} : { firstDifference: Math.min(...firsts) }),
    equalBytes,
    differingBytes,
    differences,
    differingRanges: ranges,
    differingRangeCount: rangeCount,
    onlyInA,
    onlyInB,
  };
}

class DifferenceLog {
  readonly differences: ByteDifference[] = [];
  readonly ranges: Range[] = [];
  rangeCount = 0;
  differingBytes = 0;
  equalBytes = 0;
  first: number | undefined;
  readonly #limit: number;
  #end = -1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  compare(ours: Segment, theirs: Uint8Array): void {
    const { address, bytes } = ours;
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === theirs[i]) this.equalBytes++;
      else this.#add({ address: address + i, a: bytes[i] ?? 0, b: theirs[i] ?? 0 });
    }
  }

  #add(difference: ByteDifference): void {
    const { address } = difference;
    this.first ??= address;
    this.differingBytes++;
    if (this.differences.length < this.#limit) this.differences.push(difference);
    if (address !== this.#end) {
      this.rangeCount++;
      if (this.ranges.length < this.#limit) this.ranges.push({ start: address, end: address + 1 });
    } else if (this.rangeCount === this.ranges.length) {
      const last = this.ranges.pop();
      if (last) this.ranges.push({ start: last.start, end: address + 1 });
    }
    this.#end = address + 1;
  }
}

function* commonParts(a: MemoryImage, b: MemoryImage): Generator<[Segment, Uint8Array]> {
  for (const segment of a.segments) {
    for (const { address, bytes } of b.within(rangeOf(segment))) {
      const from = address - segment.address;
      yield [{ address, bytes: segment.bytes.subarray(from, from + bytes.length) }, bytes];
    }
  }
}

function without(image: MemoryImage, other: MemoryImage): Range[] {
  const ranges: Range[] = [];
  for (const segment of image.segments) {
    const { start, end } = rangeOf(segment);
    let next = start;
    for (const part of other.within({ start, end })) {
      if (part.address > next) ranges.push({ start: next, end: part.address });
      next = part.address + part.bytes.length;
    }
    if (next < end) ranges.push({ start: next, end });
  }
  return ranges;
}

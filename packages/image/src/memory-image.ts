/** What a firmware file puts into memory: a sparse, sorted set of bytes by address. It knows no file format. */
import { hex, ImageError } from './format-error.ts';
import { sameBytes } from './same-bytes.ts';

/** Half-open: `start` is inside, `end` is not. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A contiguous piece of an image. */
export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The addresses of a segment. */
export function rangeOf({ address, bytes }: Segment): Range {
  return { start: address, end: address + bytes.length };
}

export const ADDRESS_LIMIT = 0x1_0000_0000;

/**
 * Segments are sorted, never empty, never overlapping and never adjacent. Immutable by convention: do not write into
 * the bytes.
 */
export class MemoryImage {
  readonly segments: readonly Segment[];

  /** Empty segments are dropped and adjacent ones joined. @throws ImageError `image/overlap`, `image/address` */
  constructor(segments: Iterable<Segment>) {
    this.segments = join([...segments].filter((s) => s.bytes.length > 0).sort((a, b) => a.address - b.address));
  }

  /** Number of bytes that the image defines. */
  get byteLength(): number {
    return this.segments.reduce((sum, s) => sum + s.bytes.length, 0);
  }

  /** From the first byte to past the last; `undefined` for an empty image. */
  get range(): Range | undefined {
    const first = this.segments[0];
    const last = this.segments.at(-1);
    return first && last ? { start: first.address, end: rangeOf(last).end } : undefined;
  }

  /** The parts of the image inside `range`, as views. */
  within(range: Range): Segment[] {
    const parts: Segment[] = [];
    for (let i = this.#firstEndingAfter(range.start); i < this.segments.length; i++) {
      const segment = this.segments[i];
      if (!segment || segment.address >= range.end) break;
      const start = Math.max(segment.address, range.start);
      const end = Math.min(segment.address + segment.bytes.length, range.end);
      // A range may be empty, and a segment has at least a byte.
      if (start >= end) continue;
      parts.push({ address: start, bytes: segment.bytes.subarray(start - segment.address, end - segment.address) });
    }
    return parts;
  }

  /** The image without the bytes of `ranges`, which ascend. */
  without(ranges: readonly Range[]): MemoryImage {
    const kept: Segment[] = [];
    let start = 0;
    for (const range of [...ranges, { start: ADDRESS_LIMIT, end: ADDRESS_LIMIT }]) {
      if (range.start > start) kept.push(...this.within({ start, end: range.start }));
      start = Math.max(start, range.end);
    }
    return new MemoryImage(kept);
  }

  /** The bytes of `range`, with `fill` where the image says nothing. */
  read(range: Range, fill = 0xff): Uint8Array {
    const bytes = new Uint8Array(range.end - range.start).fill(fill);
    for (const part of this.within(range)) bytes.set(part.bytes, part.address - range.start);
    return bytes;
  }

  /** Whether both define the same bytes at the same addresses. */
  equals(other: MemoryImage): boolean {
    return (
      this.segments.length === other.segments.length &&
      this.segments.every((a, i) => {
        const b = other.segments[i];
        return b !== undefined && a.address === b.address && sameBytes(a.bytes, b.bytes);
      })
    );
  }

  #firstEndingAfter(address: number): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const segment = this.segments[middle];
      if (segment && segment.address + segment.bytes.length <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function join(sorted: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  let first = 0;
  let end = -1;
  sorted.forEach((segment, i) => {
    checkAddress(segment);
    if (segment.address < end) throw overlapError(segment.address);
    if (segment.address > end && i > 0) {
      joined.push(joinRun(sorted, first, i));
      first = i;
    }
    end = segment.address + segment.bytes.length;
  });
  if (sorted.length > 0) joined.push(joinRun(sorted, first, sorted.length));
  return joined;
}

/** One segment from those from `first` up to `next`, each of which begins where the one before it ends. */
function joinRun(sorted: readonly Segment[], first: number, next: number): Segment {
  const head = sorted[first];
  const last = sorted[next - 1];
  if (!head || !last || head === last) return head ?? { address: 0, bytes: new Uint8Array(0) };
  const bytes = new Uint8Array(last.address + last.bytes.length - head.address);
  for (let i = first; i < next; i++) {
    const segment = sorted[i];
    if (segment) bytes.set(segment.bytes, segment.address - head.address);
  }
  return { address: head.address, bytes };
}

function checkAddress({ address, bytes }: Segment): void {
  if (Number.isInteger(address) && address >= 0 && address + bytes.length <= ADDRESS_LIMIT) return;
  throw new ImageError(
    'image/address',
    `${bytes.length} bytes at address ${address} do not fit in 32 bits of address space.`,
    { address, expected: '0x00000000 to 0xFFFFFFFF' },
  );
}

function overlapError(address: number): ImageError {
  return new ImageError('image/overlap', `Address ${hex(address)} is given twice: segments must not overlap.`, {
    address,
  });
}

/** The proof: reads a memory back and compares it with what it must hold. */
import { type MemoryImage, type Segment, sameBytes } from '@sureflash/image';
import { type Excerpt, FlashError } from '../../errors.ts';
import { type Range, type Region, regionHolding, type Sector } from '../../target/geometry.ts';
import type { Target } from '../../target/target.ts';
import { readChunks } from '../memory/read-memory.ts';
import type { OnProgress, RunOptions } from '../run/progress.ts';

export interface Mismatch {
  readonly address: number;
  readonly expected: number;
  readonly found: number;
}

export interface Proof {
  /** Bytes that were read and compared. */
  readonly compared: number;
  readonly differing: number;
  /** The first differences, in ascending order. */
  readonly first: readonly Mismatch[];
  /** Every sector that holds a difference, in ascending order. */
  readonly sectors: readonly Sector[];
  /** Around the first difference. */
  readonly excerpt?: Excerpt;
}

const KEPT_MISMATCHES = 16;
/** A hole of the image up to this size is read along: a new start of the read costs more. */
const READ_OVER_BYTES = 4096;

/**
 * Reads everything that `expected` defines and compares it, in another order than it was written: a loader that answers from a
 * copy of the stream gives the wrong part of it then. It goes on after a difference: how much differs is evidence.
 * @throws what the target throws, and `signal.reason`; the link is at rest then
 */
export async function proveImage(
  target: Target,
  expected: MemoryImage,
  regions: readonly Region[],
  { signal, onProgress }: RunOptions = {},
): Promise<Proof> {
  const spans = joinSpans(expected.segments, regions).flatMap((span) => inProofOrder(span, target.about.blockSize));
  const bytes = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  const sectors = new SectorProofs(expected, regions);
  const tallies: Tally[] = [];
  let done = 0;
  onProgress?.({ type: 'phase', phase: 'verify', bytes });
  try {
    for (const span of spans) {
      const tally: Tally = { compared: 0, differing: 0, first: [] };
      tallies.push(tally);
      for await (const chunk of readChunks(target, span, { signal })) {
        proveChunk(expected, chunk, { tally, sectors });
        done += chunk.bytes.length;
        onProgress?.({ type: 'step', phase: 'verify', done, fraction: done / bytes, address: chunk.address });
        sectors.passed(chunk, onProgress);
      }
    }
  } catch (error) {
    await target.settle();
    throw error;
  }
  onProgress?.({ type: 'phase-end', phase: 'verify' });
  return { ...sumOfPieces(tallies), sectors: sectors.failed };
}

/** @returns the error of a proof that failed; `undefined` for one that did not */
export function mismatchOf({
  first,
  differing,
  compared,
}: Pick<Proof, 'first' | 'differing' | 'compared'>): FlashError<'verify/mismatch'> | undefined {
  const [mismatch] = first;
  return mismatch && new FlashError('verify/mismatch', { ...mismatch, differing, compared });
}

/** Pieces in which a span is read, so that each begins where no read or write has ended. */
const PROOF_ORDER = [2, 0, 3, 1] as const;

/** Each piece costs one more start of a read. */
function inProofOrder({ start, end }: Range, blockSize = 1024): Range[] {
  const pieces = PROOF_ORDER.length;
  const blocks = Math.floor((end - start) / blockSize);
  if (blocks < pieces) return [{ start, end }];
  const cut = (piece: number): number =>
    piece === pieces ? end : start + Math.floor((blocks * piece) / pieces) * blockSize;
  return PROOF_ORDER.map((piece) => ({ start: cut(piece), end: cut(piece + 1) }));
}

/** What was found in one piece. */
interface Tally {
  compared: number;
  differing: number;
  readonly first: Mismatch[];
  excerpt?: Excerpt;
}

function sumOfPieces(tallies: readonly Tally[]): Omit<Proof, 'sectors'> {
  const excerpts = tallies.flatMap(({ excerpt }) => excerpt ?? []).toSorted((a, b) => a.address - b.address);
  return {
    compared: tallies.reduce((sum, { compared }) => sum + compared, 0),
    differing: tallies.reduce((sum, { differing }) => sum + differing, 0),
    first: tallies
      .flatMap(({ first }) => first)
      .toSorted((a, b) => a.address - b.address)
      .slice(0, KEPT_MISMATCHES),
    ...(excerpts[0] && { excerpt: excerpts[0] }),
  };
}

function proveChunk(
  expected: MemoryImage,
  chunk: Segment,
  { tally, sectors }: { tally: Tally; sectors: SectorProofs },
): void {
  for (const part of expected.within({ start: chunk.address, end: chunk.address + chunk.bytes.length })) {
    const offset = part.address - chunk.address;
    tally.compared += part.bytes.length;
    if (sameBytes(chunk.bytes.subarray(offset, offset + part.bytes.length), part.bytes)) continue;
    for (let i = 0; i < part.bytes.length; i++) {
      const want = part.bytes[i];
      const found = chunk.bytes[offset + i];
      if (want === found || want === undefined || found === undefined) continue;
      tally.excerpt ??= excerptAt(i, part, chunk.bytes.subarray(offset, offset + part.bytes.length));
      tally.differing++;
      sectors.differs(part.address + i);
      if (tally.first.length < KEPT_MISMATCHES) tally.first.push({ address: part.address + i, expected: want, found });
    }
  }
}

const EXCERPT_BEFORE = 32;
const EXCERPT_BYTES = 128;

/** Whole lines of 16 bytes around a difference, as far as this part of the read reaches. */
function excerptAt(at: number, { address, bytes }: Segment, found: Uint8Array): Excerpt {
  const from = Math.max(0, at - ((address + at) % 16) - EXCERPT_BEFORE);
  const to = Math.min(bytes.length, from + EXCERPT_BYTES);
  return { address: address + from, expected: bytes.slice(from, to), found: found.slice(from, to) };
}

interface WaitingSector {
  readonly sector: Sector;
  /** Bytes of it that are not yet compared. */
  left: number;
  failed: boolean;
}

/** Tells of each sector once, when its last byte of interest has passed. Addresses ascend within a chunk. */
class SectorProofs {
  readonly #expected: MemoryImage;
  readonly #waiting: readonly WaitingSector[];
  /** Where the last address was found. */
  #at = 0;

  constructor(expected: MemoryImage, regions: readonly Region[]) {
    this.#expected = expected;
    this.#waiting = regions
      .flatMap((region) => region.sectors)
      .map((sector) => ({ sector, left: byteCount(expected.within(sector)), failed: false }))
      .filter(({ left }) => left > 0)
      .sort((a, b) => a.sector.start - b.sector.start);
  }

  get failed(): Sector[] {
    return this.#waiting.flatMap(({ sector, failed }) => (failed ? [sector] : []));
  }

  differs(address: number): void {
    const waiting = this.#behind(address);
    if (waiting && waiting.sector.start <= address) waiting.failed = true;
  }

  passed({ address, bytes }: Segment, onProgress: OnProgress | undefined): void {
    const end = address + bytes.length;
    let at = address;
    for (let waiting = this.#behind(at); waiting && waiting.sector.start < end; waiting = this.#behind(at)) {
      const { sector } = waiting;
      const upTo = Math.min(sector.end, end);
      const compared = byteCount(this.#expected.within({ start: Math.max(at, sector.start), end: upTo }));
      waiting.left -= compared;
      if (compared > 0 && waiting.left === 0) {
        const state = waiting.failed ? 'failed' : 'verified';
        onProgress?.({ type: 'sector', phase: 'verify', sector, state });
      }
      at = upTo;
      if (at >= end) return;
    }
  }

  /** The first sector that ends behind this address. */
  #behind(address: number): WaitingSector | undefined {
    if ((this.#waiting[this.#at - 1]?.sector.end ?? 0) > address) this.#at = 0;
    while ((this.#waiting[this.#at]?.sector.end ?? Number.POSITIVE_INFINITY) <= address) this.#at++;
    return this.#waiting[this.#at];
  }
}

function byteCount(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** What is read in one go: segments of one region with no more than small holes between them. */
function joinSpans(segments: readonly Segment[], regions: readonly Region[]): Range[] {
  const spans: { start: number; end: number }[] = [];
  for (const { start, end } of segments.flatMap((segment) => cutAtRegions(segment, regions))) {
    const last = spans.at(-1);
    const near = last && start - last.end <= READ_OVER_BYTES;
    if (near && regionHolding(regions, { start: last.start, end })) last.end = end;
    else spans.push({ start, end });
  }
  return spans;
}

/** Memories may meet, and none is read beyond its end. */
export function cutAtRegions({ address, bytes }: Segment, regions: readonly Region[]): Range[] {
  const end = address + bytes.length;
  const edges = new Set(regions.flatMap((region) => [region.start, region.end]));
  const inside = [...edges].filter((edge) => edge > address && edge < end).sort((a, b) => a - b);
  return [address, ...inside].map((start, i) => ({ start, end: inside[i] ?? end }));
}

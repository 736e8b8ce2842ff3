/** The proof: what the flash holds, read back and held against what it must hold. */
import type { MemoryImage, Segment } from '@sureflash/image';
import type { Range, Region, Sector } from '../target/geometry.ts';
import type { Target } from '../target/target.ts';
import type { OnProgress } from './progress.ts';

export interface Mismatch {
  readonly address: number;
  readonly expected: number;
  readonly found: number;
}

export interface Comparison {
  /** Bytes that were read and compared. */
  readonly compared: number;
  readonly differing: number;
  /** The first differences, in ascending order. */
  readonly first: readonly Mismatch[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

const KEPT_MISMATCHES = 16;
/** A hole of the image up to this size is read along: a new start of the read costs more. */
const READ_OVER_BYTES = 4096;

/** Reads everything that `expected` defines. It goes on after a difference: how much differs is evidence. */
export async function verifyImage(
  target: Target,
  expected: MemoryImage,
  regions: readonly Region[],
  { signal, onProgress }: VerifyOptions = {},
): Promise<Comparison> {
  const spans = joinSpans(expected.segments, regions);
  const bytes = spans.reduce((sum, span) => sum + span.end - span.start, 0);
  const sectors = regions.flatMap((region) => region.sectors);
  const tally = { compared: 0, differing: 0, first: [] as Mismatch[] };
  let done = 0;
  onProgress?.({ type: 'phase', phase: 'verify', bytes });
  for (const span of spans) {
    for await (const chunk of target.read(span, { ...(signal && { signal }) })) {
      const before = tally.differing;
      compareChunk(expected, chunk, tally);
      done += chunk.bytes.length;
      onProgress?.({ type: 'step', phase: 'verify', done, fraction: done / bytes, address: chunk.address });
      if (tally.differing === before) reportVerified(sectors, { chunk, span }, onProgress);
    }
  }
  onProgress?.({ type: 'phase-end', phase: 'verify' });
  return tally;
}

function compareChunk(
  expected: MemoryImage,
  chunk: Segment,
  tally: { compared: number; differing: number; first: Mismatch[] },
): void {
  for (const part of expected.within({ start: chunk.address, end: chunk.address + chunk.bytes.length })) {
    const offset = part.address - chunk.address;
    tally.compared += part.bytes.length;
    for (let i = 0; i < part.bytes.length; i++) {
      const want = part.bytes[i];
      const found = chunk.bytes[offset + i];
      if (want === found || want === undefined || found === undefined) continue;
      tally.differing++;
      if (tally.first.length < KEPT_MISMATCHES) tally.first.push({ address: part.address + i, expected: want, found });
    }
  }
}

/** A sector is verified when the chunk that holds its last byte of interest has passed. */
function reportVerified(
  sectors: readonly Sector[],
  { chunk, span }: { chunk: Segment; span: Range },
  onProgress: OnProgress | undefined,
): void {
  if (!onProgress) return;
  const end = chunk.address + chunk.bytes.length;
  for (const sector of sectors) {
    if (sector.start >= end) return;
    const last = Math.min(sector.end, span.end);
    if (last > chunk.address && last <= end) onProgress({ type: 'sector', phase: 'verify', sector, state: 'verified' });
  }
}

function joinSpans(segments: readonly Segment[], regions: readonly Region[]): Range[] {
  const spans: { start: number; end: number }[] = [];
  for (const { address, bytes } of segments) {
    const end = address + bytes.length;
    const last = spans.at(-1);
    const near = last && address - last.end <= READ_OVER_BYTES;
    if (near && regions.some((r) => last.start >= r.start && end <= r.end)) last.end = end;
    else spans.push({ start: address, end });
  }
  return spans;
}

/** How DfuSe counts: blocks behind one Set Address, and the ranges that need a Set Address each. Arithmetic alone. */
import type { Range } from '../../target/geometry.ts';

/** Data blocks count from 2 and their number has 16 bits. */
export const MOST_BLOCKS = 0xfffe;
/** AN3156 §5.1: a read takes at least 2 bytes. */
const SHORTEST_READ = 2;

export interface Block {
  readonly n: number;
  /** Offset from the start of the bytes. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** @returns pieces of `size` bytes, numbered from 0; the last may be shorter */
export function blocksOf(bytes: Uint8Array, size: number): Block[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, n) => ({
    n,
    at: n * size,
    bytes: bytes.subarray(n * size, (n + 1) * size),
  }));
}

/**
 * @returns the parts of a range that one Set Address serves each. The loader computes addresses from the size of the
 * block, so a shorter last block needs a Set Address of its own.
 */
export function runsOf({ start, end }: Range, blockSize: number, blocksPerAddress: number): Range[] {
  const most = blocksPerAddress * blockSize;
  const whole = end - ((end - start) % blockSize);
  const runs: Range[] = [];
  for (let at = start; at < whole; at += most) runs.push({ start: at, end: Math.min(at + most, whole) });
  if (whole < end) runs.push({ start: whole, end });
  return runs;
}

/** @returns `run`, made as long as the shortest read by a neighbouring byte of `region` */
export function readable(run: Range, region: Range): Range {
  const missing = SHORTEST_READ - (run.end - run.start);
  if (missing <= 0) return run;
  return run.start > region.start ? { ...run, start: run.start - missing } : { ...run, end: run.end + missing };
}

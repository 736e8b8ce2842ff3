/** How ranges and bytes are cut into blocks, units and runs before they are asked for. */

import { ERASED } from './cells.ts';
import type { Ask, ReadOperation, WriteOperation } from './operation.ts';
import { FIRST_BLOCK } from './operation.ts';

export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Blocks of one or two runs: a last short block has a pointer of its own. */
export function asksFor({ start, end }: Range, blockBytes: number): Ask[] {
  const whole = end - ((end - start) % blockBytes);
  const asks: Ask[] = [];
  for (let at = start, number = FIRST_BLOCK; at < whole; at += blockBytes, number++)
    asks.push({ base: start, number, address: at, length: blockBytes });
  if (whole < end) asks.push({ base: whole, number: FIRST_BLOCK, address: whole, length: end - whole });
  return asks;
}

export const readsOf = (range: Range, blockBytes: number): ReadOperation[] =>
  asksFor(range, blockBytes).map((ask) => ({ kind: 'read', ...ask }));

export function writesOf({ address, bytes }: Segment, blockBytes: number): WriteOperation[] {
  return asksFor({ start: address, end: address + bytes.length }, blockBytes).map(({ length, ...ask }) => ({
    kind: 'write',
    ...ask,
    bytes: bytes.slice(ask.address - address, ask.address - address + length),
  }));
}

/** What `segments` have between `start` and `end`. */
export function partsWithin(segments: readonly Segment[], { start, end }: Range): Segment[] {
  return segments.flatMap(({ address, bytes }) => {
    const from = Math.max(start, address);
    const to = Math.min(end, address + bytes.length);
    return from < to ? [{ address: from, bytes: bytes.subarray(from - address, to - address) }] : [];
  });
}

export function wholeUnits({ start, end }: Range, unit: number): Range {
  return { start: start - (start % unit), end: Math.ceil(end / unit) * unit };
}

export function widened({ address, bytes }: Segment, unit: number): Segment {
  const { start, end } = wholeUnits({ start: address, end: address + bytes.length }, unit);
  const whole = new Uint8Array(end - start).fill(ERASED);
  whole.set(bytes, address - start);
  return { address: start, bytes: whole };
}

/** Erased units at the ends, and long runs of them inside, need no write. */
export function withoutErased({ address, bytes }: Segment, unit: number, least: number): Segment[] {
  const pieces: Segment[] = [];
  let from = -1;
  let blankFrom = -1;
  const push = (end: number): void => {
    if (from >= 0 && end > from) pieces.push({ address: address + from, bytes: bytes.subarray(from, end) });
    from = -1;
  };
  for (let at = 0; at < bytes.length; at += unit) {
    const blank = bytes.subarray(at, at + unit).every((byte) => byte === ERASED);
    if (blank) {
      if (blankFrom < 0) blankFrom = at;
      if (at + unit - blankFrom >= least) push(blankFrom);
    } else {
      blankFrom = -1;
      if (from < 0) from = at;
    }
  }
  push(blankFrom < 0 ? bytes.length : blankFrom);
  return pieces;
}

export function joined(segments: readonly Segment[]): Segment[] {
  const result: Segment[] = [];
  for (const { address, bytes } of segments) {
    const last = result.at(-1);
    if (!last || last.address + last.bytes.length !== address) {
      result.push({ address, bytes });
      continue;
    }
    const both = new Uint8Array(last.bytes.length + bytes.length);
    both.set(last.bytes);
    both.set(bytes, last.bytes.length);
    result[result.length - 1] = { address: last.address, bytes: both };
  }
  return result;
}
